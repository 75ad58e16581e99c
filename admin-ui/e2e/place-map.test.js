/** Choosing a place on a map, whose pictures come from another server: only after the person has agreed. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, eventually, newPage, openBrowser, see, seeFocus, signIn } from "./support/browser.js";
import { startServer } from "./support/server.js";

const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkqPpfDwAEGAHXpAYx6wAAAABJRU5ErkJggg==",
  "base64",
);

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {string} */
let shop;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  await server.client.collections.create({
    name: "shops",
    type: "base",
    fields: [
      { name: "name", type: "text", presentable: true },
      { name: "place", type: "geoPoint" },
    ],
  });
  const record = await server.client
    .collection("shops")
    .create({ name: "Main street", place: { lat: 48.137, lon: 11.575 } });
  shop = record.id;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/**
 * Opens the record. Requests to other servers are answered here, and noted.
 *
 * @param {{ hasPictures?: boolean, at?: string, viewport?: { width: number, height: number } }} [options]
 */
async function openShop({ hasPictures = true, at = `record=${shop}`, viewport } = {}) {
  const page = await newPage(browser, viewport && { viewport });
  /** @type {import("playwright-core").Request[]} */
  const elsewhere = [];
  await page.route(
    (url) => url.hostname !== "127.0.0.1" && url.hostname !== "localhost",
    (route) => {
      elsewhere.push(route.request());
      return hasPictures ? route.fulfill({ contentType: "image/png", body: PICTURE }) : route.abort();
    },
  );
  await signIn(page, `${server.dashboard}#/collections/shops?${at}`);
  const panel = page.getByRole("dialog");
  await see(panel.getByRole("button", { name: "Show a map" }));
  return { page, panel, elsewhere, map: panel.getByRole("application", { name: "Map to choose a place" }) };
}

/** @param {import("playwright-core").Locator} panel */
async function placeIn(panel) {
  const [lat, lon] = [panel.getByLabel("Latitude"), panel.getByLabel("Longitude")];
  return { lat: Number(await lat.inputValue()), lon: Number(await lon.inputValue()) };
}

/** @param {import("playwright-core").Locator} locator */
async function middleOf(locator) {
  const box = await locator.boundingBox();
  assert.ok(box);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

test("nothing is asked of another server before the person has agreed, and again after they changed their mind", async () => {
  const { page, panel, elsewhere, map } = await openShop();
  await panel.getByRole("button", { name: "Show a map" }).click();
  await see(panel.getByText("The map's pictures come from openstreetmap.org"));
  await assertAccessible(page);
  assert.equal(elsewhere.length, 0);
  await panel.getByRole("button", { name: "Agree and show the map" }).click();
  await see(map.locator("img.leaflet-tile-loaded"));
  assert.deepEqual(
    [...new Set(elsewhere.map((request) => new URL(request.url()).origin))],
    ["https://tile.openstreetmap.org"],
  );
  // The pictures' server wants to know which site asks, and need not know more.
  const { referer } = await /** @type {import("playwright-core").Request} */ (elsewhere[0]).allHeaders();
  assert.equal(referer, `${new URL(server.dashboard).origin}/`);
  await see(map.getByRole("link", { name: "OpenStreetMap" }));
  await see(map.getByRole("button", { name: "Marker of the place" }));
  await assertAccessible(page);

  await page.reload();
  await panel.getByRole("button", { name: "Show a map" }).click();
  await see(map);
  await panel.getByRole("button", { name: "Do not load its pictures any more" }).click();
  await map.waitFor({ state: "detached" });
  await panel.getByRole("button", { name: "Show a map" }).click();
  await see(panel.getByRole("button", { name: "Agree and show the map" }));
});

test("the marker is put, dragged and moved with the keyboard, and follows what is typed", async () => {
  const { page, panel, map } = await openShop();
  await panel.getByRole("button", { name: "Show a map" }).click();
  await panel.getByRole("button", { name: "Agree and show the map" }).click();
  const marker = map.getByRole("button", { name: "Marker of the place" });
  await see(marker);
  await map.scrollIntoViewIfNeeded();
  const middle = await middleOf(map);

  await page.mouse.click(middle.x + 100, middle.y - 50);
  await eventually(async () => assert.ok((await placeIn(panel)).lon > 11.575));
  const clicked = await placeIn(panel);
  assert.ok(clicked.lat > 48.137 && clicked.lat < 48.15 && clicked.lon < 11.59, JSON.stringify(clicked));

  const at = await middleOf(marker);
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await page.mouse.move(at.x - 60, at.y + 40, { steps: 5 });
  await page.mouse.up();
  await eventually(async () => assert.ok((await placeIn(panel)).lon < clicked.lon));
  const dragged = await placeIn(panel);
  assert.ok(dragged.lat < clicked.lat);

  await marker.focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Shift+ArrowRight");
  await eventually(async () => {
    const moved = await placeIn(panel);
    assert.ok(moved.lat > dragged.lat && moved.lon > dragged.lon, JSON.stringify([dragged, moved]));
  });
  const moved = await placeIn(panel);
  assert.ok(moved.lon - dragged.lon > (moved.lat - dragged.lat) * 3, "with Shift further");

  // What is typed moves the marker, and the map with it.
  await panel.getByLabel("Latitude").fill("-33.86");
  await panel.getByLabel("Longitude").fill("151.2");
  await eventually(async () => {
    const [pin, box] = await Promise.all([middleOf(marker), map.boundingBox()]);
    assert.ok(box && pin.x > box.x && pin.x < box.x + box.width && pin.y > box.y && pin.y < box.y + box.height);
  });
  await panel.getByRole("button", { name: "Save" }).click();
  await see(panel.getByText("Saved", { exact: true }));
  const { place } = await server.client.collection("shops").getOne(shop);
  assert.deepEqual(place, { lon: 151.2, lat: -33.86 });
});

test("without pictures a place can be chosen all the same, also with the keyboard alone", async () => {
  const { page, panel, map } = await openShop({
    hasPictures: false,
    at: "create=empty",
    viewport: { width: 390, height: 844 },
  });
  await panel.getByRole("button", { name: "Show a map" }).press("Enter");
  await panel.getByRole("button", { name: "Agree and show the map" }).press("Enter");
  await see(panel.getByText("The map's pictures cannot be loaded."));
  await assertAccessible(page);
  assert.equal(await map.getByRole("button", { name: "Marker of the place" }).count(), 0, "no place is given yet");
  await panel.getByRole("button", { name: "Put the marker in the middle" }).press("Enter");
  const marker = map.getByRole("button", { name: "Marker of the place" });
  await seeFocus(marker);
  const before = await placeIn(panel);
  await page.keyboard.press("Shift+ArrowDown");
  await eventually(async () => assert.ok((await placeIn(panel)).lat < before.lat));
  await panel.getByRole("button", { name: "Empty place" }).click();
  await marker.waitFor({ state: "detached" });
});
