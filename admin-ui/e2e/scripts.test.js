/** Scripts: looking at them, changing them, what goes wrong, their log, trying things out, crons. */

import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  assertAccessible,
  eventually,
  holdMessage,
  newPage,
  openBrowser,
  see,
  signIn,
  waitForPlace,
} from "./support/browser.js";
import { startServer } from "./support/server.js";

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

const ORDERS = `import "lib/prices" as prices;

before_create("orders", |e| {
    print(\`an order of \${e.record.quantity}\`);
    if e.record.quantity > 100 { let broken = 1 + (); }
    if e.record.quantity < 1 { reject(#{ quantity: "At least one, please." }); }
    e.record.total = prices::gross(e.record.quantity);
});
`;

before(async () => {
  [server, browser] = await Promise.all([
    startServer({
      files: {
        "config.toml": "[scripts]\neditable = true\n",
        "scripts/orders.rhai": ORDERS,
        "scripts/lib/prices.rhai": "fn gross(amount) { amount * 3 }\n",
        "scripts/clock.rhai":
          'cron("low-stock", "30 7 * * 1-5", #{ zone: "Europe/Vienna" }, || { throw "The shelf is empty"; });\n',
        "scripts/night.rhai": 'cron("nightly", "0 3 * * *", #{ catch_up: true }, || {});\n',
      },
    }),
    openBrowser(),
  ]);
  await server.client.collections.create({
    name: "orders",
    type: "base",
    fields: [
      { name: "quantity", type: "number" },
      { name: "total", type: "number" },
    ],
  });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** @param {string} path @param {import("./support/server.js").TestServer} [at] */
async function visit(path, at = server) {
  const page = await newPage(browser);
  await signIn(page, `${at.dashboard}#${path}`);
  await waitForPlace(page, path);
  return page;
}

/** The editor itself; until it is loaded, a plain text area is in its place. @param {Page} page */
function editorOf(page) {
  return page.locator(".cm-content");
}

/** @param {string} name */
function onDisk(name) {
  return join(server.folder, "scripts", name);
}

/** @param {number} quantity */
async function order(quantity) {
  return await server.client.collection("orders").create({ quantity });
}

test("files show what they handle, how often, and what went wrong, at its line", async () => {
  await order(2);
  await assert.rejects(order(101));
  await assert.rejects(order(0));
  const page = await visit("/scripts");
  const row = page.getByRole("row", { name: /^before_create orders/ });
  await see(row.getByRole("cell", { name: "3", exact: true }));
  await see(row.getByRole("cell", { name: "1", exact: true }));
  await assertAccessible(page);
  await row.getByRole("link", { name: "orders.rhai:3" }).click();
  await waitForPlace(page, "/scripts?file=orders.rhai&line=3");
  await see(editorOf(page).getByText("before_create"));
  await see(page.locator(".cm-lineNumbers"));
  await assertAccessible(page);

  await page.getByRole("tab", { name: "Log" }).click();
  await see(page.getByText("an order of 2"));
  await order(7);
  await see(page.getByText("an order of 7"));
  await see(page.getByRole("link", { name: /^orders\.rhai:5:/ }));
  await assertAccessible(page);
});

test("a mistake is marked while it is typed and refused when it is saved; then the change counts", async () => {
  const page = await visit("/scripts?file=lib%2Fprices.rhai");
  await editorOf(page).fill("fn gross(amount) { amount * ; }\n");
  await see(page.getByText(/^Line 1: /));
  await see(page.locator(".cm-lint-marker-error"));
  await page.getByRole("button", { name: "Save" }).click();
  await see(page.getByText(/^Not saved, and the version of before is in force\. Line 1: /));
  await assertAccessible(page);
  assert.equal((await order(1)).total, 3);

  await editorOf(page).fill("fn gross(amount) { amount * 4 }\n");
  await page.getByText(/^Line 1: /).waitFor({ state: "detached" });
  // Other files and tabs keep what was typed.
  await page.getByRole("link", { name: "clock.rhai", exact: true }).click();
  await see(editorOf(page).getByText("low-stock"));
  await see(page.getByRole("img", { name: "Not saved yet" }));
  await page.getByRole("link", { name: /^lib\/prices\.rhai/ }).click();
  await see(editorOf(page).getByText("amount * 4"));
  await page.getByRole("link", { name: "Team" }).click();
  await page.getByRole("button", { name: "Stay here" }).click();
  await page.keyboard.press("Control+s");
  await see(page.getByRole("status").getByText("Saved", { exact: true }));
  assert.equal((await order(1)).total, 4);
  assert.match(await readFile(onDisk("lib/prices.rhai"), "utf8"), /amount \* 4/);
});

test("a change by somebody else is said, and nothing that was typed is lost", async () => {
  const page = await visit("/scripts?file=clock.rhai");
  await see(editorOf(page).getByText("low-stock"));
  const mine = `${await readFile(onDisk("clock.rhai"), "utf8")}// mine\n`;
  await editorOf(page).fill(mine);
  await writeFile(onDisk("clock.rhai"), 'cron("theirs", "@daily", || {});\n');
  await see(page.getByText("Somebody has changed this file since you began."));
  await page.getByRole("button", { name: "Show the other version" }).click();
  await see(page.getByRole("dialog").getByText("theirs"));
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await see(editorOf(page).getByText("// mine"));
  await page.getByRole("button", { name: "Take the other version" }).click();
  await see(editorOf(page).getByText("theirs"));
  await (await holdMessage(page, "is discarded.")).getByRole("button", { name: "Undo" }).click();
  await see(editorOf(page).getByText("// mine"));
  await page.getByRole("button", { name: "Keep mine" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await see(page.getByRole("status").getByText("Saved", { exact: true }));
  assert.equal(await readFile(onDisk("clock.rhai"), "utf8"), mine);
});

test("a file is made, deleted, and comes back", async () => {
  const page = await visit("/scripts");
  await page.getByRole("button", { name: "New file" }).click();
  const dialog = page.getByRole("dialog", { name: "New file" });
  await dialog.getByLabel("Name").fill("../secret.rhai");
  await dialog.getByRole("button", { name: "Make the file" }).click();
  await see(dialog.getByLabel("Name").and(page.locator("[aria-invalid=true]")));
  await dialog.getByLabel("Name").fill("orders");
  await dialog.getByRole("button", { name: "Make the file" }).click();
  await see(dialog.getByText("There is a file with this name already."));
  await assertAccessible(page);
  await dialog.getByLabel("Name").fill("notes");
  await dialog.getByRole("button", { name: "Make the file" }).click();
  await waitForPlace(page, "/scripts?file=notes.rhai");
  await editorOf(page).pressSequentially("bef");
  await page.getByRole("option", { name: /^before_create/ }).click();
  await editorOf(page).pressSequentially('("ord');
  await page.getByRole("option", { name: /^orders/ }).click();
  await see(editorOf(page).getByText('before_create("orders"'));
  // As the guide describes it, so that new functions come by themselves.
  await editorOf(page).fill("");
  await editorOf(page).pressSequentially("verify_w");
  await see(page.getByRole("option", { name: "verify_webhook(sender, req, secret, options)" }));
  await see(page.getByText(/^The content of a webhook, if its sender has signed it/));
  await editorOf(page).fill('validate("orders", |e| {});');
  await page.getByRole("button", { name: "Save" }).click();
  await see(page.getByRole("row", { name: /^validate orders/ }));

  await page.getByRole("button", { name: "Delete" }).click();
  const message = await holdMessage(page, "notes.rhai is deleted, and does nothing any more.");
  await assert.rejects(readFile(onDisk("notes.rhai")));
  await message.getByRole("button", { name: "Undo" }).click();
  await see(page.getByRole("link", { name: "notes.rhai", exact: true }));
  assert.equal(await readFile(onDisk("notes.rhai"), "utf8"), 'validate("orders", |e| {});');
  // One that others need stays.
  await page.getByRole("link", { name: "lib/prices.rhai", exact: true }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await see(page.getByText(/^The other files cannot be used without this one/));
  assert.match(await readFile(onDisk("lib/prices.rhai"), "utf8"), /fn gross/);
});

test("a file is renamed with what was typed into it, and gets its old name back", async () => {
  await writeFile(onDisk("first.rhai"), 'validate("orders", |e| {});\n');
  const page = await visit("/scripts?file=first.rhai");
  await editorOf(page).fill('validate("orders", |e| {});\n// typed');
  await page.getByRole("button", { name: "Rename" }).click();
  const dialog = page.getByRole("dialog", { name: "Rename first.rhai" });
  await dialog.getByLabel("Name").fill("orders.rhai");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await see(dialog.getByLabel("Name").and(page.locator("[aria-invalid=true]")));
  await assertAccessible(page);
  await dialog.getByLabel("Name").fill("second.rhai");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await waitForPlace(page, "/scripts?file=second.rhai");
  const message = await holdMessage(page, "first.rhai is now called second.rhai.");
  await see(editorOf(page).getByText("// typed"));
  assert.equal(await readFile(onDisk("second.rhai"), "utf8"), 'validate("orders", |e| {});\n');
  await assert.rejects(readFile(onDisk("first.rhai")));
  await message.getByRole("button", { name: "Undo" }).click();
  await waitForPlace(page, "/scripts?file=first.rhai");
  await see(editorOf(page).getByText("// typed"));
  await page.getByRole("button", { name: "Save" }).click();
  await see(page.getByRole("status").getByText("Saved", { exact: true }));
  assert.match(await readFile(onDisk("first.rhai"), "utf8"), /typed/);
  // One that others need keeps its name.
  await page.getByRole("link", { name: "lib/prices.rhai", exact: true }).click();
  await page.getByRole("button", { name: "Rename" }).click();
  const other = page.getByRole("dialog", { name: "Rename lib/prices.rhai" });
  await other.getByLabel("Name").fill("lib/costs.rhai");
  await other.getByRole("button", { name: "Rename" }).click();
  await see(other.getByRole("alert").getByText(/^orders\.rhai, line 1: /));
  assert.match(await readFile(onDisk("lib/prices.rhai"), "utf8"), /fn gross/);
});

test("a broken file in the folder is said on the screen and on the overview, with its line", async () => {
  await writeFile(onDisk("broken.rhai"), "\nbefor_create(1);\n");
  try {
    await eventually(async () => assert.notEqual((await server.client.send("/api/scripts", {})).problem, null));
    const page = await visit("/collections");
    const finding = page.getByRole("listitem").filter({ hasText: "broken.rhai, line 2" });
    await see(finding);
    await finding.getByRole("link", { name: "Look at it" }).click();
    await waitForPlace(page, "/scripts?file=broken.rhai&line=2");
    const banner = page.getByRole("alert").filter({ hasText: "Those of before are in force" });
    await see(banner.getByText(/^broken\.rhai, line 2: /));
    await see(page.getByRole("img", { name: "Has a mistake" }));
    await assertAccessible(page);
    await editorOf(page).fill("// mended");
    await page.getByRole("button", { name: "Save" }).click();
    await banner.waitFor({ state: "detached" });
  } finally {
    await rm(onDisk("broken.rhai"), { force: true });
  }
});

test("lines that are tried out are undone, unless their changes are to be kept", async () => {
  const page = await visit("/scripts?tab=console");
  const count = async () => (await server.client.collection("orders").getList(1, 1)).totalItems;
  const before = await count();
  await editorOf(page).fill('print("made one");\ndb.create("orders", #{ quantity: 5 }).quantity');
  await see(page.getByText("Everything that the lines write is undone after the run."));
  await page.keyboard.press("Control+Enter");
  const result = page.getByRole("region", { name: "Result" });
  await see(result.getByText("Done, and undone again"));
  await see(result.getByText("made one"));
  await see(result.locator("pre").getByText("5", { exact: true }));
  await assertAccessible(page);
  assert.equal(await count(), before);
  await page.getByLabel("Keep the changes").check();
  await see(page.getByText("What the lines write stays, and cannot be undone."));
  await page.getByRole("button", { name: "Run" }).click();
  await see(result.getByText("Done, and the changes are kept"));
  assert.equal(await count(), before + 1);

  await editorOf(page).fill('\ndb.create("orders", #{ quantity: 0 })');
  await page.getByRole("button", { name: "Run" }).click();
  await see(result.getByText(/^Line 2: .*At least one, please\./));
  await see(page.locator(".cm-lintRange-error"));
  await assertAccessible(page);
});

test("lines that were not run are still there after going elsewhere and loading again", async () => {
  const page = await visit("/scripts?tab=console");
  await editorOf(page).fill('print("half');
  await page.getByRole("link", { name: "Backups" }).click();
  await see(page.getByRole("heading", { name: "Backups", level: 1 }));
  await page.goBack();
  await see(editorOf(page).getByText('print("half'));
  await page.reload();
  await see(editorOf(page).getByText('print("half'));
});

test("a cron says when it runs, where, and that it failed", async () => {
  const page = await visit("/crons");
  const row = page.getByRole("listitem").filter({ hasText: "low-stock" });
  await see(row.getByText("Monday, Tuesday, Wednesday, Thursday and Friday at 07:30, Europe/Vienna"));
  await see(row.getByRole("link", { name: "clock.rhai:1" }));
  await row.getByRole("button", { name: "Run now: low-stock" }).click();
  await see(row.getByText(/^Failed on .*The shelf is empty/));
  await see(row.getByText("Has never worked"));
  await see(row.getByText(/1 run since/));
  const nightly = page.getByRole("listitem").filter({ hasText: "nightly" });
  await see(nightly.getByText("makes up for a missed run"));
  await see(nightly.getByText("Has not run yet"));
  await nightly.getByRole("button", { name: "Run now: nightly" }).click();
  await see(nightly.getByText(/^Ran on .*, in \d+ ms$/));
  await assertAccessible(page);
});

test("without the permission of the config file, scripts are shown, and how to allow changes", async () => {
  const locked = await startServer({ files: { "scripts/orders.rhai": 'validate("users", |e| {});\n' } });
  try {
    const page = await visit("/scripts?file=orders.rhai", locked);
    await see(page.getByText("The files are changed on the server, in the folder"));
    await page.getByRole("button", { name: "Change them here" }).click();
    await see(page.getByText("editable = true"));
    await see(page.getByRole("row", { name: /^validate users/ }));
    assert.equal(await page.getByRole("button", { name: "Save" }).count(), 0);
    await editorOf(page).press("x");
    assert.match((await editorOf(page).textContent()) ?? "", /^validate/);
    await assertAccessible(page);
    await page.getByRole("tab", { name: "Try out" }).click();
    await see(page.getByText("That is switched off"));
    await assertAccessible(page);
  } finally {
    await locked.stop();
  }
});

test("somebody without scripts is told what they are for, and begins with the first", async () => {
  const empty = await startServer({ files: { "config.toml": "[scripts]\neditable = true\n" } });
  try {
    const page = await visit("/scripts", empty);
    await see(page.getByText("Access rules say who may do what. A script says what happens then"));
    await assertAccessible(page);
    await page.getByRole("button", { name: "Begin with this one" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Make the file" }).click();
    await see(page.getByRole("row", { name: /^before_create orders/ }));
    await see(editorOf(page).getByText("At least one, please."));
  } finally {
    await empty.stop();
  }
});
