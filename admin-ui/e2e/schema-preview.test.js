/** Before a change of a collection is saved: what it does to the data, counted by the server. */

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

/** Three orders: two have a note, two carry several tags, and two have the same number. @param {string} name */
async function makeOrders(name) {
  await server.client.collections.create({
    name,
    type: "base",
    fields: [
      { name: "number", type: "text" },
      { name: "note", type: "text" },
      { name: "tags", type: "select", values: ["a", "b", "c"], maxSelect: 3 },
    ],
  });
  const orders = server.client.collection(name);
  await orders.create({ number: "A-1", note: "fragile", tags: ["a", "b"] });
  await orders.create({ number: "A-1", note: "gift", tags: ["b", "c"] });
  await orders.create({ number: "a-2", tags: ["c"] });
}

/** @param {string} name */
async function openEditor(name) {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/schema/${name}`);
  return page;
}

test("values that would be lost or cut are counted, and the button says so", async () => {
  await makeOrders("orders");
  const page = await openEditor("orders");
  await page.getByRole("button", { name: "Remove note" }).click();
  await page.getByRole("button", { name: /^tags Choice/ }).click();
  await page.getByRole("combobox", { name: "How many" }).selectOption({ label: "One" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const review = page.getByRole("dialog", { name: "What changes" });
  await see(review.getByText("The values of note in 2 records are deleted."));
  await see(review.getByText("tags: in 2 records only the last of several values stays."));
  await assertAccessible(page);

  // Nothing has happened yet, and looking leaves everything as it is.
  await review.getByRole("button", { name: "Cancel" }).click();
  const before = await server.client.collection("orders").getFirstListItem('note = "fragile"');
  assert.deepEqual(before.tags, ["a", "b"]);

  await page.getByRole("button", { name: "Save", exact: true }).click();
  await review.getByRole("button", { name: "Save and lose this" }).click();
  await see(page.getByText("Saved"));
  const after = await server.client.collection("orders").getOne(before.id);
  assert.equal(after.tags, "b");
  assert.equal("note" in after, false);
});

test("records that do not fit a new limit are counted, and stay", async () => {
  await makeOrders("bills");
  const page = await openEditor("bills");
  await page.getByRole("button", { name: /^number Text/ }).click();
  await page.getByRole("button", { name: "Advanced" }).last().click();
  await page.getByRole("textbox", { name: "Must look like" }).fill("^[A-Z]");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const review = page.getByRole("dialog", { name: "What changes" });
  await see(review.getByText(/^number: the values in 1 record no longer fit\./));
  await review.getByRole("button", { name: "Save", exact: true }).click();
  await see(page.getByText("Saved"));
  assert.equal((await server.client.collection("bills").getFullList({ filter: 'number = "a-2"' })).length, 1);
});

test("a unique field over equal values cannot be saved, and the dialog names them", async () => {
  await makeOrders("tickets");
  const page = await openEditor("tickets");
  await page.getByRole("button", { name: /^number Text/ }).click();
  await page.getByRole("switch", { name: "No two records may have the same value" }).check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const review = page.getByRole("dialog", { name: "This cannot be saved yet" });
  await see(review.getByText(/^number: 2 records have the same value as another.*“A-1” 2 times/));
  assert.equal(await review.getByRole("button", { name: "Save", exact: true }).isDisabled(), true);
  await assertAccessible(page);
  await review.getByRole("button", { name: "Cancel" }).click();

  // Mending the record is enough; what was changed in the editor is still there.
  const [twin] = await server.client.collection("tickets").getFullList({ filter: 'number = "A-1"' });
  await server.client.collection("tickets").update(twin?.id ?? "", { number: "A-3" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await see(page.getByText("Saved"));
  const { indexes } = await server.client.collections.getOne("tickets");
  assert.match(indexes.join(), /UNIQUE INDEX/);
});

test("what changes along is named: rules of others, and collections that an import deletes", async () => {
  await makeOrders("places");
  const places = await server.client.collections.getOne("places");
  await server.client.collections.create({
    name: "visits",
    type: "base",
    fields: [{ name: "place", type: "relation", collectionId: places.id, maxSelect: 1 }],
    listRule: 'place.number = "x"',
  });
  const page = await openEditor("places");
  await page.getByRole("button", { name: /^number Text/ }).click();
  await page.getByRole("textbox", { name: "Name" }).nth(1).fill("code");
  await page.getByRole("button", { name: "Show what changes" }).click();
  const review = page.getByRole("dialog", { name: "What changes" });
  await see(review.getByText("No data is lost."));
  await see(review.getByText('A rule of visits follows the new name: place.code = "x".'));
});

test("what changes is told in the words of the form, and word for word only when asked for", async () => {
  await makeOrders("parcels");
  const page = await openEditor("parcels");
  await page.getByRole("button", { name: /^note Text/ }).click();
  await page.getByRole("switch", { name: "No two records may have the same value" }).check();
  await page.getByLabel("Most characters").fill("8");
  await page.getByRole("button", { name: "Show what changes" }).click();
  const review = page.getByRole("dialog", { name: "What changes" });
  await see(review.getByText("No two records may have the same note"));
  await see(review.getByText("note: at most 8 characters (before: at most 5,000 characters)"));
  assert.doesNotMatch((await review.textContent()) ?? "", /INDEX|max\b/);
  await assertAccessible(page);
  await review.getByRole("button", { name: "For developers" }).click();
  await see(review.getByText(/CREATE UNIQUE INDEX/));
  await see(review.getByText("note.max: 0 → 8"));
  await assertAccessible(page);
});
