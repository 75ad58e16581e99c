/** Bringing in large files through the page, and files that link to each other. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible, newPage, openBrowser, see, signIn } from "./support/browser.js";
import { startServer } from "./support/server.js";

const ROWS = 20_000;
const CHINOOK = resolve(import.meta.dirname, "../../demo/chinook");
/** @typedef {import("playwright-core").Page} Page */

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
});
after(() => Promise.all([browser?.close(), server?.stop()]));

async function visit() {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/import`);
  return page;
}

/** @param {Page} page @param {string | { name: string, mimeType: string, buffer: Buffer }} file */
async function upload(page, file) {
  await page.getByLabel("Choose a file").setInputFiles(file);
  await see(page.getByRole("heading", { name: "What becomes of the columns" }));
}

/** Carries the plan out. @param {Page} page @param {string} outcome */
async function carryOut(page, outcome) {
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await see(page.getByText(outcome));
}

/** Remembers what the progress bar has said from now on. @param {Page} page */
async function watchProgress(page) {
  await page.evaluate(() => {
    const said = new Set();
    const look = () => said.add(document.querySelector("[role=progressbar]")?.getAttribute("aria-label"));
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    Object.assign(globalThis, { said });
  });
  /** @type {() => Promise<string[]>} */
  // @ts-expect-error set above
  return () => page.evaluate(() => [...globalThis.said].filter(Boolean));
}

/** @param {Page} page @param {string} name */
async function undo(page, name) {
  await page.getByRole("button", { name: "Undo the import" }).click();
  await page.getByLabel("Choose a file").waitFor({ state: "attached" });
  const collections = await server.client.collections.getFullList();
  assert.ok(!collections.some((collection) => collection.name === name));
}

test("20,000 rows of CSV and of XLSX become records that the sheet shows, and are undone", async () => {
  const lines = Array.from({ length: ROWS }, (_, at) => {
    const row = at + 1;
    return `${row};Customer ${row};c${row}@example.com;${row},25;2025-01-${String((row % 28) + 1).padStart(2, "0")};${row % 2 === 0}`;
  });
  const csv = `No;Name;Email;Balance;Since;Newsletter\n${lines.join("\n")}\n`;
  const page = await visit();
  await upload(page, { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await see(page.getByText("20,000 rows"));
  const said = await watchProgress(page);
  await carryOut(page, "20,000 records were added.");
  const progress = (await said()).filter((label) => / of 20,000 rows$/.test(label));
  assert.ok(progress.length > 0, "the page says how far it is");
  const ofCsv = page.url();

  await page.getByRole("link", { name: "Look at the records" }).click();
  const grid = page.getByRole("grid");
  await see(page.locator(`[role=grid][aria-rowcount="${ROWS + 3}"]`));
  await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await see(page.getByRole("gridcell", { name: "Customer 20000", exact: true }));

  await page.getByRole("button", { name: "Files" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "As Excel (XLSX)" }).click(),
  ]);
  const workbook = await readFile(await download.path());
  await page.goto(`${server.dashboard}#/import`);
  await upload(page, { name: "copy.xlsx", mimeType: "application/octet-stream", buffer: workbook });
  await see(page.getByText("20,000 rows"));
  await carryOut(page, "20,000 records were added.");
  const copies = server.client.collection("copy");
  assert.equal((await copies.getList(1, 1)).totalItems, ROWS);
  const copy = await copies.getFirstListItem("name = 'Customer 12345'");
  assert.deepEqual(
    [copy.no, copy.email, copy.balance, copy.since, copy.newsletter],
    [12345, "c12345@example.com", 12345.25, "2025-01-26 00:00:00.000Z", false],
  );

  await undo(page, "copy");
  await page.goto(ofCsv);
  await undo(page, "people");
});

/** As `demo/load.sh` has them: the column of the ids, and the columns that link. */
const FILES = [
  { file: "Artist", name: "artist", added: 275, links: {} },
  { file: "Album", name: "album", added: 347, links: { ArtistId: "artist" } },
  { file: "Genre", name: "genre", added: 25, links: {} },
  { file: "MediaType", name: "mediaType", added: 5, links: {} },
  {
    file: "Track",
    name: "track",
    added: 3503,
    links: { AlbumId: "album", MediaTypeId: "mediaType", GenreId: "genre" },
  },
  { file: "Employee", name: "employee", added: 8, links: { ReportsTo: "employee" } },
  { file: "Customer", name: "customer", added: 59, links: { SupportRepId: "employee" } },
  { file: "Invoice", name: "invoice", added: 412, links: { CustomerId: "customer" } },
  { file: "InvoiceLine", name: "invoiceLine", added: 2240, links: { InvoiceId: "invoice", TrackId: "track" } },
  { file: "Playlist", name: "playlist", added: 18, links: {} },
];

/** The part of the page about one column. @param {Page} page @param {string} name */
function column(page, name) {
  return page.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
}

/** @param {Page} page @param {string} name @param {string} target */
async function link(page, name, target) {
  await column(page, name).getByRole("combobox", { name: "Type" }).selectOption({ label: "Link to records" });
  await column(page, name).getByRole("combobox", { name: "Links to" }).selectOption(target);
}

test("the eleven files of a record shop come in with their links, chosen from drop-downs", async () => {
  const page = await visit();
  for (const { file, name, added, links } of FILES) {
    await upload(page, join(CHINOOK, `${file}.csv`));
    await page.getByLabel("Name of the collection").fill(name);
    await column(page, `${file}Id`).getByRole("combobox", { name: "Becomes" }).selectOption("The id of the record");
    for (const [heading, target] of Object.entries(links)) await link(page, heading, target);
    if (name === "track") await assertAccessible(page);
    await carryOut(page, `${added.toLocaleString("en")} records were added.`);
    await page.getByRole("button", { name: "Bring in another file" }).click();
  }
  await upload(page, join(CHINOOK, "PlaylistTrack.csv"));
  await page.getByRole("combobox", { name: "Collection", exact: true }).selectOption("playlist");
  await page
    .getByRole("combobox", { name: "Rows whose record is there already" })
    .selectOption("Only change records that are there");
  await page.getByRole("combobox", { name: "Found by the column" }).selectOption("PlaylistId");
  await column(page, "TrackId").getByRole("combobox", { name: "Becomes" }).selectOption("a new field");
  await column(page, "TrackId").getByLabel("Name of the field").fill("tracks");
  await link(page, "TrackId", "track");
  await carryOut(page, "0 records were added, 14 were changed.");

  const { client } = server;
  const line = await client
    .collection("invoiceLine")
    .getFirstListItem("invoice.customer.email = 'luisg@embraer.com.br'", {
      sort: "id",
      expand: "track.album.artist,invoice.customer.supportRep.reportsTo",
    });
  const { track, invoice } = line.expand ?? {};
  assert.ok(track.expand.album.expand.artist.name);
  const { supportRep } = invoice.expand.customer.expand;
  assert.deepEqual([supportRep.firstName, supportRep.expand.reportsTo.lastName], ["Jane", "Edwards"]);
  const rock = await client.collection("playlist").getFirstListItem("name = '90’s Music'");
  assert.equal(rock.tracks.length, 1477);
  const classics = await client
    .collection("track")
    .getList(1, 1, { filter: "album.artist.name = 'AC/DC' && genre.name = 'Rock'" });
  assert.equal(classics.totalItems, 18);
});
