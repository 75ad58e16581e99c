/** The search of everything (Ctrl+K): that it reaches everything, and what it costs the server. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, newPage, openBrowser, see, signIn, waitForPlace } from "./support/browser.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  for (let number = 1; number <= 30; number++) {
    const fields = ["title", "place"].map((name) => ({ name, type: "text" }));
    await server.client.collections.create({ name: `shelf_${number}`, type: "base", fields });
  }
  await server.client.collection("shelf_30").create({ title: "Tower", place: "Mountain View" });
  for (const title of ["Green towers", "Towers in red", "Two towers", "More towers", "Towers"]) {
    await server.client.collection("shelf_9").create({ title });
  }
});
after(() => Promise.all([browser?.close(), server?.stop()]));

test("records of every collection are found by what they hold, a few collections at a time", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/shelf_9`);
  await see(page.getByRole("heading", { name: "shelf_9" }));
  let [running, most] = [0, 0];
  // The browser may tell of the next request before it tells that the one before it has ended.
  await page.route(/Mountain/, async (route) => {
    running += 1;
    most = Math.max(most, running);
    const response = await route.fetch();
    running -= 1;
    await route.fulfill({ response });
  });
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Search collections" });
  await box.fill("Mountain");
  await see(page.getByRole("option", { name: "Tower place: Mountain View shelf_30" }));
  assert.ok(most > 0 && most <= 4, `${most} collections are searched at a time`);
  await assertAccessible(page);

  // One that is called exactly so comes before the others of its collection, even where those fill the list.
  await box.fill("towers");
  await see(page.getByRole("option").first().getByText("Towers", { exact: true }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/collections\/shelf_9\?record=/);

  // Where there is no room for all of them, their sheet shows them.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await box.fill("towers");
  await page.getByRole("option", { name: "All with “towers” in shelf_9" }).click();
  await waitForPlace(page, "/collections/shelf_9?filter=towers");
  await see(page.getByRole("gridcell", { name: "Two towers" }));
  assert.equal(await page.getByRole("gridcell", { name: /towers/i }).count(), 5);
});

test("a hidden page searches nothing", async () => {
  const page = await newPage(browser);
  await page.clock.install();
  await signIn(page, `${server.dashboard}#/collections/shelf_9`);
  await see(page.getByRole("heading", { name: "shelf_9" }));
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("Mountain")) asked += 1;
  });
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Search collections" });
  await see(box);
  await turn(page, "hidden");
  await box.fill("Mountain");
  await page.clock.runFor(5_000);
  assert.equal(asked, 0);
  await turn(page, "visible");
  await see(page.getByRole("option", { name: "Tower place: Mountain View shelf_30" }));
});

test("settings are found by what they hold, actions by what they do", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/shelf_2`);
  await see(page.getByRole("heading", { name: "shelf_2" }));
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Search collections" });
  const first = page.getByRole("option").first();
  const found = {
    smtp: "Settings: Mail",
    "rate limit": "Settings: Limits",
    crons: "Scheduled jobs",
    "shelf 3": "shelf_3",
    token: "users: signing in and tokens",
    "new record": "New record in shelf_2",
  };
  for (const [typed, label] of Object.entries(found)) {
    await box.fill(typed);
    await see(first.getByText(label, { exact: true }));
  }
  await page.keyboard.press("Enter");
  await waitForPlace(page, "/collections/shelf_2?create=empty");
  await page.keyboard.press("Escape");
  await waitForPlace(page, "/collections/shelf_2");
  await page.keyboard.press("Control+k");
  await box.fill("make a backup");
  await see(first.getByText("Make a backup", { exact: true }));
  await page.keyboard.press("Enter");
  await waitForPlace(page, "/backups");
  await see(page.getByRole("button", { name: "Restore" }));
});

/** @param {import("playwright-core").Page} page @param {"hidden" | "visible"} state */
async function turn(page, state) {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}
