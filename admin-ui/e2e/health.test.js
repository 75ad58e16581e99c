/** The overview tells how the server is, and checks its database. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, newPage, openBrowser, see, signIn } from "./support/browser.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
});
after(() => Promise.all([browser?.close(), server?.stop()]));

test("versions and sizes are shown, and a check of the database says in words that it is sound", async () => {
  const page = await newPage(browser);
  await signIn(page, server.dashboard);
  const state = page.getByRole("region", { name: "State of the server" });
  const { version, engine } = await server.client.send("/api/server", {});
  await see(state.getByText(`Steading ${version}`));
  await see(state.getByText(engine, { exact: true }));
  await see(state.getByText("Reads all data and looks for damage"));
  await state.getByRole("button", { name: "Check the database" }).click();
  await see(state.getByText(/^No damage found\. \d+ tables were read in full/));
  const { check } = await server.client.send("/api/server", {});
  assert.deepEqual(check.last.damage, []);
  await assertAccessible(page);
});

test("damage is said with what to do about it", async () => {
  const page = await newPage(browser);
  // A sound server has no damage to show, so its answer is changed on the way.
  await page.route("**/api/server", async (route) => {
    const answer = await (await route.fetch()).json();
    const moment = "2026-01-02 03:04:05.006Z";
    const damage = ["row 5 missing from index idx_orders"];
    answer.check.last = { started: moment, finished: moment, tables: 12, damage, unchecked: [] };
    await route.fulfill({ json: answer });
  });
  await signIn(page, server.dashboard);
  const state = page.getByRole("region", { name: "State of the server" });
  await see(state.getByText(/^The database is damaged/));
  await see(state.getByText("row 5 missing from index idx_orders"));
  await assertAccessible(page);
  await state.getByRole("link", { name: "To the backups" }).click();
  await see(page.getByRole("heading", { name: "Backups" }));
});
