/** A browser for tests, and the few gestures that every test makes. */

import assert from "node:assert/strict";
import { afterEach } from "node:test";
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

/** How long something may take to appear: long enough for a cold machine with other work. Only faults wait for it to end. */
const PATIENCE_MS = 30_000;

/** What is wrong for a moment only, such as the contrast of a part that is being drawn, is right by then. */
export const SETTLED_AFTER_MS = 8_000;

/** What the test that runs has opened. @type {Set<import("playwright-core").BrowserContext>} */
const opened = new Set();

// A page that stays open asks the server further, and takes time from the tests that follow. The script that takes
// pictures is no test, and closes its browser.
if (process.env.NODE_TEST_CONTEXT) afterEach(closePages);

async function closePages() {
  const contexts = [...opened];
  opened.clear();
  for (const context of contexts) {
    // A request that is answered by the test may be under way.
    await Promise.all(context.pages().map((page) => page.unrouteAll({ behavior: "ignoreErrors" })));
    await context.close();
  }
}

/** @param {string[]} [args] more arguments for the browser */
export async function openBrowser(args = []) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return await chromium.launch({ executablePath, args: [...QUIET, ...args] });
}

/**
 * A fresh visitor, who leaves when the test has ended. Trouble in the page's own code fails the test that has caused it.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function newPage(browser, options) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", ...options });
  opened.add(context);
  context.setDefaultTimeout(PATIENCE_MS);
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
 * Repeats assertions until they hold. For what follows an action a moment later, and is not an element to wait for. The
 * last attempt begins when the time is over, however long the others took.
 *
 * @template T
 * @param {() => Promise<T> | T} assertions
 * @returns {Promise<T>}
 */
export async function eventually(assertions, patienceMs = PATIENCE_MS) {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const isLast = Date.now() > deadline;
    try {
      return await assertions();
    } catch (error) {
      if (isLast) throw error;
    }
    await new Promise((next) => setTimeout(next, 50));
  }
}

/**
 * Waits until it has the focus, and for the next frame: editors set their selection there.
 *
 * @param {import("playwright-core").Locator} locator
 */
export async function seeFocus(locator) {
  await eventually(async () => {
    assert.equal(await locator.evaluate((element) => element === document.activeElement), true, "it has the focus");
  });
  await locator.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))));
}

/**
 * Holds back requests, as a slow server does.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} method
 * @param {RegExp} address
 */
export async function holdRequests(page, method, address) {
  let release = () => {};
  /** @type {Promise<void>} */
  const released = new Promise((done) => {
    release = done;
  });
  const asked = page.waitForRequest((request) => request.method() === method && address.test(request.url()));
  await page.route(address, async (route) => {
    if (route.request().method() === method) await released;
    await route.fallback();
  });
  // `asked` waits for the first one.
  return { asked, release };
}

/**
 * Waits for a message and points at it. Messages go away by themselves, but not while the pointer is on one. When
 * another leaves, this one moves from under the pointer, so it is pointed at again.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} text
 */
export async function holdMessage(page, text) {
  const message = page
    .locator("[role=dialog][data-type=done]:not([data-ending-style])")
    .filter({ hasText: text })
    .first();
  await message.waitFor();
  await page.locator("[role=dialog][data-type][data-ending-style]").first().waitFor({ state: "detached" });
  await eventually(async () => {
    await message.hover();
    assert.ok(await message.and(page.locator("[data-expanded]")).isVisible(), "the message is held");
  });
  return message;
}

/**
 * Can everybody use this screen? Asked in both colour schemes, because contrast differs. While something is being drawn
 * or fades, what is found means nothing: only a fault that stays is one.
 *
 * @param {import("playwright-core").Page} page
 */
export async function assertAccessible(page) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axe.source);
    await eventually(async () => {
      // Half way from one colour to another, a contrast means nothing.
      await animationsEnd(page);
      assert.deepEqual(await findViolations(page), [], `axe finds faults in the ${colorScheme} scheme`);
    }, SETTLED_AFTER_MS);
  }
}

/** Waits until nothing moves or fades. @param {import("playwright-core").Page} page */
export async function animationsEnd(page) {
  await eventually(async () => {
    const running = await page.evaluate(() => document.getAnimations().map(({ playState }) => playState));
    assert.ok(!running.includes("running"), "animations have ended");
  });
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
