// Every page that somebody's console leads to, as each role: found by following its links, so that a page
// that is added is looked at without being named here.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { address, isSound, isUsable, launch, signIn, text } from "./school.mjs";

/** One member of the demo school's staff for each role. */
const STAFF = {
  cole: "SENCO",
  hughes: "class teacher",
  baker: "key worker",
  adeyemi: "safeguarding lead",
  grant: "deputy lead",
  wright: "head",
  park: "office",
  shah: "chair of governors",
  evans: "governor",
  it: "IT",
  operator: "council operator",
};

/** What leads out of the console, or is no page. */
const NOT_PAGES = /^\/(handset|assets|events|sign-in|hooks)|\.(csv|ics|json|svg|xml|txt|zip)$/;

let browser;

before(async () => {
  browser = await launch();
  const phone = await (await browser.newContext()).newPage();
  await text(phone, "+447700900102", "im worried about zofia, she is not reading at all");
  await text(phone, "+447700900101", "can i book a meeting please");
  await text(phone, "+447700900199", "my son is afraid to go home, his uncle hurts him");
  await phone.context().close();
});

after(async () => browser?.close());

/** Pages alike but for whom or what they are about: one of them is looked at. */
function kind({ pathname, searchParams }) {
  const path = pathname
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "N")
    .replace(/\/(pupils|people|adults|children|flows|services|cover)\/[^/]+/g, "/$1/X");
  return [path, ...[...searchParams.keys()].sort()].join(" ");
}

for (const [who, role] of Object.entries(STAFF)) {
  test(`every page that the console leads to is sound: ${role}`, async () => {
    const page = await (await browser.newContext()).newPage();
    const complaints = [];
    const faults = [];
    page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
    await signIn(page, `${who}@kingfisher.example`);
    const seen = new Set();
    const ahead = [new URL(page.url())];
    while (ahead.length > 0) {
      const next = ahead.shift();
      if (seen.has(kind(next))) continue;
      seen.add(kind(next));
      const path = next.pathname + next.search;
      await page.setViewportSize({ width: 1100, height: 900 });
      const answer = await page.goto(next.href);
      assert.equal(answer.status(), 200, `${path}, to which ${role} is led`);
      await isSound(page, `${path} for ${role}`).catch((e) => faults.push(e.message));
      await page.setViewportSize({ width: 400, height: 800 });
      await isUsable(page, `${path} for ${role} on a phone`).catch((e) => faults.push(e.message));
      const links = await page.locator("a[href]").evaluateAll((all) => all.filter((a) => !a.download).map((a) => a.href));
      for (const link of links) {
        const url = new URL(link);
        if (url.origin === next.origin && !NOT_PAGES.test(url.pathname)) ahead.push(url);
      }
    }
    assert.equal(faults.length, 0, faults.join("\n"));
    assert.deepEqual(complaints, [], "the browser complained");
    assert.ok(seen.size > 1, `${role} is led nowhere`);
    console.log(`${role}: ${seen.size} pages`);
    await page.context().close();
  });
}
