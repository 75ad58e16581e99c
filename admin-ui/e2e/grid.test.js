/** The sheet of records: typing, undo, the clipboard, filters, columns, what others change. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import {
  assertAccessible,
  eventually,
  holdMessage,
  newPage,
  openBrowser,
  see,
  seeFocus,
  signIn,
  waitForPlace,
} from "./support/browser.js";
import { startServer } from "./support/server.js";
import { makeShop, ROW_COUNT } from "./support/shop.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

/** The sign-in of the first page, for the others. @type {Awaited<ReturnType<import("playwright-core").BrowserContext["storageState"]>>} */
let signedIn;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  await makeShop(server.client);
  const page = await newPage(browser);
  await signIn(page, server.dashboard);
  await see(page.getByRole("link", { name: /goods/ }));
  signedIn = await page.context().storageState();
  await page.context().close();
});
after(() => Promise.all([browser?.close(), server?.stop()]));

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };

/** @param {string} place @param {import("playwright-core").BrowserContextOptions} [options] */
async function visit(place, options) {
  const page = await newPage(browser, { ...CLIPBOARD, storageState: signedIn, ...options });
  const isLive = page.waitForResponse((answer) => answer.url().endsWith("/api/realtime") && answer.status() === 204);
  // Views have no channel.
  isLive.catch(() => undefined);
  await page.goto(`${server.dashboard}#${place}`);
  await see(page.getByRole("grid"));
  if (!place.includes("/dear")) await isLive;
  return page;
}

/** @param {import("playwright-core").Page} page @param {number} row from 1 @param {number} column from 1 */
function cell(page, row, column) {
  return page.locator(`[role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${column + 1}"]`);
}

/** @param {import("playwright-core").Page} page */
async function saved(page) {
  await see(page.getByRole("status").getByText("All changes saved"));
}

/** @param {import("playwright-core").Page} page @param {string} text */
async function pasteText(page, text) {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press("ControlOrMeta+v");
}

/** @param {string} filter */
async function find(filter) {
  return await server.client.collection("goods").getFullList({ filter, sort: "number" });
}

/** Waits until the server has them. @param {string} filter @param {number[]} prices */
async function pricesBecome(filter, prices) {
  await eventually(async () => {
    assert.deepEqual(
      (await find(filter)).map(({ price }) => price),
      prices,
    );
  });
}

/**
 * Holds the requests to an address until they are let go.
 *
 * @param {import("playwright-core").Page} page @param {RegExp} address
 * @param {(route: import("playwright-core").Route) => Promise<void>} [answer]
 */
async function hold(page, address, answer = (route) => route.continue()) {
  /** @type {(value?: unknown) => void} */
  let letGo = () => undefined;
  const held = new Promise((resolve) => {
    letGo = resolve;
  });
  const asked = page.waitForRequest(address);
  await page.route(address, async (route) => {
    await held;
    await answer(route);
  });
  return { asked, letGo };
}

/** Somebody else adds a good above all others. It goes at the end of the test. @param {import("node:test").TestContext} t */
async function addAbove(t) {
  const goods = server.client.collection("goods");
  const lowest = (await goods.getFirstListItem("id != ''", { sort: "number" })).number;
  const { id, name } = await goods.create({ number: lowest - 1, name: `Added above ${lowest}` });
  t.after(() => goods.delete(id));
  return name;
}

const GOODS_PAGE = /\/api\/collections\/goods\/records\?.*perPage=100/;
const FEW_GOODS = "/collections/goods?sort=number&filter=number+%3C+9";

test("typing replaces a cell, Enter goes down, and undo and redo bring values back", async () => {
  const page = await visit("/collections/goods?sort=number");
  await cell(page, 2, 2).click();
  await page.keyboard.type("Lamp");
  await page.keyboard.press("Enter");
  await saved(page);
  assert.equal((await find("number = 2"))[0]?.name, "Lamp");
  await seeFocus(cell(page, 3, 2));

  await page.keyboard.press("ControlOrMeta+z");
  await see(cell(page, 2, 2).getByText("Good 2", { exact: true }));
  await saved(page);
  assert.equal((await find("number = 2"))[0]?.name, "Good 2");
  await page.keyboard.press("ControlOrMeta+Shift+z");
  await see(cell(page, 2, 2).getByText("Lamp"));
  await page.keyboard.press("ControlOrMeta+z");
  await saved(page);
});

test("a click on another cell keeps what was typed", async () => {
  const page = await visit(FEW_GOODS);
  await cell(page, 5, 2).click();
  await page.keyboard.type("Clicked");
  await cell(page, 7, 3).click();
  await see(cell(page, 5, 2).getByText("Clicked"));
  await seeFocus(cell(page, 7, 3));
  await saved(page);
  assert.equal((await find("number = 5"))[0]?.name, "Clicked");
  await page.keyboard.press("ControlOrMeta+z");
  await see(cell(page, 5, 2).getByText("Good 5", { exact: true }));
  await saved(page);
});

test("F2 edits what is there, Escape keeps it as it was, Tab goes on", async () => {
  const page = await visit("/collections/goods?sort=number");
  await cell(page, 1, 2).click();
  await page.keyboard.press("F2");
  await page.keyboard.type("!!");
  await page.keyboard.press("Escape");
  await see(cell(page, 1, 2).getByText("Good 1", { exact: true }));
  await page.keyboard.press("F2");
  await page.keyboard.type(" new");
  await page.keyboard.press("Tab");
  await seeFocus(cell(page, 1, 3));
  await saved(page);
  assert.equal((await find("number = 1"))[0]?.name, "Good 1 new");
  await page.keyboard.press("ControlOrMeta+z");
  await saved(page);
});

test("a refused value stays in the cell with the reason, until it is mended", async () => {
  const page = await visit("/collections/goods?sort=number");
  await cell(page, 4, 3).click();
  await page.keyboard.type("99999");
  await page.keyboard.press("Enter");
  await see(page.getByText("1 row not saved"));
  await cell(page, 4, 3).click();
  await see(cell(page, 4, 3).getByText("Must be less or equal than 10000"));
  await see(cell(page, 4, 3).getByText("99999"));
  await assertAccessible(page);

  await page.keyboard.type("cheap");
  await page.keyboard.press("Enter");
  await page.getByText("1 row not saved").click();
  await see(cell(page, 4, 3).getByText("This is not a number."));
  await cell(page, 4, 3).getByRole("button", { name: "Discard" }).click();
  await saved(page);
  await see(cell(page, 4, 3).getByText("8", { exact: true }));
});

test("a finger selects a cell, and edits it with another tap", async () => {
  const page = await visit("/collections/goods?sort=number", {
    viewport: { width: 390, height: 800 },
    hasTouch: true,
    isMobile: true,
  });
  await cell(page, 3, 2).tap();
  await seeFocus(cell(page, 3, 2));
  assert.equal(await page.getByRole("grid").locator("textarea").count(), 0);
  await cell(page, 3, 2).tap();
  await page.getByRole("grid").locator("textarea").fill("Tapped");
  await page.keyboard.press("Enter");
  await saved(page);
  assert.equal((await find("number = 3"))[0]?.name, "Tapped");
  await page.keyboard.press("ControlOrMeta+z");
  await see(cell(page, 3, 2).getByText("Good 3", { exact: true }));
  await saved(page);
});

test("the cursor that is shown works before anything was clicked, and Home brings the first columns back", async () => {
  const page = await visit("/collections/goods?sort=number", { viewport: { width: 800, height: 700 } });
  await see(cell(page, 9, 2));
  await page.keyboard.press("ArrowDown");
  await seeFocus(cell(page, 2, 1));
  const scrolled = () => page.getByRole("grid").evaluate((grid) => grid.scrollLeft);
  await page.keyboard.press("End");
  await seeFocus(cell(page, 2, 7));
  assert.notEqual(await scrolled(), 0);
  await page.keyboard.press("Home");
  await seeFocus(cell(page, 2, 1));
  assert.equal(await scrolled(), 0);

  await page.goto(`${server.dashboard}#/collections/groups`);
  await see(page.getByRole("gridcell", { name: "Tools", exact: true }));
  await page.evaluate(() => navigator.clipboard.writeText("Pasted"));
  // Letters may be meant for something else.
  await page.keyboard.press("x");
  await page.keyboard.press("ControlOrMeta+v");
  await see(cell(page, 1, 1).getByText("Pasted", { exact: true }));
  await saved(page);
  await page.keyboard.press("ControlOrMeta+z");
  await see(cell(page, 1, 1).getByText("Tools", { exact: true }));
  await saved(page);
});

test("undo takes back what could not be read, and nothing that was typed before it", async () => {
  const page = await visit("/collections/goods?sort=number");
  await cell(page, 6, 2).click();
  await page.keyboard.type("Kept");
  await page.keyboard.press("Enter");
  await saved(page);
  await cell(page, 7, 3).click();
  await page.keyboard.type("12,5o");
  await page.keyboard.press("Enter");
  await see(page.getByText("1 row not saved"));
  await page.keyboard.press("ControlOrMeta+z");
  await saved(page);
  assert.equal((await find("number = 6"))[0]?.name, "Kept");
  await see(cell(page, 7, 3).getByText("14", { exact: true }));
  await page.keyboard.press("ControlOrMeta+Shift+z");
  await see(cell(page, 7, 3).getByText("12,5o"));
  // What is discarded by its own button is no step any more.
  await cell(page, 7, 3).click();
  await cell(page, 7, 3).getByRole("button", { name: "Discard" }).click();
  await saved(page);
  await cell(page, 8, 2).click();
  await page.keyboard.press("ControlOrMeta+z");
  await see(cell(page, 6, 2).getByText("Good 6", { exact: true }));
  await saved(page);
});

test("a refused value of a row that was just added stays when another one is added, and wherever the row goes", async () => {
  const client = server.client;
  await client.collections.create({
    name: "fresh",
    type: "base",
    fields: [
      { name: "title", type: "text" },
      { name: "amount", type: "number" },
    ],
  });
  const page = await visit("/collections/fresh");
  await cell(page, 1, 1).click();
  await page.keyboard.type("first");
  await page.keyboard.press("Tab");
  await page.keyboard.type("abc");
  await page.keyboard.press("Enter");
  await see(page.getByText("1 row not saved"));
  // The new row comes by the channel, and all rows are asked for again.
  const second = await client.collection("fresh").create({ title: "second", amount: 2 });
  await see(page.getByRole("gridcell", { name: "second", exact: true }));
  const mine = page.getByRole("row").filter({ hasText: "first" });
  await see(mine.getByText("abc"));
  await page.getByRole("button", { name: "Load again" }).click();
  await page.getByText("1 row not saved").click();
  await see(mine.getByText("This is not a number."));

  // A filter that leaves it out does not hide it for good.
  await page.getByRole("combobox", { name: "Search" }).fill("second");
  await mine.waitFor({ state: "detached" });
  await page.getByText("1 row not saved").click();
  await see(mine.getByText("abc"));
  await page.getByText("1 row not saved").click();
  await page.keyboard.type("7");
  await page.keyboard.press("Enter");
  await saved(page);
  const records = await client.collection("fresh").getFullList({ sort: "amount" });
  assert.deepEqual(
    records.map(({ title, amount }) => [title, amount]),
    [
      [second.title, 2],
      ["first", 7],
    ],
  );
  await client.collections.delete("fresh");
});

test("what stands in an open cell is not lost when the page is loaded again", async () => {
  const page = await visit("/collections/goods?sort=number");
  /** @type {string[]} */
  const asked = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    dialog.dismiss();
  });
  await cell(page, 5, 2).click();
  await page.keyboard.type("half typed");
  await page.evaluate(() => location.reload());
  await eventually(() => assert.deepEqual(asked, ["beforeunload"]));
  await see(cell(page, 5, 2).getByText("half typed"));
  await saved(page);
  assert.equal((await find("number = 5"))[0]?.name, "half typed");
  await page.reload();
  await see(cell(page, 5, 2).getByText("half typed"));
  assert.deepEqual(asked, ["beforeunload"], "nothing is asked about what is saved");

  // Refused text is asked about from every screen.
  await cell(page, 5, 3).click();
  await page.keyboard.type("cheap");
  await page.keyboard.press("Enter");
  await see(page.getByText("1 row not saved"));
  await page.getByRole("link", { name: "groups" }).click();
  await see(page.getByRole("heading", { name: "groups" }));
  await page.evaluate(() => location.reload());
  await eventually(() => assert.deepEqual(asked, ["beforeunload", "beforeunload"]));
  await page.goBack();
  await cell(page, 5, 3).click();
  await cell(page, 5, 3).getByRole("button", { name: "Discard" }).click();
  await page.keyboard.press("Escape");
  await cell(page, 5, 2).click();
  await page.keyboard.type("Good 5");
  await page.keyboard.press("Enter");
  await saved(page);
});

test("what stands in an open cell is not lost by the back button", async () => {
  const page = await visit("/collections/groups");
  await page.getByRole("link", { name: "goods" }).click();
  await page.getByRole("button", { name: "Menu of number" }).click();
  await page.getByRole("menuitem", { name: "Sort 9 → 1" }).click();
  const last = cell(page, 1, 2);
  await see(last.getByText(`Good ${ROW_COUNT}`, { exact: true }));
  await last.click();
  await page.keyboard.type("Sorted");
  await page.goBack();
  await see(cell(page, 1, 2).getByText("Good 1", { exact: true }));
  await saved(page);
  assert.equal((await find(`number = ${ROW_COUNT}`))[0]?.name, "Sorted");

  await cell(page, 1, 2).click();
  await page.keyboard.type("Left");
  await page.goBack();
  await see(page.getByRole("heading", { name: "groups" }));
  await eventually(async () => assert.equal((await find("number = 1"))[0]?.name, "Left"));
  await page.goForward();
  await see(cell(page, 1, 2).getByText("Left"));
  const goods = server.client.collection("goods");
  for (const { id, number } of await find(`number = 1 || number = ${ROW_COUNT}`)) {
    await goods.update(id, { name: `Good ${number}` });
  }
});

test("the rows stay, with what is typed, when they cannot be asked for once more", async (t) => {
  const page = await visit(FEW_GOODS);
  await see(cell(page, 5, 2));
  const rows = await hold(page, GOODS_PAGE, (route) =>
    route.fulfill({ status: 500, json: { status: 500, message: "Broken.", data: {} } }),
  );
  await addAbove(t);
  await rows.asked;
  await cell(page, 5, 2).click();
  await page.keyboard.type("Still here");
  rows.letGo();
  await see(page.getByRole("alert").getByText("Steading ran into trouble of its own."));
  assert.equal(await page.getByRole("textbox", { name: "Value of name" }).inputValue(), "Still here");
  await page.keyboard.press("Enter");
  await saved(page);
  assert.equal((await find("number = 5"))[0]?.name, "Still here");
  await page.keyboard.press("ControlOrMeta+z");
  await saved(page);
  await page.unroute(GOODS_PAGE);
  await page.getByRole("button", { name: "Load again" }).click();
  await see(cell(page, 6, 2).getByText("Good 5", { exact: true }));
  await page.getByRole("alert").waitFor({ state: "detached" });
});

test("a block from a spreadsheet is pasted, also beyond the last row, and undone in one step", async () => {
  const page = await visit(`/collections/goods?sort=number&filter=${encodeURIComponent(`number > ${ROW_COUNT - 2}`)}`);
  await see(page.getByRole("row").filter({ hasText: `Good ${ROW_COUNT}` }));
  await cell(page, 2, 1).click();
  await pasteText(page, `${ROW_COUNT}\t"two\nlines"\t1.5\n${ROW_COUNT + 1}\tAdded\tmany\n`);
  await see(page.getByText("1 row added."));
  await see(page.getByText("1 cell could not be read"));
  // And no other is being saved.
  await see(page.getByRole("status").filter({ hasText: /^1 row not saved$/ }));
  const [last, added] = await find(`number >= ${ROW_COUNT}`);
  assert.deepEqual([last?.name, last?.price], ["two\nlines", 1.5]);
  assert.deepEqual([added?.name, added?.price], ["Added", 0]);

  await page.keyboard.press("ControlOrMeta+z");
  await see(cell(page, 2, 2).getByText(`Good ${ROW_COUNT}`));
  await saved(page);
  await eventually(async () => assert.equal((await find(`number > ${ROW_COUNT}`)).length, 0));
});

test("many cells are saved in few requests, and a refused one is kept; without batch requests they go singly", async () => {
  const ROWS = 130;
  const filter = `number > 1000 && number <= ${1000 + ROWS}`;
  const page = await visit(`/collections/goods?sort=number&filter=${encodeURIComponent(filter)}`);
  /** @type {string[]} */
  const writes = [];
  page.on("request", (request) => {
    if (request.method() === "PATCH" || request.url().endsWith("/api/batch")) writes.push(request.method());
  });
  const prices = async () => (await find(filter)).map(({ price }) => price);
  const before = await prices();
  const block = Array.from({ length: ROWS }, (_, row) => (row === 40 ? 99_999 : row / 2)).join("\n");
  await see(cell(page, 1, 3).getByText(/^2,?002$/));
  await cell(page, 1, 3).click();
  await pasteText(page, block);
  await see(page.getByText("1 row not saved"));
  await see(page.getByText(`${ROWS} cells pasted.`));
  await pricesBecome(
    filter,
    before.map((price, row) => (row === 40 ? price : row / 2)),
  );
  await see(page.getByRole("status").filter({ hasText: /^1 row not saved$/ }));
  assert.ok(writes.length < 6, `${writes.length} requests`);

  const { batch } = await server.client.settings.getAll();
  await server.client.settings.update({ batch: { ...batch, enabled: false } });
  await page.keyboard.press("ControlOrMeta+z");
  await pricesBecome(filter, before);
  await saved(page);
  assert.ok(writes.filter((method) => method === "PATCH").length >= ROWS);
  await server.client.settings.update({ batch });
});

test("what is copied can be pasted into a spreadsheet, links by name", async () => {
  const page = await visit("/collections/goods?sort=number");
  await cell(page, 1, 2).click();
  await page.keyboard.press("Shift+ArrowDown");
  for (let step = 0; step < 3; step++) await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("ControlOrMeta+c");
  await eventually(async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(text.replaceAll("\r\n", "\n"), "Good 1\t2\tTRUE\tTools\nGood 2\t4\tFALSE\tToys");
  });

  await cell(page, 10, 5).click();
  await pasteText(page, "toys\nNowhere");
  await see(page.getByText("1 cell could not be read"));
  await see(cell(page, 10, 5).getByText("Toys"));
  await see(page.getByText("1 row not saved"));
  await see(cell(page, 11, 5).getByText("Nowhere"));
  // One step, with what could not be read.
  await page.keyboard.press("ControlOrMeta+z");
  await saved(page);
  await see(cell(page, 11, 5).getByText("Tools"));
});

test("a series is filled down, and Space switches yes and no", async () => {
  const page = await visit("/collections/goods?sort=number&filter=number+%3C+6");
  await cell(page, 1, 3).click();
  await page.keyboard.press("Shift+ArrowDown");
  const handle = page.locator("[data-handle]");
  // Its place is known when the tools of the selection have theirs.
  await see(page.getByRole("toolbar", { name: "Selection" }));
  const [from, to] = [await handle.boundingBox(), await cell(page, 5, 3).boundingBox()];
  assert.ok(from && to);
  await page.mouse.move(from.x + 4, from.y + 4);
  await page.mouse.down();
  await page.mouse.move(to.x + 20, to.y + 10, { steps: 5 });
  await page.mouse.up();
  await pricesBecome("number < 6", [2, 4, 6, 8, 10]);
  await saved(page);
  await cell(page, 1, 4).click();
  await page.keyboard.press("Space");
  await saved(page);
  assert.equal((await find("number = 1"))[0]?.stocked, false);
  await page.keyboard.press("ControlOrMeta+z");
  await saved(page);
});

test("a new row begins at the end", async () => {
  const page = await visit("/collections/groups");
  await cell(page, 1, 1).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.type("Books");
  await page.keyboard.press("Enter");
  await saved(page);
});

test("a row that was added is shown once, and only where it fits, when another filter is chosen", async () => {
  const page = await visit("/collections/groups?filter=Books");
  await see(page.getByRole("grid"));
  await cell(page, 2, 1).click();
  await page.keyboard.type("Music");
  await page.keyboard.press("Enter");
  await saved(page);
  await see(page.getByRole("gridcell", { name: "Music" }));
  const box = page.getByRole("combobox", { name: "Search" });
  await box.fill("usic");
  await page.getByRole("gridcell", { name: "Books" }).waitFor({ state: "detached" });
  // The heads and the place for a new row are rows, too.
  await see(page.locator("[role=grid][aria-rowcount='4']"));
  assert.equal(await page.getByRole("gridcell", { name: "Music" }).count(), 1);
  await box.fill("Books");
  await page.getByRole("gridcell", { name: "Music" }).waitFor({ state: "detached" });
  const { id } = await server.client.collection("groups").getFirstListItem("name = 'Music'");
  await server.client.collection("groups").delete(id);
});

/** @param {string} collection @param {string} filter */
async function first(collection, filter) {
  return await server.client.collection(collection).getFirstListItem(filter);
}

test("deleted rows can be taken back whole while the message offers it, and are gone when it closes", async () => {
  await server.client.collections.create({
    name: "scans",
    type: "base",
    fields: [
      { name: "name", type: "text", presentable: true },
      { name: "paper", type: "file", maxSelect: 1 },
    ],
  });
  const scans = server.client.collection("scans");
  for (const name of ["One", "Two", "Three"]) await scans.create({ name, paper: new File([name], `${name}.txt`) });
  const { id } = await first("scans", "name = 'Two'");
  const page = await visit("/collections/scans");
  const two = page.getByRole("gridcell", { name: "Two", exact: true });
  const deleteTwo = async () => {
    await page.getByRole("rowheader", { name: "2" }).click();
    await page.keyboard.press("Delete");
    await see(page.getByText("“Two” was deleted."));
    await two.waitFor({ state: "detached" });
    await see(page.locator("[role=grid][aria-rowcount='5']"));
  };
  await deleteTwo();
  const message = await holdMessage(page, "“Two” was deleted.");
  await see(message.getByText("Undo is possible until this message closes."));
  await assertAccessible(page);
  await message.getByRole("button", { name: "Undo" }).click();
  await see(two);
  assert.match((await scans.getOne(id)).paper, /^two_/);

  await deleteTwo();
  await page.keyboard.press("ControlOrMeta+z");
  await see(two);
  await page.getByText("“Two” was deleted.").waitFor({ state: "detached" });
  assert.match((await scans.getOne(id)).paper, /^two_/);

  await deleteTwo();
  const last = await holdMessage(page, "“Two” was deleted.");
  await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === "DELETE"),
    last.getByRole("button", { name: "Dismiss" }).click(),
  ]);
  await assert.rejects(scans.getOne(id));
  await cell(page, 1, 1).click();
  await page.keyboard.press("ControlOrMeta+z");
  await see(page.getByText("1 record was made again, without its files"));
  await eventually(async () => assert.equal((await scans.getOne(id)).name, "Two"));
});

test("deleting says what others lose", async () => {
  const page = await visit("/collections/groups");
  await page.getByRole("rowheader", { name: "1" }).click();
  await page.keyboard.press("Delete");
  const question = page.getByRole("dialog", { name: "Delete “Tools”?" });
  await see(question.getByText(/1,000 records of goods lose their link in group/));
  await assertAccessible(page);
  await question.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await page.getByRole("gridcell", { name: "Tools" }).count(), 1);
});

test("selected rows are downloaded as JSON", async () => {
  const page = await visit("/collections/goods?sort=number&filter=number+%3C+4");
  await page.getByRole("rowheader", { name: "1" }).click();
  await page.getByRole("rowheader", { name: "3" }).click({ modifiers: ["Shift"] });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download as JSON" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "goods.json");
  const records = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.equal(records.length, 3);
  const stored = await server.client.collection("goods").getOne(records[2].id);
  assert.deepEqual(records[2], { ...stored });
});

test("several rows are changed together", async () => {
  const page = await visit("/collections/goods?sort=number&filter=number+%3C+4");
  await page.getByRole("rowheader", { name: "1" }).click();
  await page.getByRole("rowheader", { name: "3" }).click({ modifiers: ["Shift"] });
  await page.getByRole("toolbar", { name: "Selection" }).getByRole("button", { name: "Change" }).click();
  const dialog = page.getByRole("dialog", { name: "Change 3 rows" });
  await dialog.getByRole("combobox", { name: "Column" }).selectOption("price");
  await dialog.getByRole("textbox", { name: "New value" }).fill("7.5");
  await assertAccessible(page);
  await dialog.getByRole("button", { name: "Change 3 rows" }).click();
  await pricesBecome("number < 4", [7.5, 7.5, 7.5]);
  await saved(page);
  await cell(page, 1, 1).click();
  await page.keyboard.press("ControlOrMeta+z");
  await pricesBecome("number = 2", [4]);
});

test("rows that are changed together are those that were selected, also when others move them meanwhile", async (t) => {
  const page = await visit(FEW_GOODS);
  await page.getByRole("rowheader", { name: "5" }).click();
  await page.getByRole("rowheader", { name: "6" }).click({ modifiers: ["Shift"] });
  await page.getByRole("toolbar", { name: "Selection" }).getByRole("button", { name: "Change" }).click();
  const dialog = page.getByRole("dialog", { name: "Change 2 rows" });
  await dialog.getByRole("combobox", { name: "Column" }).selectOption("kind");
  await dialog.getByRole("checkbox", { name: "small" }).check();
  await see(cell(page, 1, 2).getByText(await addAbove(t)));
  await dialog.getByRole("button", { name: "Change 2 rows" }).click();
  await saved(page);
  const changed = await find("kind = 'small'");
  assert.deepEqual(
    changed.map(({ number }) => number),
    [5, 6],
  );

  // The selection stays on them, wherever the focus is.
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("combobox", { name: "Search" }).focus();
  await see(cell(page, 1, 2).getByText(await addAbove(t)));
  await see(cell(page, 7, 2).getByText("Good 5", { exact: true }));
  const selected = page.getByRole("row", { selected: true });
  await eventually(async () => {
    assert.deepEqual(await selected.evaluateAll((rows) => rows.map((row) => row.ariaRowIndex)), ["8", "9"]);
  });
  for (const { id } of changed) await server.client.collection("goods").update(id, { kind: "" });
});

test("what is typed is written to its record, also when others move the rows meanwhile", async (t) => {
  const page = await visit(FEW_GOODS);
  await see(cell(page, 5, 2));
  const rows = await hold(page, GOODS_PAGE);
  const above = await addAbove(t);
  await rows.asked;
  await cell(page, 5, 2).click();
  await page.keyboard.type("Fifth");
  rows.letGo();
  await see(cell(page, 1, 2).getByText(above));
  assert.equal(await page.getByRole("textbox", { name: "Value of name" }).inputValue(), "Fifth");
  await page.keyboard.press("Enter");
  await saved(page);
  await see(cell(page, 6, 2).getByText("Fifth"));
  await seeFocus(cell(page, 7, 2));
  assert.deepEqual(
    (await find("number = 4 || number = 5")).map(({ name }) => name),
    ["Good 4", "Fifth"],
  );
  await page.keyboard.press("ControlOrMeta+z");
  await see(cell(page, 6, 2).getByText("Good 5", { exact: true }));
  await saved(page);
});

test("the cursor stays at the place for a new row when others add some", async (t) => {
  const page = await visit(FEW_GOODS);
  await cell(page, 9, 2).click();
  const above = await addAbove(t);
  await see(cell(page, 1, 2).getByText(above));
  await seeFocus(cell(page, 10, 2));
});

test("a text in a JSON field stays a text", async () => {
  await server.client.collections.create({ name: "papers", type: "base", fields: [{ name: "more", type: "json" }] });
  const papers = server.client.collection("papers");
  const { id } = await papers.create({});
  const page = await visit("/collections/papers");
  const stored = async () => (await papers.getOne(id)).more;
  for (const [text, value] of /** @type {const} */ ([
    ['"5"', "5"],
    ['"{}"', "{}"],
    ["5", 5],
  ])) {
    await cell(page, 1, 1).click();
    await page.keyboard.press("F2");
    await page.getByRole("textbox", { name: "Value of more" }).fill(text);
    await page.keyboard.press("ControlOrMeta+Enter");
    await eventually(async () => assert.strictEqual(await stored(), value));
  }
  await saved(page);
  await page.keyboard.press("ControlOrMeta+z");
  await eventually(async () => assert.strictEqual(await stored(), "{}"));
  await server.client.collections.delete("papers");
});

test("what is pasted goes into the rows that were selected, also when others move them meanwhile", async (t) => {
  const page = await visit(FEW_GOODS);
  await see(cell(page, 4, 5).getByText("Toys"));
  await cell(page, 4, 5).click();
  const names = await hold(page, /\/api\/collections\/groups\/records\?/);
  await pasteText(page, "Tools");
  await names.asked;
  await see(cell(page, 1, 2).getByText(await addAbove(t)));
  names.letGo();
  await see(cell(page, 5, 5).getByText("Tools"));
  await saved(page);
  const tools = await first("groups", "name = 'Tools'");
  assert.equal((await find("number = 4"))[0]?.group, tools.id);
  await page.keyboard.press("ControlOrMeta+z");
  await see(cell(page, 5, 5).getByText("Toys"));
  await saved(page);
});

test("Ctrl and an arrow go to the edge of a block, far beyond what is loaded, and with Shift select to it", async () => {
  const goods = server.client.collection("goods");
  const since = "2026-01-01 00:00:00.000Z";
  const dated = await find("number = 3 || number = 4 || number = 5 || number = 1500");
  for (const { id } of dated) await goods.update(id, { since });
  const page = await visit("/collections/goods?sort=number");
  const isActive = (/** @type {number} */ row, /** @type {number} */ column) =>
    page.waitForFunction(
      (at) => document.activeElement?.matches(`[data-row="${at.row - 1}"][data-column="${at.column - 1}"]`),
      { row, column },
    );
  await cell(page, 1, 6).click();
  for (const row of [3, 5, 1500, ROW_COUNT]) {
    await page.keyboard.press("ControlOrMeta+ArrowDown");
    await isActive(row, 6);
  }
  for (const row of [1500, 5, 3, 1]) {
    await page.keyboard.press("ControlOrMeta+ArrowUp");
    await isActive(row, 6);
  }
  await page.keyboard.press("ControlOrMeta+ArrowLeft");
  await isActive(1, 5);
  await page.keyboard.press("ControlOrMeta+Shift+ArrowDown");
  await page.keyboard.press("ControlOrMeta+Shift+ArrowLeft");
  await see(page.getByRole("toolbar", { name: "Selection" }).getByText(`${ROW_COUNT.toLocaleString("en")} rows`));
  await see(page.getByText(`${ROW_COUNT.toLocaleString("en")} rows × 5 columns`).first());
  for (const { id } of dated) await goods.update(id, { since: "" });
});

test("all rows are reached by scrolling, and few of them are in the page", async () => {
  const page = await visit("/collections/goods?sort=number");
  const grid = page.getByRole("grid");
  await see(page.locator(`[role=grid][aria-rowcount="${ROW_COUNT + 3}"]`));
  await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await see(page.getByRole("gridcell", { name: `Good ${ROW_COUNT}`, exact: true }));
  assert.ok((await page.getByRole("row").count()) < 70);
  await cell(page, ROW_COUNT, 2).click();
  await page.keyboard.press("ControlOrMeta+Home");
  await see(page.getByRole("gridcell", { name: "Good 1", exact: true }));
  await seeFocus(cell(page, 1, 1));
});

test("a filter is put together in words, stands in the address, and is a text one click away", async () => {
  const page = await visit("/collections/goods?sort=number");
  await page.getByRole("button", { name: "Menu of name" }).click();
  await page.getByRole("menuitem", { name: "Filter by this" }).click();
  const panel = page.getByRole("dialog", { name: "Filter" });
  await panel.getByRole("textbox", { name: "Value" }).fill("Good 19");
  await page.waitForURL((url) => new URLSearchParams(url.hash.split("?")[1]).get("where") === 'name ~ "Good 19"');
  await panel.getByRole("button", { name: "Add condition" }).click();
  await panel.getByRole("combobox", { name: "Column" }).nth(1).selectOption("price");
  await panel.getByRole("combobox", { name: "Comparison" }).nth(1).selectOption(">");
  await panel.getByRole("textbox", { name: "Value" }).nth(1).fill("3900");
  await see(page.getByRole("gridcell", { name: "Good 1951", exact: true }));
  await see(page.locator(`[role=grid][aria-rowcount="${49 + 3}"]`));
  await assertAccessible(page);
  await panel.getByRole("button", { name: "As text" }).click();
  const text = panel.getByRole("textbox", { name: "Filter as text" });
  assert.equal(await text.inputValue(), 'name ~ "Good 19" && price > 3900');
  await text.fill("price > number && nmae = 1");
  await panel.getByRole("button", { name: "Apply" }).click();
  await see(page.getByRole("alert"));
  await text.fill("number = price / 2");
  assert.equal(await panel.getByRole("button", { name: "In words" }).isDisabled(), true);
});

test("heads sort by several columns, hide, freeze and move them, and it is remembered", async () => {
  const page = await visit("/collections/goods");
  const choose = async (/** @type {string} */ field, /** @type {string} */ item) => {
    await page.getByRole("button", { name: `Menu of ${field}` }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await choose("stocked", "Sort no → yes");
  await choose("number", "Then sort by this");
  await waitForPlace(page, "/collections/goods?sort=stocked%2Cnumber");
  await see(page.getByRole("row").nth(1).getByText("Good 2", { exact: true }));
  await choose("price", "Hide");
  await choose("name", "Move left");
  await choose("name", "Freeze");
  await page.reload();
  await see(page.getByRole("columnheader", { name: "name" }));
  const heads = await page
    .getByRole("columnheader")
    .evaluateAll((all) => all.map((head) => head.getAttribute("aria-label")));
  assert.deepEqual(heads.slice(1, 4), ["name", "number", "stocked"]);
  await assertAccessible(page);
});

test("the foot sums over all records that the filter finds, and remembers what is wanted", async () => {
  const page = await visit("/collections/goods?filter=number+%3E+100+%26%26+number+%3C%3D+400");
  await page.getByRole("button", { name: "Summary of price" }).click();
  await page.getByRole("menuitemradio", { name: "Sum", exact: true }).click();
  // 300 numbers from 101 to 400, twice each.
  await see(page.getByRole("button", { name: "Summary of price" }).getByText("150,300"));
  await page.reload();
  await see(page.getByRole("button", { name: "Summary of price" }).getByText("150,300"));
});

test("columns are added and renamed from the head", async () => {
  const page = await visit("/collections/groups");
  await page.getByRole("button", { name: "Add column" }).click();
  const dialog = page.getByRole("dialog", { name: "Add column" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Größe");
  await dialog.getByRole("combobox", { name: "Type" }).selectOption({ label: "Number" });
  await dialog.getByRole("button", { name: "Add column" }).click();
  await see(page.getByRole("columnheader", { name: "Grosse" }));
  await page.getByRole("button", { name: "Menu of Grosse" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("size");
  await page.getByRole("button", { name: "Rename" }).click();
  await see(page.getByRole("columnheader", { name: "size" }));
  const { fields } = await server.client.collections.getOne("groups");
  assert.ok(fields.some(({ name, type }) => name === "size" && type === "number"));
});

test("what others change appears, and does not disturb somebody who is typing", async () => {
  const page = await visit("/collections/goods?sort=number&filter=number+%3C+9");
  await cell(page, 7, 2).click();
  await page.keyboard.type("half typed");
  const [sixth, seventh] = await find("number = 6 || number = 7");
  assert.ok(sixth && seventh);
  await see(cell(page, 6, 2));
  const goods = server.client.collection("goods");
  await goods.update(sixth.id, { name: "By somebody else" });
  await goods.update(seventh.id, { name: "Meanwhile" });
  await see(cell(page, 6, 2).getByText("By somebody else"));
  assert.equal(await page.getByRole("textbox", { name: "Value of name" }).inputValue(), "half typed");
  await page.keyboard.press("Escape");
  await see(cell(page, 7, 2).getByText("Meanwhile"));
  await goods.update(sixth.id, { name: "Good 6" });
  await goods.update(seventh.id, { name: "Good 7" });
});

test("a row that belongs elsewhere by now is marked and put there on request, or quietly when nobody is editing", async () => {
  const page = await visit("/collections/goods?sort=-price&filter=number+%3C+9+%26%26+price+%3C+100");
  const eighth = (await find("number = 8"))[0];
  const goods = server.client.collection("goods");
  assert.ok(eighth);
  await see(cell(page, 1, 2).getByText("Good 8", { exact: true }));
  await cell(page, 3, 2).click();
  await goods.update(eighth.id, { price: 1 });
  await see(page.getByText("1 row belongs elsewhere now"));
  await see(page.getByRole("rowheader").getByRole("img", { name: /belongs elsewhere/ }));
  await see(cell(page, 1, 2).getByText("Good 8", { exact: true }));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Sort again" }).click();
  await see(cell(page, 8, 2).getByText("Good 8", { exact: true }));
  await page.getByRole("button", { name: "Sort again" }).waitFor({ state: "detached" });

  await page.getByRole("combobox", { name: "Search" }).focus();
  await goods.update(eighth.id, { price: 500 });
  await page.getByRole("gridcell", { name: "Good 8", exact: true }).waitFor({ state: "detached" });
  await goods.update(eighth.id, { price: 16 });
});

test("views are read only and say so", async () => {
  const page = await visit("/collections/dear");
  await see(page.getByText("Calculated from other collections, so nothing can be typed in here."));
  await cell(page, 1, 1).click();
  await page.keyboard.type("x");
  assert.equal(await page.getByRole("grid").getByRole("textbox").count(), 0);
  assert.equal(await page.getByRole("button", { name: "New record" }).count(), 0);
});

test("a phone selects by tap, edits by double tap, and does not scroll sideways", async () => {
  const page = await visit("/collections/goods?sort=number", { viewport: { width: 390, height: 760 }, hasTouch: true });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await cell(page, 3, 2).tap();
  await cell(page, 3, 2).dblclick();
  await see(page.getByRole("textbox", { name: "Value of name" }));
  await page.keyboard.press("Escape");
  await assertAccessible(page);

  // The first column says which row it is, until somebody wants the room.
  await page.getByRole("grid").evaluate((grid) => grid.scrollTo(500, 0));
  const first = page.getByRole("columnheader", { name: "number", exact: true });
  await eventually(async () => assert.equal(await first.evaluate(isReachable), true));
  await page.getByRole("button", { name: "Menu of number" }).click();
  await page.getByRole("menuitem", { name: "Unfreeze" }).click();
  await first.waitFor({ state: "detached" });
});

/** @param {Element} element whether a click would reach it */
function isReachable(element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}
