/** Bringing in files through the page, and undoing it. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { assertAccessible, eventually, newPage, openBrowser, see, signIn } from "./support/browser.js";
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

/** @param {string} name @param {string} text */
async function upload(name, text) {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/import`);
  await page.getByLabel("Choose a file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await see(page.getByRole("heading", { name: "What becomes of the columns" }));
  return page;
}

test("a file can be dropped where the dashboard asks what to keep track of", async () => {
  const page = await newPage(browser);
  await signIn(page, server.dashboard);
  await see(page.getByRole("heading", { name: "What do you want to keep track of?" }));
  /** @param {import("playwright-core").Locator} target */
  const drop = async (target) => {
    const dataTransfer = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["name;since\nAnna;2025-01-02\n"], "friends.csv", { type: "text/csv" }));
      return transfer;
    });
    return await target.evaluate((element, data) => {
      const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      element.dispatchEvent(event);
      return event.defaultPrevented;
    }, dataTransfer);
  };
  // Beside the place for it, the browser would open the file instead of the dashboard.
  assert.equal(await drop(page.getByRole("heading", { level: 1 })), true);
  await drop(page.getByText("Drop a file here"));
  await see(page.getByRole("heading", { name: "What becomes of the columns" }));
  await see(page.getByText("friends.csv"));
  await see(page.getByText("since", { exact: true }));
});

test("a spreadsheet becomes a collection, and is undone again", async () => {
  const rows = Array.from({ length: 500 }, (_, at) => `${at + 1};Customer ${at + 1};${at},50;2025-01-0${(at % 9) + 1}`);
  const page = await upload("my customers.csv", `No;Name;Balance;Since\n${rows.join("\n")}\n`);
  await see(page.getByText("500 rows"));
  await assertAccessible(page);
  await page.getByLabel("Name of the collection").fill("customers");
  // What was changed in the plan is not left behind unasked.
  await page.getByRole("link", { name: "Overview" }).click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Stay here" }).click();
  assert.equal(await page.getByLabel("Name of the collection").inputValue(), "customers");
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
  await see(page.getByRole("cell", { name: "many", exact: true }));
  await see(page.getByText("Nail · many"));
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save these rows as a file" }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), "stock-rows.csv");
  assert.equal(await readFile(await saved.path(), "utf8"), "item,amount\r\nNail,many\r\n");
  await page.getByRole("button", { name: "Import without these rows" }).click();
  await see(page.getByText("3 records were added."));
  await see(page.getByText("1 row was left out"));
  const items = await server.client.collection("stock").getFullList({ sort: "item" });
  assert.deepEqual(
    items.map(({ item }) => item),
    ["<img src=x onerror=alert(1)>", "Hammer", "Screw"],
  );
});

test("a spreadsheet with real mess: types are proposed, links find their field, and what is wrong is said in German", async () => {
  const { client } = server;
  await client.collections.create({
    type: "base",
    name: "kunden",
    fields: [
      { name: "nr", type: "text" },
      { name: "name", type: "text" },
    ],
  });
  for (const [nr, name] of [
    ["1001", "Anna"],
    ["1002", "Bea"],
  ]) {
    await client.collection("kunden").create({ nr, name });
  }
  const rows = Array.from(
    { length: 12 },
    (_, at) => `0${at + 1}.03.2024,100${(at % 2) + 1},"${at},50",${at % 3 ? "ja" : "nein"}`,
  ).map((row) => row.replace(/^0(\d\d)/, "$1"));
  const page = await newPage(browser, { locale: "de-DE" });
  await page.goto(`${server.dashboard}#/import`);
  await page.getByLabel("E-Mail").fill(SUPERUSER.email);
  await page.getByLabel("Passwort", { exact: true }).fill(SUPERUSER.password);
  await page.getByRole("button", { name: "Anmelden" }).click();
  const text = `Datum,Kunde,Betrag,Bezahlt\n${rows.join("\n")}\nunbekannt,1001,"7,00",ja\n`;
  await page
    .getByLabel("Datei wählen")
    .setInputFiles({ name: "Rechnungen 2024.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.getByLabel("Name der Sammlung").fill("Rechnungen für 2024 ");
  await page.getByLabel("Name der Sammlung").blur();
  assert.equal(await page.getByLabel("Name der Sammlung").inputValue(), "Rechnungen_fur_2024");

  await see(page.getByText("Die meisten Zellen passen zu „Datum“."));
  await page.getByRole("button", { name: "Datum verwenden" }).click();
  await see(page.getByText("Jede Zelle passt zu „Zahl“."));
  await page.getByRole("button", { name: "Zahl verwenden" }).click();
  await page.getByRole("button", { name: "Ja oder Nein verwenden" }).click();
  assert.equal(await page.getByRole("button", { name: /verwenden$/ }).count(), 0);
  const customer = page.getByRole("listitem").filter({ hasText: "Kunde" });
  await customer.getByLabel("Art", { exact: true }).selectOption("relation");
  // The heading names the collection, and its values the field.
  await eventually(async () => assert.equal(await customer.getByLabel("Gefunden durch").inputValue(), "nr"));
  const offered = await customer.getByLabel("Verweist auf").locator("option").allTextContents();
  assert.ok(!offered.some((name) => name.startsWith("_")), "no collection of the server's own");
  await assertAccessible(page);

  await page.getByRole("button", { name: "Einlesen", exact: true }).click();
  await see(page.getByText("„unbekannt“ ist kein Datum"));
  await page.getByRole("button", { name: "Ohne diese Zeilen einlesen" }).click();
  await see(page.getByText("12 Einträge wurden angelegt."));
  const [first] = await client.collection("Rechnungen_fur_2024").getFullList({ sort: "betrag", expand: "kunde" });
  assert.deepEqual([first?.betrag, first?.bezahlt, first?.expand?.kunde.name], [0.5, false, "Anna"]);
});

test("a file of which no row can be taken offers no way to import nothing", async () => {
  const page = await upload("sums.csv", "sum\na\nb\nc\n");
  await page.getByLabel("Type", { exact: true }).selectOption("number");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await see(page.getByText("Every row has a mistake."));
  await see(page.getByText("“a” is not a number."));
  assert.equal(await page.getByRole("button", { name: "Import without these rows" }).count(), 0);
});
