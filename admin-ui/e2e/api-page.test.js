/** The API page: its code is run as it stands, against the server that it was made for. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { assertAccessible, newPage, openBrowser, see, signIn } from "./support/browser.js";
import { SUPERUSER, startServer } from "./support/server.js";

const run = promisify(execFile);

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {string} */
let folder;

/** What the examples sign in with. */
const PASSWORD = "your password";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "steading-api-"));
  await symlink(resolve(import.meta.dirname, "../node_modules"), join(folder, "node_modules"));
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  const { client } = server;
  await client.settings.update({ batch: { enabled: true, maxRequests: 10, timeout: 3 } });
  const ana = { email: "ana@example.com", password: PASSWORD, passwordConfirm: PASSWORD, verified: true };
  await client.collection("users").create(ana);
  const shelves = await client.collections.create({
    name: "shelves",
    type: "base",
    fields: [{ name: "label", type: "text" }],
  });
  const { id: shelf } = await client.collection("shelves").create({ label: 'It\'s $5 "here"' });
  const signedIn = "@request.auth.id != ''";
  await client.collections.create({
    name: "jars",
    type: "base",
    listRule: "",
    viewRule: "",
    createRule: signedIn,
    updateRule: signedIn,
    deleteRule: null,
    fields: [
      { name: "name", type: "text", required: true, min: 3, max: 30, help: "It */ is" },
      { name: "quote", type: "text" },
      { name: "grams", type: "number", min: 100, onlyInt: true },
      { name: "kind", type: "select", values: ["jam", "honey's"], maxSelect: 2, required: true },
      { name: "shelf", type: "relation", collectionId: shelves.id, maxSelect: 1, required: true },
      { name: "opened", type: "date" },
      { name: "place", type: "geoPoint" },
      { name: "label", type: "file", maxSelect: 2 },
      { name: "recipe", type: "file", maxSelect: 1, protected: true },
      { name: "facts", type: "json" },
      { name: "made", type: "autodate", onCreate: true },
    ],
    indexes: ["CREATE UNIQUE INDEX jars_name ON jars (name)"],
  });
  await client.collection("jars").create({
    name: "Plum",
    quote: 'it\'s $HOME `x` "y" \\ end',
    grams: 250,
    kind: ["jam"],
    shelf,
    label: [new File(["hello"], "plum label.txt")],
  });
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/**
 * The code as the page shows it. The page's own address stands in for the server's when the dashboard is previewed.
 *
 * @param {import("playwright-core").Page} page @param {string} collection @param {string} endpoint @param {string} language
 */
async function codeOf(page, collection, endpoint, language) {
  const place = `#/collections/${collection}/api?endpoint=${endpoint}`;
  await page.goto(`${server.dashboard}${place}`);
  // Until then the code of the endpoint before is there.
  await see(page.locator(`nav a[aria-current=page][href="${place}"]`));
  await page.getByRole("tab", { name: language, exact: true }).click();
  const panel = page.getByRole("tabpanel", { name: language });
  await see(panel.locator("pre"));
  const code = (await panel.locator("pre").textContent()) ?? "";
  assert.ok(!code.includes("RECORD_ID"), code);
  return code;
}

/** @param {string} code */
async function runJavaScript(code) {
  const file = join(folder, "example.mjs");
  await writeFile(file, withPassword(code));
  return (await run(process.execPath, [file], { cwd: folder, timeout: 20_000 })).stdout;
}

/** @param {string} code */
async function runShell(code) {
  return (await run("bash", ["-euc", withPassword(code)], { cwd: folder, timeout: 20_000 })).stdout;
}

/** Superusers of the tests sign in with a password of their own. @param {string} code */
function withPassword(code) {
  return code.includes("_superusers") ? code.replaceAll(PASSWORD, SUPERUSER.password) : code;
}

test("the JavaScript of a collection runs as it stands", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/jars/api`);
  await see(page.getByRole("heading", { name: "List and search" }));
  await assertAccessible(page);
  const { client } = server;

  assert.match(await runJavaScript(await codeOf(page, "jars", "list", "JavaScript")), /Plum/);
  assert.match(await runJavaScript(await codeOf(page, "jars", "view", "JavaScript")), /Plum/);
  const id = (await runJavaScript(await codeOf(page, "jars", "create", "JavaScript"))).trim();
  const made = await client.collection("jars").getOne(id);
  assert.ok(made.grams >= 100 && made.kind.length === 1);
  const before = await client.collection("jars").getFirstListItem('name = "Plum"');
  await runJavaScript(await codeOf(page, "jars", "update", "JavaScript"));
  assert.deepEqual(await client.collection("jars").getOne(before.id), before, "trying it changes nothing");
  await client.collection("jars").delete(id);
  const count = async () => (await client.collection("jars").getList(1, 1)).totalItems;
  const total = await count();
  await runJavaScript(await codeOf(page, "jars", "delete", "JavaScript"));
  assert.equal(await count(), total, "it removes what it has made");
  assert.match(await runJavaScript(await codeOf(page, "jars", "batch", "JavaScript")), /200, 200/);
  const address = (await runJavaScript(await codeOf(page, "jars", "files", "JavaScript"))).split("\n")[0];
  assert.equal(await (await fetch(address ?? "")).text(), "hello");
});

test("the curl commands of a collection run as they stand", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/jars/api`);
  const { client } = server;
  assert.match(await runShell(await codeOf(page, "jars", "list", "curl")), /Plum/);
  assert.match(await runShell(await codeOf(page, "jars", "view", "curl")), /"name":"Plum"/);
  const made = JSON.parse(await runShell(await codeOf(page, "jars", "create", "curl")));
  await client.collection("jars").delete(made.id);
  const before = await client.collection("jars").getFirstListItem('name = "Plum"');
  await runShell(await codeOf(page, "jars", "update", "curl"));
  assert.deepEqual(await client.collection("jars").getOne(before.id), before);
  await runShell(await codeOf(page, "jars", "delete", "curl"));
  assert.equal(
    (await client.collection("jars").getList(1, 1, { filter: "name ~ 'Example'" })).totalItems,
    1,
    "the batch's",
  );
  await runShell(await codeOf(page, "jars", "files", "curl"));
  assert.equal(await readFile(join(folder, before.label[0]), "utf8"), "hello");
});

test("signing in runs as it stands, and rules are told in words", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/users/api?endpoint=password`);
  await see(page.getByRole("heading", { name: "With a password" }));
  await assertAccessible(page);
  assert.match(await runJavaScript(await codeOf(page, "users", "password", "JavaScript")), /eyJ.*\n.*true/s);
  assert.match(await runJavaScript(await codeOf(page, "users", "refresh", "JavaScript")), /eyJ/);
  assert.match(await runShell(await codeOf(page, "users", "password", "curl")), /"token":"eyJ/);
  assert.match(await runShell(await codeOf(page, "users", "impersonate", "curl")), /"token":"eyJ/);
  assert.match(await runJavaScript(await codeOf(page, "users", "authMethods", "JavaScript")), /identityFields/);
  await runShell(await codeOf(page, "users", "passwordReset", "curl"));
  await page.goto(`${server.dashboard}#/collections/users/api?endpoint=otp`);
  await see(page.getByText("This is switched off in the options of the collection."));
  await page.goto(`${server.dashboard}#/collections/jars/api?endpoint=delete`);
  await see(page.getByText("Only superusers may."));
  await page.goto(`${server.dashboard}#/collections/jars/api?endpoint=create`);
  await see(page.getByText("@request.auth.id != ''"));
});

test("types are those of the command line, and the API document can be had", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/jars/api?endpoint=types`);
  await see(page.getByRole("heading", { name: "TypeScript" }));
  await assertAccessible(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download for all collections" }).click(),
  ]);
  const types = await readFile(await download.path(), "utf8");
  const { authStore, baseURL } = server.client;
  const { stdout } = await run(program(), ["types", "ts", "--url", baseURL, "--token", authStore.token]);
  assert.equal(types, stdout);
  await see(page.getByText("export interface JarsCreate"));

  const [document] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download openapi.json" }).click(),
  ]);
  const { paths } = JSON.parse(await readFile(await document.path(), "utf8"));
  assert.ok("/api/collections/jars/records" in paths);
});

function program() {
  const name = process.env.STEADING_BIN ?? "../target/debug/steading";
  return name.includes("/") ? resolve(import.meta.dirname, "..", name) : name;
}

test("a phone has everything within reach", async () => {
  const page = await newPage(browser, { viewport: { width: 390, height: 800 } });
  await signIn(page, `${server.dashboard}#/collections/jars/api`);
  await page.getByRole("combobox", { name: "Endpoints" }).selectOption("Create");
  await see(page.getByRole("heading", { name: "Create", level: 2 }));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 390, "the page does not scroll sideways");
});
