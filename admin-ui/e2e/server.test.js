/** Settings, backups, the log, scheduled jobs, the SQL console and the team, through the real program. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, newPage, openBrowser, see, signIn, waitForPlace } from "./support/browser.js";
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

test("the log says why something was refused", async () => {
  const refused = await fetch(`${server.client.baseURL}/api/collections/users/records?filter=(`);
  assert.equal(refused.status, 400);
  const page = await visit("/logs");
  // Entries are written in batches.
  await page.getByLabel("Live").check();
  await page.getByRole("switch", { name: "Only warnings and errors" }).check();
  await page.getByRole("button", { name: "GET /api/collections/users/records" }).click();
  await see(page.getByRole("dialog").getByText("400"));
  await page.keyboard.press("Escape");
  await assertAccessible(page);
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
