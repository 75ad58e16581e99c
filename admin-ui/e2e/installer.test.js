/** The first visit ever: from the printed link to the overview. */

import { after, before, test } from "node:test";
import { assertAccessible, newPage, openBrowser, see, waitForPlace } from "./support/browser.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer({ hasSuperuser: false }), openBrowser()]);
});
after(() => Promise.all([browser?.close(), server?.stop()]));

test("the printed link makes the first superuser and signs in, once", async () => {
  const page = await newPage(browser);
  const link = `${server.dashboard}#/pbinstall/${await server.installToken}`;
  await page.goto(link);
  await see(page.getByRole("heading", { name: "Welcome to Steading" }));
  await assertAccessible(page);

  await page.getByLabel("Email").fill("not an address");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByLabel("Password again").fill("other");
  await page.getByRole("button", { name: "Create account" }).click();
  await see(page.getByText("Please use at least 8 characters."));
  await see(page.getByText("The two passwords do not match."));

  await page.getByLabel("Password", { exact: true }).fill("a good password");
  await page.getByLabel("Password again").fill("a good password");
  await page.getByRole("button", { name: "Create account" }).click();
  await see(page.getByText("This does not look like an email address."));

  await page.getByLabel("Email").fill("first@example.com");
  await page.getByRole("button", { name: "Create account" }).click();
  await see(page.getByRole("heading", { name: "What do you want to keep track of?" }));
  await waitForPlace(page, "/collections");
  await see(page.getByRole("heading", { name: "What do you want to keep track of?" }));
  await see(page.getByText("first@example.com"));
  await assertAccessible(page);

  const second = await newPage(browser);
  await second.goto(link);
  await second.getByLabel("Email").fill("second@example.com");
  await second.getByLabel("Password", { exact: true }).fill("a good password");
  await second.getByLabel("Password again").fill("a good password");
  await second.getByRole("button", { name: "Create account" }).click();
  await see(second.getByRole("heading", { name: "This link has done its work" }));
  await assertAccessible(second);
});

test("a broken link explains itself", async () => {
  const page = await newPage(browser);
  await page.goto(`${server.dashboard}#/pbinstall/broken`);
  await see(page.getByRole("heading", { name: "This link has done its work" }));
  await page.getByRole("link", { name: "Go to sign in" }).click();
  await see(page.getByRole("heading", { name: "Sign in" }));
});
