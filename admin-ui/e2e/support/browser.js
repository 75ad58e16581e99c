/** A browser for tests, and the few gestures that every test makes. */

import assert from "node:assert/strict";
import axe from "axe-core";
import { chromium } from "playwright-core";
import { SUPERUSER } from "./server.js";

const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @param {string[]} [args] more arguments for the browser */
export async function openBrowser(args = []) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return await chromium.launch({ executablePath, args: [...QUIET, ...args] });
}

/**
 * A fresh visitor. Trouble in the page's own code fails the test that has caused it.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function newPage(browser, options) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  return page;
}

/** @param {import("playwright-core").Page} page @param {string} address */
export async function signIn(page, address) {
  await page.goto(address);
  await fillSignIn(page, SUPERUSER.password);
}

/** @param {import("playwright-core").Page} page @param {string} password */
export async function fillSignIn(page, password) {
  await page.getByLabel("Email").fill(SUPERUSER.email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Waits until it is there. @param {import("playwright-core").Locator} locator */
export async function see(locator) {
  await locator.first().waitFor();
}

/** Waits until the part after `#` is this. @param {import("playwright-core").Page} page @param {string} place */
export async function waitForPlace(page, place) {
  await page.waitForURL((url) => url.hash === `#${place}`);
}

/**
 * Can everybody use this screen? Asked in both colour schemes, because contrast differs.
 *
 * @param {import("playwright-core").Page} page
 */
export async function assertAccessible(page) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axe.source);
    // Colours fade from one scheme to the other; half way there the contrast means nothing. What is still being drawn
    // is looked at again; a fault that stays is one.
    await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState === "finished"));
    let violations = await findViolations(page);
    if (violations.length > 0) {
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      violations = await findViolations(page);
    }
    assert.deepEqual(violations, [], `axe finds faults in the ${colorScheme} scheme`);
  }
}

/** @param {import("playwright-core").Page} page axe is loaded */
async function findViolations(page) {
  return await page.evaluate(async () => {
    // @ts-expect-error axe is put there by the caller
    const result = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return result.violations.map(describe);

    /** @param {{ id: string, nodes: { html: string, failureSummary: string }[] }} violation */
    function describe({ id, nodes }) {
      return `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" ")}`;
    }
  });
}
