// What the browser tests share: the demo that is running, somebody signed in, a sound page.
//
// Needs SCHOOLGATE_URL, SCHOOLGATE_PASSWORD, and CHROMIUM (the browser's path); SCHOOLGATE_EMAIL is the
// SENCO's. With SCHOOLGATE_PICTURES=1 the README's pictures are written too.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import AxeBuilder from "@axe-core/playwright";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const { SCHOOLGATE_URL: site = "http://127.0.0.1:8080", CHROMIUM: executablePath = "/usr/bin/chromium" } = process.env;
export const { SCHOOLGATE_EMAIL: email = "cole@kingfisher.example", SCHOOLGATE_PASSWORD: password } = process.env;

/** Whether the README's pictures are wanted. */
export const pictures = process.env.SCHOOLGATE_PICTURES;

export const PATIENCE = 5_000;
const LARGEST_PAGE = 100 * 1024;

/** A browser that closes by itself; fails at once where no demo is named. */
export async function launch() {
  assert.ok(password, "SCHOOLGATE_PASSWORD is not set: `schoolgate demo` prints it");
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

export const address = (path) => new URL(path, site).href;
export const handset = (number) => address(`/handset?as=${encodeURIComponent(number)}`);

export async function signIn(page, who = email) {
  await page.goto(address("/sign-in"));
  await page.getByLabel("Email address").fill(who);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

export async function text(page, number, words) {
  await page.goto(handset(number));
  await page.getByLabel("Text the school").fill(words);
  await page.getByRole("button", { name: "Send" }).click();
}

/** How HTML may be written is the templates' matter; what it says must be right. */
const html = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    "no-trailing-whitespace": "off",
    "void-style": "off",
    "attribute-boolean-style": "off",
    // A title is as long as the names of a child and a school.
    "long-title": "off",
    // Boxes to tick with one name are a list.
    "form-dup-name": "off",
    // GOV.UK Frontend's own markup.
    "prefer-native-element": "off",
  },
});

/** The page as the server wrote it is valid HTML. What came of a form has no address of its own. */
async function isValid(page, name) {
  const answer = await page.request.get(page.url());
  if (!answer.ok()) return;
  const { results } = await html.validateString(await answer.text());
  const found = results.flatMap((r) => r.messages.map((m) => `${m.ruleId}: ${m.message} (line ${m.line})`));
  assert.deepEqual(found, [], `html-validate on ${name}`);
}

/** Valid, under 100 KB, and usable. */
export async function isSound(page, name) {
  await isValid(page, name);
  const size = Buffer.byteLength(await page.content());
  assert.ok(size < LARGEST_PAGE, `${name} has ${size} bytes`);
  await isUsable(page, name);
}

/** No axe violation, no scroll bar sideways at 320 pixels. */
export async function isUsable(page, name) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const found = violations.map((v) => `${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.html).join("\n    ")}`);
  assert.deepEqual(found, [], `axe on ${name}`);

  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  await page.setViewportSize(before);
  assert.ok(wide <= 320, `${name} is ${wide} pixels wide on a screen of 320`);
}

export async function picture(part, name) {
  if (!pictures) return;
  const folder = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  await part.screenshot({ path: `${folder}${name}.png` });
}
