/** The owner's colour: chosen in the settings, readable everywhere, there before anybody has signed in. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, eventually, newPage, openBrowser, see, signIn } from "./support/browser.js";
import { makeBakery } from "./support/sample.js";
import { SUPERUSER, startServer } from "./support/server.js";

const USUAL = "#2f6b4f";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  await makeBakery(server.client);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The colour that a button of the first importance is drawn in. @param {import("playwright-core").Page} page @param {string} name */
async function buttonColour(page, name) {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const button = page.getByRole("button", { name, exact: true });
  await see(button);
  const colour = await button.evaluate((element) => getComputedStyle(element).backgroundColor);
  const parts = (colour.match(/\d+/g) ?? []).slice(0, 3);
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}

test("a colour that can be read is the colour of the dashboard, and of its sign-in page afterwards", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/settings`);
  const colour = page.getByRole("textbox", { name: "Colour", exact: true });
  assert.equal(await colour.inputValue(), USUAL);
  assert.equal(await page.getByRole("button", { name: "Use the usual one" }).count(), 0);
  await colour.fill("#1D4ED8");
  assert.equal(await page.getByLabel("Choose the colour").inputValue(), "#1d4ed8");
  await see(page.getByRole("figure", { name: "On a dark ground" }));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await see(page.getByText("The settings are saved."));
  await page.getByRole("link", { name: "orders", exact: true }).click();
  await eventually(async () => assert.equal(await buttonColour(page, "New record"), "#1d4ed8"));

  await page.getByRole("button", { name: SUPERUSER.email }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  assert.equal(await buttonColour(page, "Sign in"), "#1d4ed8");
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.reload();
  assert.equal(await buttonColour(page, "Sign in"), "#1d4ed8");
  assert.deepEqual(
    asked.filter((path) => path.startsWith("/api/settings")),
    [],
    "guests are not told the settings",
  );

  // Another browser learns it after the sign-in.
  const other = await newPage(browser);
  await other.goto(`${server.dashboard}#/collections/orders`);
  assert.equal(await buttonColour(other, "Sign in"), USUAL);
  await signIn(other, `${server.dashboard}#/collections/orders`);
  await eventually(async () => assert.equal(await buttonColour(other, "New record"), "#1d4ed8"));

  await signIn(page, `${server.dashboard}#/settings`);
  await page.getByRole("button", { name: "Use the usual one" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await see(page.getByText("The settings are saved."));
  await page.getByRole("link", { name: "orders", exact: true }).click();
  await eventually(async () => assert.equal(await buttonColour(page, "New record"), USUAL));
});

for (const [name, accentColor] of /** @type {const} */ ([
  ["pale yellow", "#fff9c4"],
  ["nearly black", "#0a0a12"],
])) {
  test(`everything can be read in both themes in ${name}`, async () => {
    await server.client.settings.update({ meta: { accentColor } });
    const page = await newPage(browser);
    await signIn(page, `${server.dashboard}#/collections/orders`);
    await eventually(async () => {
      const colour = await buttonColour(page, "New record");
      assert.ok(colour !== USUAL && colour !== accentColor, `a readable shade: ${colour}`);
    });
    await assertAccessible(page);
    for (const place of ["/settings", "/collections", "/schema/orders"]) {
      await page.goto(`${server.dashboard}#${place}`);
      await see(page.getByRole("heading", { level: 1 }));
      await assertAccessible(page);
    }
  });
}
