/** Settings, backups, the log, scheduled jobs, the SQL console and the team, through the real program. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { assertAccessible, holdRequests, newPage, openBrowser, see, signIn, waitForPlace } from "./support/browser.js";
import { SUPERUSER, startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** @param {string} path */
async function visit(path) {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#${path}`);
  await waitForPlace(page, path);
  return page;
}

test("settings are kept as typed until they are right, and then saved", async () => {
  const page = await visit("/settings");
  await page.getByLabel("Name of the application").fill("");
  await page.getByLabel("Address of the application").fill("https://shop.example.com");
  await page.getByRole("button", { name: "Save" }).click();
  await see(page.getByText("Not saved: some inputs need a correction."));
  await see(page.getByText("Please fill this in."));
  assert.equal(await page.getByLabel("Address of the application").inputValue(), "https://shop.example.com");
  await page.getByLabel("Name of the application").fill("Record shop");
  await page.getByRole("button", { name: "Save" }).click();
  await see(page.getByText("The settings are saved."));
  const { meta } = await server.client.settings.getAll();
  assert.deepEqual([meta.appName, meta.appURL], ["Record shop", "https://shop.example.com"]);
  for (const tab of ["Application", "Mail", "Files", "Limits", "Access", "Log"]) {
    await page.getByRole("tab", { name: tab, exact: true }).click();
    await assertAccessible(page);
  }
});

test("settings that are typed while others are saved stay, and what a colleague saves is not undone", async () => {
  const page = await visit("/settings");
  await page.getByLabel("Name of the application").fill("Books");
  await server.client.settings.update({ meta: { senderName: "Mia" } });
  const saving = await holdRequests(page, "PATCH", /\/api\/settings/);
  await page.getByRole("button", { name: "Save" }).click();
  await saving.asked;
  await page.getByLabel("Address of the application").fill("https://books.example.com");
  saving.release();
  await see(page.getByText("The settings are saved."));
  await see(page.getByRole("button", { name: "Save", disabled: false }));
  assert.equal(await page.getByLabel("Address of the application").inputValue(), "https://books.example.com");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Save" }).waitFor({ state: "detached" });
  const { meta } = await server.client.settings.getAll();
  assert.deepEqual([meta.appName, meta.appURL, meta.senderName], ["Books", "https://books.example.com", "Mia"]);
});

test("a bucket is filled in before it is used, so that files can be moved first", async () => {
  const page = await visit("/settings?tab=storage");
  await page.getByText("The bucket").first().click();
  await page.getByLabel("Address of the service").first().fill("https://s3.example.com");
  await page.getByLabel("Bucket", { exact: true }).first().fill("shop");
  await see(page.getByText("steading files move --to s3"));
  await page.getByRole("button", { name: "Save" }).click();
  await see(page.getByText("The settings are saved."));
  const { s3 } = await server.client.settings.getAll();
  assert.deepEqual([s3.enabled, s3.endpoint, s3.bucket], [false, "https://s3.example.com", "shop"]);
});

test("leaving with unsaved settings asks first", async () => {
  const page = await visit("/settings");
  await page.getByLabel("Name of the application").fill("Something else");
  await page.getByRole("link", { name: "Team" }).click();
  await page.getByRole("button", { name: "Stay here" }).click();
  assert.equal(await page.getByLabel("Name of the application").inputValue(), "Something else");
  await page.getByRole("link", { name: "Team" }).click();
  await page.getByRole("button", { name: "Leave without saving" }).click();
  await see(page.getByRole("heading", { name: "Team" }));
});

test("a colleague is invited, signs in, and is removed", async () => {
  const page = await visit("/team");
  await assertAccessible(page);
  await page.getByRole("button", { name: "Invite a colleague" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Email").fill("colleague@example.com");
  await dialog.getByRole("button", { name: "Suggest a password" }).click();
  const password = await dialog.getByLabel("Password", { exact: true }).inputValue();
  await dialog.getByRole("button", { name: "Invite a colleague" }).click();
  await see(dialog.getByText("colleague@example.com may sign in now."));
  // What the colleague needs, so that no mail is.
  assert.equal(
    await dialog.locator("pre").innerText(),
    `${server.dashboard}\nEmail: colleague@example.com\nPassword: ${password}`,
  );
  await see(dialog.getByText("This address works on this machine only."));
  await assertAccessible(page);
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await server.client.collection("_superusers").authWithPassword("colleague@example.com", password);
  await server.client.collection("_superusers").authWithPassword(SUPERUSER.email, SUPERUSER.password);

  await page.getByRole("button", { name: "Options: colleague@example.com" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await see(page.getByText("colleague@example.com is removed."));
  assert.equal((await server.client.collection("_superusers").getFullList()).length, 1);
});

test("a backup is made and deleted, and made automatically", async () => {
  const page = await visit("/backups");
  await page.getByRole("button", { name: "Make a backup" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Not A Name");
  await dialog.getByRole("button", { name: "Make a backup" }).click();
  await see(dialog.getByLabel("Name").and(page.locator("[aria-invalid=true]")));
  await dialog.getByLabel("Name").fill("first.zip");
  await dialog.getByRole("button", { name: "Make a backup" }).click();
  await see(page.getByText("The backup is made."));
  await see(page.getByText("first.zip"));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await see(page.getByText("The backup is deleted."));
  assert.equal((await server.client.backups.getFullList()).length, 0);

  await page.getByLabel("When").selectOption({ label: "Every six hours" });
  await page.getByRole("button", { name: "Save" }).click();
  await see(page.getByText("The schedule is saved."));
  assert.equal((await server.client.settings.getAll()).backups.cron, "0 */6 * * *");
});

test("a backup is restored, and what was there before is kept in another one", async () => {
  const other = await startServer();
  try {
    const fields = [{ name: "title", type: "text" }];
    await other.client.collections.create({ name: "kept", type: "base", fields });
    await other.client.backups.create("good.zip");
    await other.client.collections.create({ name: "later", type: "base", fields });
    const page = await newPage(browser);
    await signIn(page, `${other.dashboard}#/backups`);
    await page.getByRole("button", { name: "Restore" }).click();
    const dialog = page.getByRole("dialog", { name: "Go back to this backup?" });
    assert.equal(await dialog.getByLabel("Make a backup of the present state first").isChecked(), true);
    await assertAccessible(page);
    await dialog.getByRole("textbox").fill("good.zip");
    await dialog.getByRole("button", { name: "Restore" }).click();
    await see(page.getByText("The backup is restored. What was there before is in before_restore_"));
    await see(page.getByText(/^before_restore_\d{14}\.zip$/));
    const names = (await other.client.collections.getFullList()).map(({ name }) => name);
    assert.deepEqual([names.includes("kept"), names.includes("later")], [true, false]);
  } finally {
    await other.stop();
  }
});

test("the log says why something was refused", async () => {
  const refused = await fetch(`${server.client.baseURL}/api/collections/users/records?filter=(`);
  assert.equal(refused.status, 400);
  const page = await visit("/logs");
  // Entries are written in batches.
  await page.getByLabel("Live").check();
  await page.getByRole("switch", { name: "Only warnings and errors" }).check();
  await page.getByRole("button", { name: "GET /api/collections/users/records" }).click();
  await see(page.getByRole("dialog").getByText("400"));
  // In words, with the name for filters at hand.
  const names = await page.getByRole("dialog").locator("dt").allInnerTexts();
  assert.ok(names.includes("Address of who asked") && !names.includes("userIP"), names.join());
  await see(page.getByRole("dialog").getByTitle("data.userIP"));
  await page.keyboard.press("Escape");
  await assertAccessible(page);
});

test("the log leaves out what superusers ask, opens entries by their row, and is downloaded", async () => {
  await fetch(`${server.client.baseURL}/api/collections/users/records?fields=zebra`);
  const page = await visit("/logs");
  const hiding = page.getByRole("switch", { name: "Hide superusers' requests" });
  assert.equal(await hiding.isChecked(), true);
  const row = page.getByRole("row").filter({ hasText: "fields=zebra" });
  await page.getByRole("switch", { name: "Live" }).check();
  await see(row);
  await page.getByRole("switch", { name: "Live" }).uncheck();
  assert.equal(await page.getByRole("cell", { name: "_superusers", exact: true }).count(), 0);
  await assertAccessible(page);

  // Anywhere in the row, and what is typed is found without Enter.
  await row.getByRole("cell", { name: "Information" }).click();
  await see(page.getByRole("dialog").getByText("fields=zebra").first());
  await page.keyboard.press("Escape");
  await page.getByRole("combobox", { name: "Search" }).fill("zebra");
  await waitForPlace(page, "/logs?filter=zebra");
  // Until the answer is there, the entries from before are.
  const entries = page.getByRole("row").filter({ hasText: "/api/" });
  await entries.nth(1).waitFor({ state: "detached" });

  const read = async (/** @type {string} */ button) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: button }).click(),
    ]);
    return JSON.parse(await readFile(await download.path(), "utf8"));
  };
  /** @type {{ message: string }[]} */
  const found = await read("Download as JSON");
  assert.deepEqual(
    found.map(({ message }) => message),
    ["GET /api/collections/users/records?fields=zebra"],
  );
  await page.getByRole("combobox", { name: "Search" }).fill("");
  await waitForPlace(page, "/logs");
  await see(entries.nth(1));
  await row.getByRole("checkbox").check();
  const [entry] = await read("Download 1 entry as JSON");
  assert.equal(entry.data.url, "/api/collections/users/records?fields=zebra");

  await hiding.uncheck();
  await see(page.getByRole("cell", { name: "_superusers", exact: true }));
  await page.reload();
  await see(page.getByRole("cell", { name: "_superusers", exact: true }));
  assert.equal(await hiding.isChecked(), false);
});

test("a misspelt field in the search of the log is said", async () => {
  const page = await visit("/logs");
  const box = page.getByRole("combobox", { name: "Search" });
  await box.fill("statu >= 100");
  await box.press("Enter");
  await see(page.getByRole("alert").getByText("There is no field “statu”. Did you mean “data.status”?"));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Use data.status" }).click();
  await waitForPlace(page, "/logs?filter=data.status+%3E%3D+100");
  await box.fill("data.sttaus >= 100");
  await box.press("Enter");
  await see(page.getByText("Did you mean “data.status”?"));
  await page.getByRole("button", { name: "Use data.status" }).click();
  await waitForPlace(page, "/logs?filter=data.status+%3E%3D+100");
});

test("earlier searches of the log are offered below its search box", async () => {
  const page = await visit("/logs");
  const box = page.getByRole("combobox", { name: "Search" });
  await box.fill("data.status = 418");
  await box.press("Enter");
  await see(page.getByText("No entry fits."));
  await page.getByRole("button", { name: "Empty the search box" }).click();
  await box.click();
  await page
    .getByRole("grid", { name: "Earlier searches" })
    .getByRole("button", { name: "data.status = 418", exact: true })
    .click();
  await see(page.getByText("No entry fits."));
  assert.equal(await box.inputValue(), "data.status = 418");
});

test("the live log asks again by itself, but not while its tab is hidden", async () => {
  const page = await newPage(browser);
  await page.clock.install();
  await signIn(page, `${server.dashboard}#/logs`);
  let asked = 0;
  page.on("request", (request) => {
    if (/\/api\/logs\?/.test(request.url())) asked += 1;
  });
  const nextAnswer = () => page.waitForResponse((response) => /\/api\/logs\?/.test(response.url()));
  await page.getByRole("switch", { name: "Live" }).check();
  await see(page.getByText("while this tab is in view"));
  await Promise.all([nextAnswer(), page.clock.fastForward(3_100)]);

  /** @param {"hidden" | "visible"} state */
  const turn = (state) =>
    page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await turn("hidden");
  const before = asked;
  for (let second = 0; second < 10; second++) await page.clock.runFor(1_000);
  assert.equal(asked, before, "a hidden tab asks for nothing");
  await turn("visible");
  await Promise.all([nextAnswer(), page.clock.runFor(3_100)]);
});

test("a job runs when it is asked to", async () => {
  const page = await visit("/crons");
  await page.getByRole("button", { name: "Run now: Remove old log entries" }).click();
  await see(page.getByText("“Remove old log entries” was started."));
  await assertAccessible(page);
});

test("the SQL console completes names, shows rows, remembers, and marks what is wrong", async () => {
  const page = await visit("/sql");
  const editor = page.getByRole("textbox", { name: "Query" });
  await editor.fill("SELECT 1 AS one, '<b>x</b>' AS html, NULL AS void");
  await page.keyboard.press("Control+Enter");
  await see(page.getByRole("cell", { name: "<b>x</b>" }));
  await see(page.getByRole("cell", { name: "NULL" }));
  await assertAccessible(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download as CSV" }).click();
  assert.equal((await download).suggestedFilename(), "result.csv");

  await editor.fill("SELECT nmae FROM users");
  await page.getByRole("button", { name: "Run" }).click();
  await see(page.getByText("no such column: nmae"));
  assert.equal(await page.locator(".cm-lintRange-error").textContent(), "nmae");
  assert.equal(await editor.getAttribute("aria-invalid"), "true");
  await assertAccessible(page);
  // A mark is about what was run.
  await editor.press("End");
  await editor.pressSequentially(" WHERE verif");
  await page.locator(".cm-lintRange-error").waitFor({ state: "detached" });
  // Columns of the table of the query, and tables.
  await see(page.getByRole("option", { name: /^verified/ }));
  await editor.fill("");
  await editor.pressSequentially("SELECT * FROM _super");
  await page.getByRole("option", { name: /^_superusers/ }).click();
  await editor.press("Control+Enter");
  await see(page.getByRole("cell", { name: SUPERUSER.email }));

  await page.getByRole("button", { name: /^SELECT 1 AS one/ }).click();
  await see(editor.getByText("SELECT 1 AS one"));
});

test("a query that was not run is still there after going elsewhere and loading again, for nobody else", async () => {
  const page = await visit("/sql");
  const editor = page.getByRole("textbox", { name: "Query" });
  await editor.fill("SELECT 'half a");
  await page.getByRole("link", { name: "Backups" }).click();
  await see(page.getByRole("heading", { name: "Backups", level: 1 }));
  await page.getByRole("link", { name: "SQL console" }).click();
  await see(editor.getByText("SELECT 'half a"));
  await page.reload();
  await see(editor.getByText("SELECT 'half a"));
  // Emptied means emptied.
  await editor.fill("");
  await page.reload();
  await see(page.getByRole("heading", { name: "SQL console", level: 1 }));
  assert.equal(await editor.getByText("half a").count(), 0);

  await editor.fill("SELECT 'of the owner'");
  const colleague = { email: "other@example.com", password: "another good one" };
  const { id } = await server.client
    .collection("_superusers")
    .create({ ...colleague, passwordConfirm: colleague.password });
  await page.getByRole("button", { name: SUPERUSER.email }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByLabel("Email").fill(colleague.email);
  await page.getByLabel("Password", { exact: true }).fill(colleague.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "SQL console" }).click();
  await see(page.getByRole("button", { name: "Run" }));
  assert.equal(await page.getByText("of the owner").count(), 0);
  assert.equal(await page.getByRole("button", { name: /^SELECT/ }).count(), 0);
  await server.client.collection("_superusers").delete(id);
});
