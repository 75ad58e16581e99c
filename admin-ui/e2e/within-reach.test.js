/** Nothing of the dashboard's own lies over what one needs next, and what a menu promises is in sight. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  animationsEnd,
  assertAccessible,
  eventually,
  holdMessage,
  newPage,
  openBrowser,
  see,
  seeFocus,
  signIn,
} from "./support/browser.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  const fields = Array.from({ length: 14 }, (_, index) => ({ name: `note${index + 1}`, type: "text" }));
  await server.client.collections.create({
    name: "orders",
    type: "base",
    fields: [
      { name: "orderNo", type: "number" },
      { name: "product", type: "text" },
      ...fields,
      { name: "status", type: "select", values: ["new", "paid", "shipped"], maxSelect: 1 },
    ],
  });
  for (const orderNo of [1041, 1042, 1043]) {
    await server.client.collection("orders").create({ orderNo, product: "Filter Roast", status: "paid" });
  }
});
after(() => Promise.all([browser?.close(), server?.stop()]));

/** @param {string} place @param {import("playwright-core").BrowserContextOptions} [options] */
async function visit(place, options) {
  const page = await newPage(browser, options);
  await signIn(page, `${server.dashboard}#${place}`);
  return page;
}

/**
 * Is the middle of it what a click there would reach? A panel that comes in from the side is waited for.
 *
 * @param {import("playwright-core").Locator} locator
 * @param {string} [what]
 */
async function assertReachable(locator, what) {
  await eventually(async () => {
    const isReachable = await locator.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
    assert.equal(isReachable, true, what);
  });
}

/** Where it is when it has stopped moving. @param {import("playwright-core").Locator} locator */
async function stillBox(locator) {
  return await eventually(async () => {
    await animationsEnd(locator.page());
    const before = await locator.boundingBox();
    // A busy machine may draw nothing between two looks.
    await locator.page().evaluate(async () => {
      for (let frame = 0; frame < 2; frame++) await new Promise((next) => requestAnimationFrame(next));
    });
    const now = await locator.boundingBox();
    assert.deepEqual(now, before);
    return now;
  });
}

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 390, height: 800 },
]) {
  test(`messages cover no button and no sum at ${viewport.width} px`, async () => {
    const page = await visit("/collections/orders?create=empty", { viewport });
    const panel = page.getByRole("dialog", { name: "New in orders" });
    await panel.getByLabel("orderNo").fill(String(2000 + viewport.width));
    await panel.getByLabel("product").fill("House Blend");
    await panel
      .getByRole("button", { name: /^(Create|Save)/ })
      .first()
      .click();
    const created = await holdMessage(page, "was created.");
    const filled = page.getByRole("dialog").filter({ has: page.getByText("House Blend") });
    for (const button of await filled.locator("footer").getByRole("button").all()) {
      await assertReachable(button, "a button below the panel");
    }
    await see(created);
    await page.goto(`${server.dashboard}#/schema/orders?tab=access`);
    await page
      .getByRole("region", { name: "Open a record" })
      .getByRole("combobox")
      .selectOption({ label: viewport.width > 390 ? "Everyone who is signed in" : "Nobody (superusers only)" });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const saved = await holdMessage(page, "Saved");
    await assertReachable(page.getByRole("button", { name: "Save", exact: true }));
    await page.goto(`${server.dashboard}#/collections/orders`);
    await see(page.getByRole("grid"));
    await assertReachable(page.getByRole("button", { name: "Summary of orderNo" }));
    await see(saved);
  });
}

test("what a row is about stays in sight in a wide sheet, until somebody wants the room", async () => {
  const page = await visit("/collections/orders", { viewport: { width: 1440, height: 900 } });
  const first = page.getByRole("columnheader", { name: "orderNo", exact: true });
  await see(first);
  await page.getByRole("grid").evaluate((grid) => grid.scrollTo(99_999, 0));
  await see(page.getByRole("columnheader", { name: "status", exact: true }));
  await assertReachable(first);
  await page.getByRole("button", { name: "Menu of orderNo" }).click();
  await page.getByRole("menuitem", { name: "Unfreeze" }).click();
  const edge = (await page.getByRole("grid").boundingBox())?.x ?? 0;
  await eventually(async () => {
    const places = await first.evaluateAll((heads) => heads.map((head) => head.getBoundingClientRect().left));
    assert.ok(
      places.every((left) => left < edge),
      "it has moved out of sight",
    );
  });
});

test("a filter that a column asks for opens at that column, and says where its value goes", async () => {
  const page = await visit("/collections/orders", { viewport: { width: 1440, height: 900 } });
  await page.getByRole("button", { name: "Menu of note1", exact: true }).click();
  await page.getByRole("menuitem", { name: "Filter by this" }).click();
  const panel = page.getByRole("dialog", { name: "Filter" });
  await see(panel.getByText("Value", { exact: true }));
  await seeFocus(panel.getByRole("textbox", { name: "Value" }));
  const head = await page.getByRole("columnheader", { name: "note1", exact: true }).boundingBox();
  const box = await stillBox(panel);
  assert.ok(head && box && box.x < head.x + head.width && box.x + box.width > head.x, "below its column");
  assert.ok(head && box && Math.abs(box.y - (head.y + head.height)) < 20, "beside the head");
  // A filter without matches takes the sheet away; the panel stays.
  await panel.getByRole("textbox", { name: "Value" }).fill("nowhere");
  await page.getByRole("grid").waitFor({ state: "hidden" });
  assert.deepEqual(await stillBox(panel), box);
  await assertAccessible(page);
});

test("the right button of the mouse opens a column's menu, too", async () => {
  const page = await visit("/collections/orders", { viewport: { width: 1440, height: 900 } });
  await page.getByRole("columnheader", { name: "product", exact: true }).click({ button: "right" });
  await page.getByRole("menuitem", { name: "Hide", exact: true }).click();
  await page.getByRole("columnheader", { name: "product", exact: true }).waitFor({ state: "detached" });
});

for (const width of [1280, 1366, 1440]) {
  test(`at ${width} px the search box and what is not saved have room for their words`, async () => {
    const page = await visit("/collections/orders", { viewport: { width, height: 900 } });
    await see(page.getByRole("grid"));
    await page.evaluate(() => localStorage.setItem("steading_language", "de"));
    await page.reload();
    await page.getByRole("gridcell", { name: /^1\D?041$/ }).dblclick();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("abc");
    await page.keyboard.press("Enter");
    const state = page.getByText("1 Zeile nicht gespeichert");
    await see(state);
    assert.ok(await state.evaluate((text) => text.scrollWidth <= text.clientWidth), "the state is whole");
    const room = await page.getByPlaceholder("Suchen oder filtern").evaluate((input) => {
      const { font, paddingLeft, paddingRight } = getComputedStyle(input);
      const canvas = document.createElement("canvas").getContext("2d");
      if (!canvas || !(input instanceof HTMLInputElement)) throw new Error("nothing to measure with");
      canvas.font = font;
      const words = canvas.measureText(input.placeholder).width;
      return input.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight) - words;
    });
    assert.ok(room >= 0, `${room} px are left`);
  });
}

for (const [place, viewport] of /** @type {const} */ ([
  ["/schema/orders?tab=access", { width: 1440, height: 900 }],
  ["/webhooks/inbound/new", { width: 390, height: 844 }],
  ["/settings?tab=limits", { width: 390, height: 844 }],
])) {
  test(`nothing but the screen itself scrolls at ${place}`, async () => {
    const page = await visit(place, { viewport });
    await see(page.getByRole("heading", { level: 1 }));
    await see(page.getByRole("button", { name: /^(Save|Create)|limit$/ }));
    const { window, tabs } = await page.evaluate(() => ({
      window: document.documentElement.scrollHeight - innerHeight,
      tabs: [...document.querySelectorAll("[role=tablist]")].map((row) => row.scrollHeight - row.clientHeight),
    }));
    assert.equal(window, 0, "the window does not scroll");
    assert.deepEqual(
      tabs.filter((hidden) => hidden > 0),
      [],
      "a row of tabs does not scroll upwards",
    );
  });
}

test("a column's menu leads to its field, open and in sight, with a word about its type", async () => {
  const page = await visit("/collections/orders", { viewport: { width: 1440, height: 420 } });
  await page.getByRole("button", { name: "Menu of note4", exact: true }).click();
  await page.getByRole("menuitem", { name: "Edit field" }).click();
  const name = page.locator("input:focus");
  await see(name);
  assert.equal(await name.inputValue(), "note4");
  await assertReachable(name);
  await see(page.getByText("The type of a field cannot be changed."));
  await assertAccessible(page);
});

test("what opens in a list of fields comes into sight", async () => {
  const page = await visit("/schema/orders", { viewport: { width: 1440, height: 700 } });
  await page.getByRole("button", { name: /^note10 Text/ }).click();
  await assertReachable(page.getByRole("switch", { name: "Must be filled in" }));
  await page.getByRole("button", { name: "Add field" }).click();
  await assertReachable(page.getByRole("button", { name: "Place on the map", exact: true }));
});

test("the choice that needs a link to people says so itself", async () => {
  const page = await visit("/schema/orders?tab=access");
  const rule = page.getByRole("region", { name: "Change records" }).getByRole("combobox");
  await rule.selectOption({ label: "Everyone who is signed in" });
  assert.equal(
    await page
      .getByText(/link to (a collection of )?people/)
      .filter({ visible: true })
      .count(),
    0,
  );
  const owner = rule.getByRole("option", { name: "The owner of the record: needs a link to people" });
  assert.equal(await owner.isDisabled(), true);
});

test("a column that is selected can be hidden, and its records are not offered for deletion", async () => {
  const page = await visit("/collections/orders", { viewport: { width: 1440, height: 900 } });
  await page.getByRole("columnheader", { name: "product" }).click({ position: { x: 60, y: 15 } });
  const tools = page.getByRole("toolbar", { name: "Selection" });
  await see(tools.getByRole("button", { name: "Empty" }));
  assert.equal(await tools.getByRole("button", { name: /^Delete/ }).count(), 0);
  await tools.getByRole("button", { name: "Hide column" }).click();
  await page.getByRole("columnheader", { name: "product" }).waitFor({ state: "detached" });
});

test("what guests may do is said in the words of the editor", async () => {
  const page = await visit("/exposure");
  const users = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "users", level: 2 }) });
  await see(users.getByText("See them in lists", { exact: true }));
  assert.equal(await users.getByText("Some", { exact: true }).count(), 0, "no guest has the id of a record");
  assert.equal(await users.getByText("Nobody who is not signed in").count(), 4);
  await see(users.getByText("even without the right to open its record"));
  const orders = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "orders", level: 2 }) });
  await see(orders.getByText(/^Nothing: only superusers/));
  await assertAccessible(page);
});

test("the list of places shows where one is, however one came there", async () => {
  const page = await visit("/sql", { viewport: { width: 1440, height: 500 } });
  const current = page.getByRole("navigation", { name: "Collections" }).locator("[aria-current=page]");
  await assertReachable(current);
  assert.equal(await current.innerText(), "SQL console");
});

test("people are called by both of their names, in links, in searches and where names are pasted", async () => {
  const text = (/** @type {string} */ name) => ({ name, type: "text" });
  const people = await server.client.collections.create({
    name: "staff",
    type: "base",
    fields: [text("firstName"), text("lastName"), { name: "email", type: "email" }],
  });
  const [ana, other] = await Promise.all(
    ["Petrova", "Berger"].map((lastName) =>
      server.client.collection("staff").create({ firstName: "Ana", lastName, email: `${lastName}@example.com` }),
    ),
  );
  await server.client.collections.create({
    name: "shifts",
    type: "base",
    fields: [{ name: "who", type: "relation", collectionId: people.id, maxSelect: 1 }],
  });
  await server.client.collection("shifts").create({ who: ana?.id });
  const page = await visit("/collections/shifts", { permissions: ["clipboard-read", "clipboard-write"] });
  const cell = page.getByRole("gridcell", { name: "Ana Petrova" });
  await cell.click();
  await page.evaluate(() => navigator.clipboard.writeText("ana berger"));
  await page.keyboard.press("ControlOrMeta+v");
  await see(page.getByRole("gridcell", { name: "Ana Berger" }));
  await eventually(async () => {
    assert.equal((await server.client.collection("shifts").getFullList())[0]?.who, other?.id);
  });

  const box = page.getByRole("combobox", { name: "Search" });
  await server.client.collection("shifts").create({ who: ana?.id });
  await box.fill("ana petrova");
  await see(page.getByTitle("1 record", { exact: true }));
  await box.fill("");
  await see(page.getByTitle("2 records", { exact: true }));
  await page.getByRole("button", { name: "Menu of who" }).click();
  await page.getByRole("menuitem", { name: "Filter by this" }).click();
  const panel = page.getByRole("dialog", { name: "Filter" });
  await panel.getByRole("textbox", { name: "Value" }).fill("Berger Ana");
  await see(page.getByTitle("1 record", { exact: true }));
  await see(page.getByRole("gridcell", { name: "Ana Berger" }));
  await page.reload();
  await page.getByRole("button", { name: "Filter" }).click();
  assert.equal(await panel.getByRole("textbox", { name: "Value" }).inputValue(), "Berger Ana");
  await page.keyboard.press("Escape");

  await page.goto(`${server.dashboard}#/collections/staff?filter=${encodeURIComponent("ana petrova")}`);
  await see(page.getByTitle("1 record", { exact: true }));
});

test("an order is called by its number, and found by it", async () => {
  const order = await server.client.collection("orders").getFirstListItem("orderNo = 1042");
  const page = await visit(`/collections/orders?record=${order.id}`);
  await see(page.getByRole("dialog", { name: "1042", exact: true }));
  const found = await server.client.collection("orders").getList(1, 5, {
    filter: 'orderNo:lower = "1042" || product:lower = "1042"',
  });
  assert.equal(found.items[0]?.id, order.id, "a link that is pasted as a name is looked up so");
  assert.equal((await server.client.collection("orders").getList(1, 5, { filter: 'orderNo ~ "1042"' })).totalItems, 1);
});

test("a phone has the tools of a sheet in few buttons", async () => {
  const page = await visit("/collections/orders", { viewport: { width: 390, height: 800 } });
  await see(page.getByRole("grid"));
  assert.equal(await page.getByRole("link", { name: "Set up orders" }).filter({ visible: true }).count(), 0);
  for (const name of ["Filter", "Sort", "Columns", "New record"]) {
    const button = page.getByRole("button", { name: new RegExp(`^${name}`) });
    assert.equal(await button.getAttribute("title"), name);
  }
  await page.getByRole("button", { name: "Files" }).click();
  await page.getByRole("menuitem", { name: "Set up orders" }).click();
  await see(page.getByRole("tab", { name: "Fields" }));
});
