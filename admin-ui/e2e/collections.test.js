/** Making and changing collections: fields, rules, queries, sign-in options, the map, and definitions as files. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import {
  assertAccessible,
  eventually,
  holdRequests,
  newPage,
  openBrowser,
  see,
  signIn,
  waitForPlace,
} from "./support/browser.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
});
after(() => Promise.all([browser?.close(), server?.stop()]));

/** @param {string} place @param {import("playwright-core").BrowserContextOptions} [options] */
async function visit(place, options) {
  const page = await newPage(browser, options);
  await signIn(page, `${server.dashboard}#${place}`);
  return page;
}

/** @param {string} name @param {object} [more] */
async function makeNotes(name, more = {}) {
  const collection = await server.client.collections.create({
    name,
    type: "base",
    fields: [
      { name: "title", type: "text" },
      { name: "body", type: "editor" },
      { name: "owner", type: "relation", collectionId: "_pb_users_auth_", maxSelect: 1 },
      { name: "tags", type: "select", values: ["a", "b", "c"], maxSelect: 3 },
    ],
    indexes: [`CREATE INDEX idx_${name} ON ${name} (title, body)`],
    ...more,
  });
  await server.client.collection(name).create({ title: "First", body: "<p>x</p>", tags: ["a", "b"] });
  return collection;
}

/** @param {import("playwright-core").Page} page @param {string} name @param {string} type */
async function addField(page, name, type) {
  await page.getByRole("button", { name: "Add field" }).click();
  await page.getByRole("button", { name: type, exact: true }).click();
  // The name is selected, so that typing replaces it.
  await page.waitForFunction(() => document.activeElement?.matches("[data-field-name]"));
  await page.keyboard.type(name);
}

/** @param {import("playwright-core").Page} page */
async function save(page) {
  await page.getByRole("button", { name: "Save", exact: true }).click();
}

test("a collection is made, and what the server refuses stands where it belongs", async () => {
  const page = await visit("/collections");
  await page.getByRole("navigation").getByRole("link", { name: "New collection" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("users");
  await addField(page, "guest name", "Text");
  await page.getByRole("switch", { name: "Must be filled in" }).check();
  await page.getByRole("switch", { name: "No two records may have the same value" }).check();
  await addField(page, "state", "Choice");
  await page.getByRole("button", { name: "Create collection" }).click();
  // Nothing typed is lost: both mistakes are mended in place.
  await see(page.getByText(/must be unique/i));
  await see(page.getByRole("button", { name: /^state Choice/ }));
  await assertAccessible(page);
  await page.getByRole("textbox", { name: "Name" }).first().fill("bookings");
  await page.getByRole("textbox", { name: "Choices" }).fill("open");
  await page.keyboard.press("Enter");
  await page.keyboard.type("paid,");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Create collection" }).click();
  await waitForPlace(page, "/schema/bookings");

  const made = await server.client.collections.getOne("bookings");
  const names = made.fields.map(({ name }) => name);
  assert.deepEqual(names, ["id", "guest_name", "state", "created", "updated"]);
  assert.deepEqual(made.fields[2]?.values, ["open", "paid,"]);
  assert.match(made.indexes[0] ?? "", /UNIQUE INDEX .* ON `bookings` \(`guest_name`\)/);
});

test("fields are moved by keyboard, renamed and removed, with a way back and a word about what is lost", async () => {
  await makeNotes("letters");
  const page = await visit("/schema/letters");
  await page.getByRole("button", { name: "Move title", exact: true }).focus();
  await page.keyboard.press("ArrowDown");
  await see(page.getByText("title is now 2 of 4."));
  await page.getByRole("button", { name: /^title Text/ }).click();
  await page.getByRole("textbox", { name: "Name" }).nth(1).fill("headline");

  await page.getByRole("button", { name: "Remove body" }).click();
  await page.getByRole("button", { name: "Bring body back" }).click();
  await page.getByRole("button", { name: "Remove tags" }).click();
  await see(page.getByText("tags goes when you save"));
  await save(page);
  const review = page.getByRole("dialog", { name: "What changes" });
  await see(review.getByText("Field tags is removed"));
  await see(review.getByText("Field title is called headline from now on; its values stay"));
  await assertAccessible(page);
  await review.getByRole("button", { name: /^Save/ }).click();
  await see(page.getByText("Saved"));

  const changed = await server.client.collections.getOne("letters");
  assert.deepEqual(
    changed.fields.map(({ name }) => name),
    ["id", "body", "headline", "owner"],
  );
  assert.match(changed.indexes[0] ?? "", /`headline`/);
  const [record] = await server.client.collection("letters").getFullList();
  assert.equal(record?.headline, "First");
});

test("fields are moved by dragging, with the mouse and with a finger", async () => {
  await makeNotes("dragged");
  const page = await visit("/schema/dragged");
  await page
    .getByRole("button", { name: "Move tags", exact: true })
    .dragTo(page.getByRole("button", { name: /^title Text/ }));
  await save(page);
  await see(page.getByText("Saved"));
  const names = async () => (await server.client.collections.getOne("dragged")).fields.map(({ name }) => name);
  assert.deepEqual(await names(), ["id", "tags", "title", "body", "owner"]);

  const phone = await visit("/schema/dragged", { viewport: { width: 390, height: 800 }, hasTouch: true });
  const handle = phone.getByRole("button", { name: "Move tags", exact: true });
  const target = phone.getByRole("button", { name: "Move body", exact: true });
  await handle.scrollIntoViewIfNeeded();
  const [from, to] = [await handle.boundingBox(), await target.boundingBox()];
  assert.ok(from && to);
  const session = await phone.context().newCDPSession(phone);
  const touch = async (/** @type {"touchStart" | "touchMove" | "touchEnd"} */ type, y = 0) => {
    const touchPoints = type === "touchEnd" ? [] : [{ x: from.x + from.width / 2, y }];
    await session.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  const [start, end] = [from.y + from.height / 2, to.y + to.height / 2];
  await touch("touchStart", start);
  for (let step = 1; step <= 10; step++) await touch("touchMove", start + ((end - start) * step) / 10);
  await touch("touchEnd");
  await see(phone.getByText("tags is now 3 of 4."));
  await save(phone);
  await see(phone.getByText("Saved"));
  assert.deepEqual(await names(), ["id", "title", "body", "tags", "owner"]);
});

test("unsaved changes are not left behind by accident", async () => {
  await makeNotes("guarded");
  const page = await visit("/schema/guarded?tab=access");
  const rule = page.getByRole("region", { name: "Delete records" });
  await rule.getByRole("combobox").selectOption({ label: "Everyone who is signed in" });
  await page.getByRole("link", { name: "Open records" }).click();
  await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Cancel" }).click();
  await see(rule.getByText("Allowed if the caller is signed in."));
  await page.getByRole("button", { name: "Discard changes" }).click();
  await see(rule.getByText("Only superusers may."));
  await page.getByRole("link", { name: "Open records" }).click();
  await waitForPlace(page, "/collections/guarded");
});

test("what a colleague changes meanwhile stays, and so does what is typed while it is being saved", async () => {
  const { id, fields } = await makeNotes("shared");
  const { collections } = server.client;
  const names = async () => (await collections.getOne(id)).fields.map(({ name }) => name);
  const page = await visit("/schema/shared");
  await page.getByRole("button", { name: /^title Text/ }).click();
  const name = page.getByRole("textbox", { name: "Name" }).nth(1);
  await name.fill("headline");
  await collections.update(id, { fields: [...fields, { name: "summary", type: "text" }] });
  const saving = await holdRequests(page, "PATCH", /\/api\/collections\//);
  await save(page);
  await saving.asked;
  await name.fill("heading");
  saving.release();
  await see(page.getByText("Saved"));
  assert.deepEqual(await names(), ["id", "headline", "body", "owner", "tags", "summary"]);
  assert.equal(await name.inputValue(), "heading");
  await see(page.getByRole("button", { name: /^summary Text/ }));

  // Both change the same: nothing is replaced unasked.
  const theirs = (await collections.getOne(id)).fields.map((field) => ({
    ...field,
    name: field.name === "headline" ? "subject" : field.name,
  }));
  await collections.update(id, { fields: theirs, indexes: ["CREATE INDEX idx_shared ON shared (subject, body)"] });
  await save(page);
  await see(page.getByText("Not saved: somebody else has changed this meanwhile, too: heading"));
  assert.equal(await name.inputValue(), "heading");
  assert.equal((await names())[1], "subject");
  await save(page);
  await eventually(async () => {
    assert.deepEqual(await names(), ["id", "heading", "body", "owner", "tags", "summary"]);
  });
  await page.getByRole("button", { name: "Save", exact: true, disabled: true }).waitFor();

  await collections.update(id, { name: "renamed" });
  await name.fill("title");
  await save(page);
  await waitForPlace(page, "/schema/renamed");
  assert.equal((await names())[1], "title");
});

test("a new collection takes no changes while it is being made", async () => {
  const page = await visit("/new-collection");
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("inert");
  const making = await holdRequests(page, "POST", /\/api\/collections$/);
  await page.getByRole("button", { name: "Create collection" }).click();
  await making.asked;
  await page.locator("[inert] input").first().waitFor();
  making.release();
  await waitForPlace(page, "/schema/inert");
});

test("rules are chosen by name, written with help, and their mistakes are marked", async () => {
  await makeNotes("ruled");
  const page = await visit("/schema/ruled?tab=access");
  const list = page.getByRole("region", { name: "See them in lists" });
  await list.getByRole("combobox").selectOption({ label: "The owner of the record" });
  await see(list.getByText("Allowed if the caller is signed in and the caller is the owner."));
  const add = page.getByRole("region", { name: "Add records" });
  await add.getByRole("combobox").selectOption({ label: "Custom rule…" });
  const text = add.getByRole("textbox", { name: "Rule: Add records" });
  await text.click();
  await page.locator(".cm-focused").waitFor();
  await page.keyboard.type("owner.na");
  await page.keyboard.press("Control+Space");
  await page.getByRole("option", { name: /^name/ }).click();
  await page.keyboard.type(" = 'x' && titel = 'y'");
  await see(add.getByText(/unknown field "titel"/));
  await assertAccessible(page);
  await save(page);
  await see(page.getByRole("status").getByText(/failed to update/i));
  await see(add.getByText(/unknown field "titel"/));
  await add.getByRole("button", { name: "Replace with title" }).click();
  await save(page);
  await see(page.getByText("Saved"));

  const { listRule, createRule, viewRule } = await server.client.collections.getOne("ruled");
  assert.equal(listRule, '@request.auth.id != "" && owner = @request.auth.id');
  assert.equal(createRule, "owner.name = 'x' && title = 'y'");
  assert.equal(viewRule, null);
});

test("a rule can be tried, and says why", async () => {
  await makeNotes("tried", { viewRule: "title = 'First' && @request.auth.id != ''" });
  const page = await visit("/schema/tried?tab=access");
  await page.getByRole("region", { name: "Open a record" }).getByRole("button", { name: "Try it out" }).click();
  const tester = page.getByRole("dialog", { name: "Try out: Open a record" });
  await tester.getByRole("radio", { name: /^First/ }).check({ force: true });
  await tester.getByRole("button", { name: "Try", exact: true }).click();
  await see(tester.getByText("Not allowed"));
  await see(tester.getByRole("listitem").filter({ hasText: "title = 'First'" }).getByLabel("holds", { exact: true }));
  await see(tester.getByRole("listitem").filter({ hasText: "@request.auth.id" }).getByLabel("does not hold"));
  await assertAccessible(page);
  await tester.getByRole("combobox", { name: "Who asks" }).selectOption("superuser");
  await tester.getByRole("button", { name: "Try", exact: true }).click();
  await see(tester.getByText("Rules do not apply to superusers."));
});

test("a calculated list shows what its query gives while it is typed", async () => {
  await makeNotes("counted");
  const page = await visit("/new-collection?type=view");
  await page.getByRole("textbox", { name: "Name" }).fill("totals");
  const query = page.getByRole("textbox", { name: "SQL query" });
  await query.fill("SELECT id, nope FROM counted");
  await see(page.getByText("no such column: nope"));
  await query.fill("SELECT id, title, (length(title)) AS letters FROM counted");
  await see(page.getByRole("columnheader", { name: "letters" }));
  await see(page.getByRole("cell", { name: "First" }));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Create collection" }).click();
  await waitForPlace(page, "/schema/totals");
  assert.equal((await server.client.collection("totals").getFullList())[0]?.letters, 5);
});

test("sign-in options: a provider with its mistakes, a mail that runs nothing", async () => {
  const page = await visit("/schema/users?tab=signIn");
  await page.getByRole("button", { name: "Add provider" }).click();
  await page.getByRole("searchbox", { name: "Find a provider" }).fill("github");
  await page.getByRole("dialog").getByRole("button", { name: "GitHub" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in with GitHub" });
  await see(dialog.getByText(/\/api\/oauth2-redirect$/));
  await assertAccessible(page);
  await dialog.getByRole("button", { name: "Done" }).click();
  await save(page);
  await see(page.getByLabel("has mistakes"));
  await page.getByRole("button", { name: "Set up GitHub" }).click();
  await dialog.getByLabel("Client ID").fill("id-of-github");
  await dialog.getByLabel("Client secret", { exact: true }).fill("secret-of-github");
  await dialog.getByRole("button", { name: "Done" }).click();

  await page.getByRole("button", { name: "Confirm an address" }).click();
  await page
    .getByRole("textbox", { name: "Text (HTML)" })
    .fill("<p>Hello</p><script>parent.document.title='run'</script>{TOKEN}");
  await page.getByRole("button", { name: "Preview" }).click();
  await see(page.frameLocator("iframe").getByText("Hello"));
  await assertAccessible(page);
  assert.notEqual(await page.title(), "run");
  await save(page);
  await see(page.getByText("Saved"));
  const users = await server.client.collections.getOne("users");
  assert.equal(users.oauth2?.providers?.[0]?.clientId, "id-of-github");
  assert.equal(users.oauth2?.enabled, true);
});

test("the map leads to the editor, and an import shows its differences first", async () => {
  await makeNotes("mapped");
  const page = await visit("/schema");
  await see(page.getByRole("link", { name: /^mapped links to users/ }));
  await assertAccessible(page);
  await page.getByRole("tab", { name: "Import" }).click();
  const definitions = [
    { name: "mapped", type: "base", listRule: "", fields: [{ name: "extra", type: "number" }] },
    { name: "imported", type: "base", fields: [{ name: "label", type: "text" }] },
  ];
  await page.getByRole("textbox", { name: "Or paste it here" }).fill(JSON.stringify(definitions));
  const plan = page.getByRole("main").getByRole("listitem");
  await see(plan.getByText("New field extra (Number)"));
  await see(plan.filter({ hasText: "imported" }).getByText("new"));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Apply" }).click();
  await see(page.getByText("The definitions are in place."));
  const { fields, listRule } = await server.client.collections.getOne("mapped");
  assert.equal(listRule, "");
  assert.ok(fields.some(({ name }) => name === "extra"));
  assert.ok(
    fields.some(({ name }) => name === "title"),
    "what the file does not name stays",
  );
  await page.getByRole("tab", { name: "Export" }).click();
  await see(page.getByRole("checkbox", { name: "imported" }));
  await assertAccessible(page);
});

test("the schema.json of an example is brought in, and what an import deletes is counted first", async () => {
  await makeNotes("doomed");
  const page = await visit("/schema?tab=import");
  const file = page.getByLabel("Choose a file");
  await file.setInputFiles({ name: "notes.json", mimeType: "application/json", buffer: Buffer.from('[{"name": }]') });
  await see(page.getByText("This is no JSON: line 1, character 11."));
  await page.getByRole("button", { name: "Another file" }).click();
  const schema = resolve(import.meta.dirname, "../../scripts/examples/order-totals/schema.json");
  const expected = JSON.parse(await readFile(schema, "utf8"));
  await file.setInputFiles(schema);
  const plan = page.getByRole("main").getByRole("listitem");
  for (const { name, fields } of expected) {
    const step = plan.filter({ has: page.getByText(name, { exact: true }) });
    await see(step.getByText("new", { exact: true }));
    for (const field of fields) await see(step.getByText(field.name));
  }
  // Orders link to users, which the file does not have.
  await page.getByRole("switch", { name: "Delete what is not in the file" }).check();
  await see(page.getByText(/"orders".*relation collection doesn't exist/s));
  assert.equal(await page.getByRole("button", { name: /^Apply/ }).isDisabled(), true);
  await page.getByRole("switch", { name: "Delete what is not in the file" }).uncheck();
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await see(page.getByText("The definitions are in place."));
  for (const { name, fields } of expected) {
    const made = await server.client.collections.getOne(name);
    assert.deepEqual(
      made.fields.map((field) => field.name),
      fields.map((/** @type {{ name: string }} */ field) => field.name),
    );
  }

  const kept = (await server.client.collections.getFullList()).filter(({ name }) => name !== "doomed");
  await page.getByRole("textbox", { name: "Or paste it here" }).fill(JSON.stringify(kept));
  await page.getByRole("switch", { name: "Delete what is not in the file" }).check();
  await see(page.getByText("doomed is deleted with its data: 1 record."));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Apply and lose this" }).click();
  await eventually(() => assert.rejects(server.client.collections.getOne("doomed")));
});

test("a collection is duplicated, emptied, and deleted by typing its name", async () => {
  await makeNotes("ending");
  const page = await visit("/schema/ending");
  const choose = async (/** @type {string} */ action) => {
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: action }).click();
  };
  await choose("Duplicate");
  await waitForPlace(page, "/new-collection?copy=ending");
  await page.getByRole("button", { name: "Create collection" }).click();
  await waitForPlace(page, "/schema/ending_copy");
  assert.equal((await server.client.collections.getOne("ending_copy")).fields.length, 5);

  await page.goto(`${server.dashboard}#/schema/ending`);
  await see(page.getByRole("heading", { name: "ending", exact: true, level: 1 }));
  await choose("Delete all records…");
  const dialog = page.getByRole("dialog");
  await see(dialog.getByText("1 record and their files are deleted."));
  assert.equal(await dialog.getByRole("button", { name: "Delete" }).isDisabled(), true);
  await dialog.getByRole("textbox").fill("ending");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await see(page.getByText("ending is empty now."));
  await choose("Delete collection…");
  await assertAccessible(page);
  await dialog.getByRole("textbox").fill("ending");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await waitForPlace(page, "/collections");
  await assert.rejects(server.client.collections.getOne("ending"));
});

test("a phone has everything within reach", async () => {
  await makeNotes("pocket");
  const page = await visit("/schema/pocket", { viewport: { width: 390, height: 750 } });
  await page.getByRole("button", { name: "tags", exact: true }).click();
  await see(page.getByRole("textbox", { name: "Choices" }));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 390);
  await assertAccessible(page);
});

test("a map of many collections begins with a part that can be read, and the keyboard reaches the rest", async () => {
  for (let number = 1; number <= 40; number++) {
    const fields = [{ name: "title", type: "text" }];
    await server.client.collections.create({ name: `many_${number}`, type: "base", fields });
  }
  const page = await visit("/schema");
  const map = page.getByRole("region", { name: "Map of the collections" });
  const box = map.getByRole("link", { name: "many_1", exact: true });
  await see(box);
  const scale = await box.evaluate((element) => {
    return element.getBoundingClientRect().width / (element instanceof HTMLElement ? element.offsetWidth : 1);
  });
  assert.ok(scale > 0.7, `${scale} of its size`);
  const names = await map.getByRole("link").evaluateAll((links) => links.map((link) => link.textContent));
  assert.ok(
    names.findIndex((name) => name?.startsWith("many_2")) < names.findIndex((name) => name?.startsWith("many_10")),
  );
  const last = map.getByRole("link").last();
  await last.focus();
  const [inner, outer] = [await last.boundingBox(), await map.boundingBox()];
  assert.ok(inner && outer && inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width);
  assert.ok(inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height);
});

test("a name ends with its last letter", async () => {
  const page = await visit("/new-collection");
  const name = page.getByRole("textbox", { name: "Name", exact: true }).first();
  await name.pressSequentially("Müllers Liste 🎉 ");
  await name.press("Tab");
  await eventually(async () => assert.equal(await name.inputValue(), "Mullers_Liste"));
});
