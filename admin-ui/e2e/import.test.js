/** Bringing in files through the page, and undoing it. */

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

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** @param {string} name @param {string} text */
async function upload(name, text) {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/import`);
  await page.getByLabel("Choose a file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await see(page.getByRole("heading", { name: "What becomes of the columns" }));
  return page;
}

test("a spreadsheet becomes a collection, and is undone again", async () => {
  const rows = Array.from({ length: 500 }, (_, at) => `${at + 1};Customer ${at + 1};${at},50;2025-01-0${(at % 9) + 1}`);
  const page = await upload("my customers.csv", `No;Name;Balance;Since\n${rows.join("\n")}\n`);
  await see(page.getByText("500 rows"));
  await assertAccessible(page);
  await page.getByLabel("Its name").fill("customers");
  await page.getByRole("button", { name: "Try without saving" }).click();
  await see(page.getByText("This would add 500 and change 0 records."));
  assert.ok(!(await server.client.collections.getFullList()).some(({ name }) => name === "customers"));

  await page.getByRole("button", { name: "Import", exact: true }).click();
  await see(page.getByText("500 records were added."));
  await assertAccessible(page);
  // Found again later, with the way back.
  await page.getByRole("button", { name: "Bring in another file" }).click();
  await assertAccessible(page);
  await page.getByRole("link", { name: /^my customers\.csv customers: 500 records were added\./ }).click();
  await see(page.getByText("500 records were added."));
  const first = await server.client.collection("customers").getFirstListItem("name = 'Customer 3'");
  assert.equal(first.balance, 2.5);

  await page.getByRole("button", { name: "Undo the import" }).click();
  await see(page.getByText("The import is undone."));
  assert.ok(!(await server.client.collections.getFullList()).some(({ name }) => name === "customers"));
});

test("rows with mistakes are named with their cell, and can be left out", async () => {
  await server.client.collections.create({
    type: "base",
    name: "stock",
    fields: [
      { name: "item", type: "text", required: true },
      { name: "amount", type: "number" },
    ],
  });
  const page = await upload("stock.csv", "item,amount\nHammer,5\nNail,many\nScrew,7\n<img src=x onerror=alert(1)>,1\n");
  await see(page.getByText("<img src=x onerror=alert(1)>").first());
  assert.equal(await page.locator("img[src=x]").count(), 0, "what a file says is text");
  await page.getByRole("combobox", { name: "Collection", exact: true }).selectOption("stock");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await see(page.getByText("Nothing was saved, because some rows have mistakes."));
  await see(page.getByRole("cell", { name: "many" }));
  await page.getByRole("button", { name: "Import without these rows" }).click();
  await see(page.getByText("3 records were added."));
  await see(page.getByText("1 row was left out"));
  const items = await server.client.collection("stock").getFullList({ sort: "item" });
  assert.deepEqual(
    items.map(({ item }) => item),
    ["<img src=x onerror=alert(1)>", "Hammer", "Screw"],
  );
});
