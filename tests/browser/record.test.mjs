// The record in a real browser: people imported from three files, a concern worked from received to
// closed with its outcome told, put right, shared with the parent and opened by them with a PIN.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { PATIENCE, address, handset, isSound, launch, signIn, text } from "./school.mjs";

const SARAH = "+447700900103";
const WIDTHS = [1100, 400];
const demo = (name) => fileURLToPath(new URL(`../../demo/${name}.csv`, import.meta.url));
const tag = Date.now().toString(36);
const worry = `im worried about leo, he hates his new reading group (${tag})`;
const agreed = `Leo reads with Mrs Okafor each Tuesday until half-term (${tag}).`;

let browser;
before(async () => {
  browser = await launch();
});
after(async () => browser?.close());

/** Somebody signed in, in a browser of their own. */
async function as(who, options = {}) {
  const page = await (await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })).newPage();
  await signIn(page, `${who}@kingfisher.example`);
  return page;
}

/** Sound on a desk and on a phone. */
async function isSoundEverywhere(page, name) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await isSound(page, `${name} at ${width} pixels`);
  }
  await page.setViewportSize({ width: 1100, height: 900 });
}

test("the office imports the school from three files, with scripts off", async () => {
  const page = await as("park", { javaScriptEnabled: false });
  await page.goto(address("/people"));
  await page.getByRole("link", { name: "Import them from the school's system" }).click();
  for (const [label, name] of [["Pupils", "pupils"], ["Parents and carers", "adults"], ["Staff", "staff"]]) {
    await page.getByLabel(label, { exact: true }).setInputFiles(demo(name));
  }
  await page.getByRole("button", { name: "See what would change" }).click();
  await page.getByRole("heading", { name: "What would change" }).waitFor();
  await page.getByText("From pupils.csv, adults.csv, staff.csv. Nothing is changed yet.").waitFor();
  await page.getByText("are as they were.").waitFor();
  await page.getByRole("button", { name: "Throw the files away" }).click();
  await page.getByText("The files were thrown away. Nothing was changed.").waitFor();
  await page.context().close();
});

test("a file with a fault is told row by row, and what is new is imported", async () => {
  const page = await as("park");
  await page.goto(address("/people/import"));
  await isSoundEverywhere(page, "Import people");
  const file = (text) => ({ name: "adults.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  const headings = "Contact Name,Mobile,Pupil,Relationship\n";
  const adults = page.getByLabel("Parents and carers", { exact: true });
  await adults.setInputFiles(file(`${headings}Ann Example,07700 900199,Nobody Atall,Mother\n`));
  await page.getByRole("button", { name: "See what would change" }).click();
  await page.getByText("there is no pupil `Nobody Atall`").waitFor();
  await isSoundEverywhere(page, "a file with a fault");
  await page.goto(address("/people"));
  await isSoundEverywhere(page, "People");
  await page.getByLabel("Name or phone number").fill("reed");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Mark Reed" }).waitFor();
  await isSoundEverywhere(page, "People, found");
  await page.getByRole("link", { name: "Mark Reed" }).click();
  await page.getByText("not checked: the office is asked first").waitFor();
  await isSoundEverywhere(page, "a parent's record");
  await page.context().close();
});

test("a concern is worked to its end, put right, and shared with the parent who wrote", async () => {
  const phone = await (await browser.newContext({ viewport: { width: 900, height: 900 } })).newPage();
  await text(phone, SARAH, worry);
  const thread = phone.getByRole("list", { name: "Texts, oldest first" });
  await thread.getByText(/C-\d+/).last().waitFor({ timeout: PATIENCE });
  const reference = (await thread.innerText()).match(/C-\d+/g).at(-1);
  const path = `/c/${reference.slice(2)}`;

  const page = await as("cole");
  await page.goto(address(path));
  await page.getByText("We have talked").click();
  await page.getByLabel("Who talked, and about what").fill("Mrs Cole rang Sarah Reed.");
  await page.getByRole("button", { name: "Keep it in the record" }).click();
  await page.getByText("It is in the record.").waitFor();
  await page.getByText("What came of it", { exact: true }).click();
  await page.getByLabel(/^What was agreed/).fill(agreed);
  await isSoundEverywhere(page, "a case with an outcome to write");
  await page.getByRole("button", { name: "Keep the outcome" }).click();
  await page.getByText("They are told, and it is in the record.").waitFor();
  await phone.goto(handset(SARAH));
  await thread.getByText(agreed).waitFor({ timeout: PATIENCE });

  await page.getByRole("button", { name: "Set the review" }).click();
  await page.getByText("to be looked at again on").first().waitFor();
  await page.getByRole("link", { name: /^Put right or add.*Talk/ }).first().click();
  await page.getByLabel("What is right").fill("Sarah Reed rang Mrs Cole.");
  await isSoundEverywhere(page, "an entry");
  await page.getByRole("button", { name: "Add it" }).click();
  await page.getByText("It stands beside the entry, which stays as it was.").waitFor();

  const office = await as("park");
  await office.goto(address("/people/adults/sarah-reed"));
  await office.getByRole("button", { name: "Make a PIN for them" }).click();
  await isSoundEverywhere(office, "a PIN");
  const pin = (await office.locator(".govuk-heading-xl").innerText()).trim();
  assert.match(pin, /^\d{6}$/);

  await page.goto(address(`${path}/share`));
  await isSoundEverywhere(page, "Share");
  await page.getByText("Nobody has decided").first().waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^Text them the link.*Sarah Reed/ }).click();
  await page.getByText("The link is on its way to them.").waitFor();
  await phone.goto(handset(SARAH));
  await thread.getByText("/p/").waitFor({ timeout: PATIENCE });
  const link = (await thread.innerText()).match(/https?:\S+\/p\/[0-9a-f]+/).at(-1);

  // A phone of hers, signed in nowhere.
  const hers = await (await browser.newContext({ viewport: { width: 400, height: 800 } })).newPage();
  await hers.goto(address(new URL(link).pathname));
  assert.ok(!(await hers.content()).includes("Leo"), "nothing before the PIN");
  await hers.getByLabel("Your PIN").fill("1");
  await hers.getByRole("button", { name: "Open" }).click();
  await hers.getByText("That did not open the page.").waitFor();
  await hers.getByLabel("Your PIN").fill(pin);
  await hers.getByRole("button", { name: "Open" }).click();
  await hers.getByText(agreed).first().waitFor();
  await isSoundEverywhere(hers, "a parent's page");
  await hers.getByLabel(/^Something to add/).fill(`He likes football books (${tag}).`);
  await hers.getByRole("button", { name: "Add this" }).click();
  await hers.getByText("Your words are in the record").waitFor();

  // It is screened first: it stands there within a moment.
  const added = page.getByText(`He likes football books (${tag}).`).first();
  for (let tries = 0; tries < 20 && !(await added.isVisible()); tries += 1) {
    await page.goto(address(path));
    await page.waitForTimeout(PATIENCE / 20);
  }
  await added.waitFor();
  await page.getByRole("button", { name: "I have read what they wrote" }).click();
  await page.getByLabel(/^A last word/).fill("They move away next week.");
  await page.getByRole("button", { name: "Close the case" }).click();
  await page.getByText("The case is closed.").waitFor();

  // On paper there is what was said and agreed, and nothing to press.
  await page.emulateMedia({ media: "print" });
  await page.getByText(worry).first().waitFor();
  await page.getByText(agreed).first().waitFor();
  assert.equal(await page.getByRole("button").filter({ visible: true }).count(), 0, "buttons on paper");
  await page.emulateMedia({ media: "screen" });
  await page.getByRole("link", { name: /^A pack for a review/ }).click();
  await page.getByText(agreed).first().waitFor();

  // Her copy of everything, as she asked the school for it.
  await page.goto(address("/requests"));
  await page.getByLabel("Whom it is about").selectOption({ label: "Sarah Reed" });
  await page.getByLabel("Who asked").fill("Sarah Reed, by text");
  await page.getByRole("button", { name: "Write it down" }).click();
  for (const button of ["Save the copy, to read", "Save it for a program (JSON)"]) {
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: button }).click();
    const copy = readFileSync(await (await saved).path(), "utf8");
    assert.ok(copy.includes(worry), `${button}: what she wrote is missing`);
  }
  await page.getByRole("button", { name: "It is answered" }).click();
  await page.getByText("answered by").first().waitFor();
  for (const one of [phone, page, office, hers]) await one.context().close();
});

test("what a page has shown by itself is answered at once, and what it has not is shown first", async () => {
  const phone = await (await browser.newContext()).newPage();
  await text(phone, SARAH, `${worry} again`);
  const thread = phone.getByRole("list", { name: "Texts, oldest first" });
  await thread.getByText(/C-\d+/).last().waitFor({ timeout: PATIENCE });
  const reference = (await thread.innerText()).match(/C-\d+/g).at(-1);
  const path = `/c/${reference.slice(2)}`;
  const page = await as("cole");
  await page.goto(address(path));
  const still = await (await browser.newContext({
    javaScriptEnabled: false, storageState: await page.context().storageState(),
  })).newPage();
  await still.goto(address(path));

  await text(phone, SARAH, `He would not put his shoes on (${tag}).`);
  await page.getByText(`He would not put his shoes on (${tag}).`).first().waitFor({ timeout: PATIENCE });
  await page.getByLabel("Reply to the parent").fill("I will ring you at 3.");
  await page.getByRole("button", { name: "Send the reply" }).click();
  await page.getByText("Your reply is on its way").waitFor();

  await still.getByLabel("Reply to the parent").fill("See you then.");
  await still.getByRole("button", { name: "Send the reply" }).click();
  await still.getByText("They have written since you opened this page").first().waitFor();
  assert.equal(await still.getByLabel("Reply to the parent").inputValue(), "See you then.");
  await still.getByRole("button", { name: "Send the reply" }).click();
  await still.getByText("Your reply is on its way").waitFor();
  for (const one of [phone, page, still]) await one.context().close();
});
