/** Looking at data: the list of collections, the sheet, and a record's panel. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, eventually, newPage, openBrowser, see, signIn, waitForPlace } from "./support/browser.js";
import { makeBakery, ORDER_COUNT } from "./support/sample.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof makeBakery>>} */
let bakery;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  bakery = await makeBakery(server.client);
});
after(() => Promise.all([browser?.close(), server?.stop()]));

/** @param {string} place @param {import("playwright-core").BrowserContextOptions} [options] */
async function visit(place, options) {
  const page = await newPage(browser, options);
  await signIn(page, `${server.dashboard}#${place}`);
  return page;
}

test("the overview counts, and a long list of collections can be searched", async () => {
  for (const name of ["shelves", "rooms", "vans", "ovens", "mills", "recipes"]) {
    await server.client.collections.create({ name, type: "base", fields: [{ name: "name", type: "text" }] });
  }
  const page = await visit("/collections");
  await see(page.getByRole("link", { name: `orders Sheet ${ORDER_COUNT} records` }));
  await assertAccessible(page);

  const list = page.getByRole("navigation", { name: "Collections" });
  assert.equal(await list.getByRole("link", { name: "_superusers" }).isVisible(), false);
  await list.getByText("Built in").click();
  await see(list.getByRole("link", { name: "_superusers" }));
  await list.getByRole("searchbox").fill("ord");
  await list.getByRole("link", { name: "customers" }).waitFor({ state: "detached" });
  await list.getByRole("link", { name: "orders" }).click();
  await waitForPlace(page, "/collections/orders");
  await see(page.getByRole("heading", { name: "orders", level: 1 }));
});

test("the menu of a head sorts up, down and back", async () => {
  const page = await visit("/collections/customers");
  const head = page.getByRole("columnheader", { name: "balance" });
  const choose = async (/** @type {string} */ item) => {
    await head.getByRole("button").click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await choose("Sort 1 → 9");
  await waitForPlace(page, "/collections/customers?sort=balance");
  await see(page.getByRole("row").nth(1).getByText("Boris Petrov"));
  await see(head.and(page.locator("[aria-sort=ascending]")));
  await choose("Sort 9 → 1");
  await waitForPlace(page, "/collections/customers?sort=-balance");
  await see(page.getByRole("row").nth(1).getByText("Ana Kovač"));
  await choose("Do not sort by this");
  await waitForPlace(page, "/collections/customers");
  await assertAccessible(page);
});

test("search finds words, takes filters, and says when nothing fits", async () => {
  const page = await visit("/collections/customers");
  const box = page.getByRole("combobox", { name: "Search" });
  await box.fill("kovač");
  await see(page.getByTitle("1 record", { exact: true }));
  await waitForPlace(page, `/collections/customers?filter=${encodeURIComponent("kovač")}`);
  await box.fill("balance < 10");
  await see(page.getByText("Boris Petrov"));
  await page.getByText("Ana Kovač").waitFor({ state: "detached" });

  await box.fill("balance <");
  await box.press("Enter");
  await see(page.getByRole("alert").getByText("expected a value after <"));
  await assertAccessible(page);
  await box.fill("nobody has this name");
  await see(page.getByRole("heading", { name: "Nothing found" }));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Show all records" }).click();
  await see(page.getByTitle("2 records", { exact: true }));
});

test("a misspelt field in the search box is said, not searched for", async () => {
  const page = await visit("/collections/orders");
  const box = page.getByRole("combobox", { name: "Search" });
  await box.fill("totl > 498");
  await see(page.getByRole("alert").getByText("There is no field “totl”. Did you mean “total”?"));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Use total" }).click();
  await see(page.getByTitle("1 record", { exact: true }));
  assert.equal(await box.inputValue(), "total > 498");

  await box.fill("shipped = '2026'");
  await see(page.getByRole("alert").getByText("There is no field “shipped”."));
  await page.getByRole("button", { name: "Search for the text" }).click();
  await see(page.getByRole("heading", { name: "Nothing found" }));
  assert.equal(await box.inputValue(), "\"shipped = '2026'\"");

  // Beside a filter of drop-downs, and where a link is chosen.
  const where = encodeURIComponent("number > 3");
  await page.goto(`${server.dashboard}#/collections/orders?where=${where}&filter=${encodeURIComponent("nubmer < 5")}`);
  await page.getByRole("button", { name: "Use number" }).click();
  await see(page.getByTitle("1 record", { exact: true }));
  await page.getByRole("button", { name: "Filter" }).click();
  const panel = page.getByRole("dialog", { name: "Filter" });
  await panel.getByRole("combobox", { name: "Column" }).selectOption("customer");
  await panel.getByRole("combobox", { name: "Comparison" }).selectOption("is");
  await panel.getByRole("button", { name: "Choose" }).click();
  await page.getByRole("combobox", { name: "Find in customers" }).fill("nmae = 'Ana Kovač'");
  await page.getByRole("button", { name: "Use name" }).click();
  await see(page.getByRole("option", { name: "Ana Kovač" }));
});

test("earlier searches and filters are offered below the search box, and can be removed", async () => {
  const page = await visit("/collections/orders");
  const box = page.getByRole("combobox", { name: "Search" });
  const list = page.getByRole("grid", { name: "Earlier searches" });
  const lines = async () => (await list.getByRole("row").allInnerTexts()).map((text) => text.trim());
  await box.click();
  assert.equal(await box.getAttribute("aria-expanded"), "false", "nothing to offer yet");
  await box.fill("total > 498");
  await box.press("Enter");
  await see(page.getByTitle("1 record", { exact: true }));
  // What stood there for a moment, while more was typed, is not worth remembering.
  await box.fill("nu");
  await see(page.getByRole("heading", { name: "Nothing found" }));
  await box.fill("number = 7");
  await see(page.getByTitle("1 record", { exact: true }));
  await page.getByRole("button", { name: "Filter" }).click();
  const panel = page.getByRole("dialog", { name: "Filter" });
  await panel.getByRole("button", { name: "Add condition" }).click();
  await panel.getByRole("combobox", { name: "Column" }).selectOption("customer");
  await panel.getByRole("combobox", { name: "Comparison" }).selectOption("is");
  await panel.getByRole("button", { name: "Choose" }).click();
  await page.getByRole("option", { name: "Ana Kovač" }).click();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });

  // With the keyboard alone, after a reload.
  await page.goto(`${server.dashboard}#/collections/orders`);
  await page.reload();
  await see(page.getByTitle(`${ORDER_COUNT} records`, { exact: true }));
  await box.focus();
  // The name of the customer is asked for.
  await see(list.getByText("customer is Ana Kovač"));
  assert.deepEqual(await lines(), ["customer is Ana Kovač", "number = 7", "total > 498", "Forget them all"]);
  await assertAccessible(page);
  const current = () =>
    box.evaluate((input) => document.getElementById(input.ariaActiveDescendantElement?.id ?? "")?.innerText);
  await box.press("ArrowDown");
  assert.equal(await current(), "customer is Ana Kovač");
  await box.press("ArrowDown");
  await box.press("ArrowDown");
  await box.press("Enter");
  await see(page.getByTitle("1 record", { exact: true }));
  assert.equal(await box.inputValue(), "total > 498");
  await list.waitFor({ state: "detached" });

  // The filter comes back as a filter.
  await box.press("Escape");
  assert.equal(await box.inputValue(), "", "without the list, Escape empties the box");
  await see(page.getByTitle(`${ORDER_COUNT} records`, { exact: true }));
  await box.press("ArrowDown");
  await list.getByRole("button", { name: "customer is Ana Kovač" }).click();
  await see(page.getByRole("button", { name: "Filter 1" }));
  assert.equal(await box.inputValue(), "");

  // Removed with the second cell of a line, with Delete, and all of them.
  await box.press("ArrowDown");
  await box.press("ArrowDown");
  await box.press("ArrowRight");
  await box.press("Enter");
  assert.deepEqual(await lines(), ["customer is Ana Kovač", "number = 7", "Forget them all"]);
  await box.press("Delete");
  await box.press("Escape");
  await list.waitFor({ state: "detached" });
  await page.reload();
  await box.click();
  await see(list);
  assert.equal(await list.getByRole("row").count(), 2);
  await list.getByRole("button", { name: "Forget them all" }).click();
  await list.waitFor({ state: "detached" });
  await box.press("ArrowDown");
  assert.equal(await box.getAttribute("aria-expanded"), "false");

  // Each collection has its own.
  await box.fill("Kovač");
  await box.press("Enter");
  await page.goto(`${server.dashboard}#/collections/suppliers`);
  await see(page.getByRole("heading", { name: "suppliers", level: 1 }));
  await box.click();
  assert.equal(await box.getAttribute("aria-expanded"), "false");
});

test("records are found by their numbers, and by the names of what they link to", async () => {
  const page = await visit("/collections/orders");
  const box = page.getByRole("combobox", { name: "Search" });
  await box.fill("17");
  await see(page.getByTitle("1 record", { exact: true }));
  await box.fill("kovač");
  await see(page.getByTitle(`${ORDER_COUNT} records`, { exact: true }));
});

test("what is said about saving does not move the sheet", async () => {
  const page = await visit("/collections/customers?sort=name", { viewport: { width: 1440, height: 900 } });
  const grid = page.getByRole("grid");
  await see(page.getByRole("gridcell", { name: "Boris Petrov" }));
  const topOf = () => grid.evaluate((element) => element.getBoundingClientRect().top);
  const before = await topOf();
  await page.route("**/api/collections/customers/records/**", (route) => route.abort());
  await page.getByRole("gridcell", { name: "Boris Petrov" }).click();
  await page.keyboard.type("Boris Ivanov");
  await page.keyboard.press("Enter");
  await see(page.getByText("Not saved yet", { exact: true }));
  await see(page.getByText("Steading is not answering."));
  assert.equal(await topOf(), before);
  await page.unroute("**/api/collections/customers/records/**");
  await see(page.getByText("All changes saved"));
  await server.client.collection("customers").update((await boris()).id, { name: "Boris Petrov" });
});

async function boris() {
  return await server.client.collection("customers").getFirstListItem("name ~ 'Boris'");
}

test("what others changed while the connection was lost, or another collection was shown, is in the sheet", async () => {
  await server.client.collections.create({ name: "trays", type: "base", fields: [{ name: "label", type: "text" }] });
  const trays = server.client.collection("trays");
  const { id } = await trays.create({ label: "Tray" });
  const page = await newPage(browser);
  await page.addInitScript(() => {
    const Real = window.EventSource;
    window.EventSource = class extends Real {
      /** @param {string | URL} address */
      constructor(address) {
        super(address);
        Object.assign(window, { connection: this });
      }
    };
  });
  await signIn(page, `${server.dashboard}#/collections/trays`);
  const label = (/** @type {string | RegExp} */ text) => page.getByRole("gridcell", { name: text, exact: true });
  await see(label("Tray"));
  // The subscription is made after the rows are shown.
  let changes = 0;
  await eventually(async () => {
    await trays.update(id, { label: `Heard ${++changes}` });
    assert.ok(await label(/^Heard/).isVisible());
  });
  await page.evaluate(() => Object(window).connection.close());
  await trays.update(id, { label: "Not heard" });
  await page.evaluate(() => Object(window).connection.onerror(new Event("error")));
  await see(label("Not heard"));

  const sheets = page.getByRole("navigation");
  await sheets.getByRole("link", { name: /^customers/ }).click();
  await waitForPlace(page, "/collections/customers");
  await see(page.getByRole("grid"));
  await label("Not heard").waitFor({ state: "detached" });
  await trays.update(id, { label: "Elsewhere" });
  await sheets.getByRole("link", { name: /^trays/ }).click();
  await see(label("Elsewhere"));
});

test("columns can be hidden, and stay hidden", async () => {
  const page = await visit("/collections/customers");
  await see(page.getByRole("columnheader", { name: "website" }));
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "website" }).uncheck();
  await page.getByRole("checkbox", { name: "id" }).check();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await see(page.getByRole("columnheader", { name: "id" }));
  await page.reload();
  await see(page.getByRole("columnheader", { name: "id" }));
  assert.equal(await page.getByRole("columnheader", { name: "website" }).count(), 0);
});

test("a record opens in a panel that shows every field, by mouse and by keyboard", async () => {
  const page = await visit("/collections/customers?sort=name");
  await page.getByRole("button", { name: /^Open record .*Ana Kovač/ }).focus();
  await page.keyboard.press("Enter");
  await waitForPlace(page, `/collections/customers?sort=name&record=${bakery.ana.id}`);
  const panel = page.getByRole("dialog", { name: "Ana Kovač" });
  assert.equal(await panel.getByLabel("email", { exact: true }).inputValue(), "ana@example.com");
  assert.equal(await panel.getByLabel("since", { exact: true }).inputValue(), "2024-05-06");
  await see(panel.getByRole("link", { name: "42.6900° N, 23.3200° E" }));
  await see(panel.getByText("<script>"));
  assert.notEqual(await page.title(), "broken in");
  await assertAccessible(page);

  await panel.getByRole("button", { name: "Next record" }).click();
  await see(page.getByRole("dialog", { name: "Boris Petrov" }));
  await page.keyboard.press("Escape");
  await waitForPlace(page, "/collections/customers?sort=name");
  await page.getByRole("gridcell", { name: "regular" }).click();
  await page.keyboard.press("Space");
  await see(page.getByRole("dialog", { name: "Ana Kovač" }));
});

test("the id of a record can be copied", async () => {
  const page = await visit(`/collections/customers?record=${bakery.ana.id}`, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await page.getByRole("button", { name: "Copy id" }).click();
  await see(page.getByRole("button", { name: "Copied" }));
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), bakery.ana.id);
});

test("relations are shown by name and lead to the record", async () => {
  const page = await visit("/collections/orders?filter=number+%3D+7");
  await see(page.getByRole("gridcell", { name: "Ana Kovač" }));
  await page.getByRole("button", { name: "Open record 1: 7" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Ana Kovač" }).click();
  await waitForPlace(page, `/collections/customers?record=${bakery.ana.id}`);
  await see(page.getByRole("dialog", { name: "Ana Kovač" }));
});

test("what is gone is told: a record, a collection", async () => {
  const page = await visit("/collections/customers?record=aaaaaaaaaaaaaaa");
  await see(page.getByRole("dialog").getByText("This is not here (any more)."));
  await page.goto(`${server.dashboard}#/collections/nonsense`);
  await see(page.getByText("There is no collection called “nonsense”."));
});

test("an empty collection tells how to fill it", async () => {
  const page = await visit("/collections/suppliers");
  await see(page.getByText("Type into the row below"));
  await page.getByText("For apps").click();
  await see(page.getByText('server.collection("suppliers").create'));
  await assertAccessible(page);
});

test("a phone has everything within reach", async () => {
  const page = await visit("/collections/customers?sort=name", { viewport: { width: 375, height: 700 } });
  await see(page.getByRole("button", { name: /^Open record .*Ana Kovač/ }));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 375, "the page does not scroll sideways, only the sheet does");
  await page.getByRole("button", { name: "Menu", exact: true }).click();
  await assertAccessible(page);
  await page.getByRole("dialog").getByRole("link", { name: "orders" }).click();
  await see(page.getByRole("heading", { name: "orders", level: 1 }));
  await page.getByRole("dialog").waitFor({ state: "hidden" });
});
