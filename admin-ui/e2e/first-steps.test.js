/** The first hour of an owner: templates and their samples. */

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

test("every template makes its collections, and one click removes all samples", async () => {
  const page = await newPage(browser);
  await signIn(page, server.dashboard);
  await see(page.getByRole("heading", { name: "What do you want to keep track of?" }));
  await assertAccessible(page);
  const titles = ["Customers and orders", "Bookings", "Inventory", "Events", "Blog"];
  for (const [index, title] of titles.entries()) {
    if (index > 0) {
      await page.goto(`${server.dashboard}#/collections`);
      await see(page.getByRole("heading", { name: "Your collections", level: 1 }));
      await page.getByText("Add more").click();
    }
    await page.getByRole("button", { name: new RegExp(`^${title}`) }).click();
    await see(page.getByText(`“${title}” is ready`));
  }
  const orders = await server.client.collection("orders").getFullList({ expand: "customer", sort: "number" });
  assert.deepEqual(
    orders.map(({ expand }) => expand?.customer.name),
    ["Anna Berger", "Café Central", "Anna Berger", "Luis Moreno"],
  );
  await server.client.collection("customers").create({ name: "A real one" });

  await page.goto(`${server.dashboard}#/collections`);
  await page.getByRole("button", { name: "Remove the samples" }).click();
  await see(page.getByText("The samples are removed."));
  for (const name of [
    "orders",
    "bookings",
    "rooms",
    "items",
    "suppliers",
    "registrations",
    "events",
    "posts",
    "authors",
  ]) {
    assert.equal((await server.client.collection(name).getList(1, 1)).totalItems, 0, name);
  }
  assert.equal((await server.client.collection("customers").getList(1, 1)).totalItems, 1, "one's own records stay");
});

test("the search of everything finds collections, records and screens by keyboard", async () => {
  await server.client.collection("customers").create({ name: "Zoë Unusual" });
  const page = await newPage(browser);
  await signIn(page, server.dashboard);
  await see(page.getByRole("heading", { name: "Your collections" }));
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Search collections" });
  // As soon as it is there, it takes what is typed.
  await see(box);
  await page.keyboard.type("unusual");
  await see(page.getByRole("option", { name: "Zoë Unusual" }));
  await assertAccessible(page);
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/collections\/customers\?record=/);

  await page.goto(`${server.dashboard}#/team`);
  await see(page.getByRole("heading", { name: "Team" }));
  await page.keyboard.press("Control+k");
  await box.fill("sett mail");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/settings\?tab=mail/);
});
