/**
 * The steps of `docs/first-hour.md`, carried out in a browser. Whatever the guide names is named here, in the same order;
 * where the two differ, the run fails with the line of the guide.
 */

import assert from "node:assert/strict";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import PocketBase from "pocketbase";
import { eventually, newPage, see } from "./browser.js";
import { openGuide } from "./guide.js";

const DOCS = resolve(import.meta.dirname, "../../../docs");
const SAMPLES = join(DOCS, "first-hour");
export const PICTURES = SAMPLES;

const OWNER_PASSWORD = "correct horse battery staple";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */
/** @typedef {(page: Page, file: string, part?: Locator) => Promise<void>} TakePicture */

/**
 * @param {object} setting
 * @param {import("./server.js").TestServer} setting.server a new one, without a superuser
 * @param {import("playwright-core").Browser} setting.browser
 * @param {import("./receiver.js").Receiver} setting.receiver the chat; the server may send to it
 * @param {TakePicture} setting.takePicture `part`: what the picture is of, if it is not the whole window
 * @param {import("playwright-core").BrowserContextOptions} [setting.options]
 */
export async function walk({ server, browser, receiver, takePicture, options }) {
  const guide = await openGuide(join(DOCS, "first-hour.md"));
  const page = await newPage(browser, options);
  const steps = makeSteps(guide, takePicture);
  try {
    await start(steps, page, server);
    await bringInCustomers(steps, page, server);
    await bringInOrders(steps, page, server);
    await filterAndSum(steps, page);
    await undo(steps, page, server);
    await invite(steps, page, { server, browser, options });
    await openPage(steps, page, { server, browser, options });
    await backUp(steps, page, server);
    await tellTheChat(steps, page, { server, receiver });
  } catch (error) {
    throw new Error(`Near line ${guide.line} of docs/first-hour.md: ${error}`, { cause: error });
  }
  guide.isOver();
  await compareBlocks(guide.blocks, server);
  await page.context().close();
}

/** @typedef {ReturnType<typeof makeSteps>} Steps */

/** @param {Awaited<ReturnType<typeof openGuide>>} guide @param {TakePicture} takePicture */
function makeSteps(guide, takePicture) {
  return {
    /** @param {Page | Locator} place @param {string} name @param {Parameters<Page["getByRole"]>[0]} [role] */
    async press(place, name, role = "button") {
      guide.expect("words", name);
      await place.getByRole(role, { name, exact: true }).click();
    },
    /** Says the name in the guide; `target` is what has it. @param {string} name @param {Locator} target */
    async click(name, target) {
      guide.expect("words", name);
      await target.click();
    },
    /** Only looked at. @param {string} text @param {Locator} target */
    async read(text, target) {
      guide.expect("words", text);
      await see(target);
    },
    /** @param {string} name @param {Locator} box @param {string} value */
    async fill(name, box, value) {
      guide.expect("words", name);
      guide.expect("typed", value);
      await box.fill(value);
    },
    /** What everybody chooses for himself. @param {string} name @param {Locator} box @param {string} value */
    async fillOwn(name, box, value) {
      guide.expect("words", name);
      await box.fill(value);
    },
    /** @param {string} name @param {Locator} list @param {string} label */
    async choose(name, list, label) {
      guide.expect("words", name);
      guide.expect("typed", label);
      await list.selectOption({ label });
    },
    /** @param {Locator} list @param {string} label */
    async select(list, label) {
      guide.expect("typed", label);
      await list.selectOption({ label });
    },
    /** @param {Page} page @param {string} text */
    async type(page, text) {
      guide.expect("typed", text);
      await page.keyboard.type(text);
    },
    /** @param {Page} page @param {string} key as the guide calls it @param {string} [pressed] as the browser does */
    async key(page, key, pressed = key) {
      guide.expect("key", key);
      await page.keyboard.press(pressed);
    },
    /** @param {Locator} input @param {string} file */
    async upload(input, file) {
      guide.expect("words", "Choose a file");
      guide.expect("typed", file);
      await input.setInputFiles(join(SAMPLES, file));
    },
    /** @param {string} text */
    mention(text) {
      guide.expect("words", text);
    },
    /** @param {string} text */
    mentionTyped(text) {
      guide.expect("typed", text);
    },
    /** @param {Page} page @param {string} name @param {Locator} [part] */
    async picture(page, name, part) {
      guide.expect("picture", `first-hour/${name}.webp`);
      await takePicture(page, `${name}.webp`, part);
    },
  };
}

/** @param {Steps} steps @param {Page} page @param {import("./server.js").TestServer} server */
async function start(steps, page, server) {
  steps.mention("bold");
  steps.mentionTyped("like this");
  await page.goto(`${server.dashboard}#/pbinstall/${await server.installToken}`);
  await steps.fill("Email", page.getByLabel("Email"), "maria@roesterei.example");
  await steps.fillOwn("Password", page.getByLabel("Password", { exact: true }), OWNER_PASSWORD);
  await steps.fillOwn("Password again", page.getByLabel("Password again"), OWNER_PASSWORD);
  const create = page.getByRole("button", { name: "Create account and sign in" });
  steps.mention("Create account and sign in");
  await steps.picture(page, "1-welcome");
  await create.click();
}

/** @param {Steps} steps @param {Page} page @param {import("./server.js").TestServer} server */
async function bringInCustomers(steps, page, server) {
  const question = "What do you want to keep track of?";
  await steps.read(question, page.getByRole("heading", { name: question }));
  await steps.upload(page.getByLabel("Choose a file"), "customers.csv");
  await steps.read("Customer since", column(page, "Customer since"));
  await seeType(page, "Customer since", "Date");
  await steps.read("Postcode", column(page, "Postcode"));
  await seeType(page, "Postcode", "Text");
  steps.mention("Import");
  await column(page, "Email").evaluate((element) => element.scrollIntoView({ block: "start" }));
  await steps.picture(page, "2-customers");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await steps.read("12 records were added.", page.getByText("12 records were added."));
  await steps.press(page, "Look at the records", "link");
  await see(page.getByRole("gridcell", { name: "Café Grünwald" }));
  assert.equal((await records(server, "customers", "postcode = '01097'")).length, 1);
}

/** @param {Page} page @param {string} heading */
function column(page, heading) {
  return page.getByRole("listitem").filter({ has: page.getByText(heading, { exact: true }) });
}

/** @param {Page} page @param {string} heading @param {string} type */
async function seeType(page, heading, type) {
  const chosen = column(page, heading).getByLabel("Type").locator("option:checked");
  await eventually(async () => assert.equal(await chosen.textContent(), type));
}

/** @param {Steps} steps @param {Page} page @param {import("./server.js").TestServer} server */
async function bringInOrders(steps, page, server) {
  await steps.press(page, "Overview", "link");
  await steps.click("Add more", page.getByText("Add more"));
  await steps.upload(page.getByLabel("Choose a file"), "orders.csv");
  steps.mention("Type");
  const types = { Customer: "Link to records", Total: "Number (not every cell fits)", Status: "Choice" };
  for (const [heading, type] of Object.entries(types)) {
    await steps.choose(heading, column(page, heading).getByLabel("Type"), type);
  }
  const customer = column(page, "Customer");
  await eventually(async () => {
    assert.equal(await customer.getByLabel("Links to").inputValue(), "customers");
    assert.equal(await customer.getByLabel("Found by").inputValue(), "name");
  });
  steps.mention("Import");
  await customer.evaluate((element) => element.scrollIntoView({ block: "start" }));
  await steps.picture(page, "3-orders");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  const refusal = "Nothing was saved, because some rows have mistakes.";
  await steps.read(refusal, page.getByText(refusal));
  await see(page.getByRole("cell", { name: "141.75 (?)", exact: true }));
  await see(page.getByRole("cell", { name: "Cafe Gruenwald", exact: true }));
  await steps.picture(page, "4-mistakes");
  await steps.press(page, "Import without these rows");
  await steps.read("46 records were added.", page.getByText("46 records were added."));
  await steps.read("2 rows were left out", page.getByText("2 rows were left out"));
  await steps.press(page, "Look at the records", "link");
  await addInPanel(steps, page);
  await addInSheet(steps, page);
  const [first, second] = await records(server, "orders", "orderNo = 1058 || orderNo = 1079", "orderNo");
  assert.deepEqual(
    [first, second].map((order) => [order?.expand?.customer?.name, order?.total, order?.status, order?.date]),
    [
      ["Hotel Zur Post", 141.75, "paid", "2026-08-13 00:00:00.000Z"],
      ["Café Grünwald", 18.9, "shipped", "2026-09-28 00:00:00.000Z"],
    ],
  );
  assert.equal((await records(server, "orders", "")).length, 48);
}

/** @param {Steps} steps @param {Page} page */
async function addInPanel(steps, page) {
  await steps.press(page, "New record");
  const panel = page.getByRole("dialog", { name: "New in orders" });
  const field = (/** @type {string} */ name) => panel.getByLabel(name, { exact: true });
  await steps.fill("orderNo", field("orderNo"), "1058");
  await steps.fill("date", field("date"), "2026-08-13");
  steps.mention("customer");
  await steps.press(panel.getByRole("group", { name: "customer" }), "Choose");
  await steps.type(page, "zur post");
  await onlyOption(page, "Hotel Zur Post", 2);
  await steps.key(page, "Enter");
  await see(panel.getByRole("button", { name: "Remove the link to Hotel Zur Post" }));
  await steps.fill("product", field("product"), "Filter Roast");
  await steps.fill("kg", field("kg"), "10");
  await steps.fill("total", field("total"), "141.75");
  steps.mention("status");
  steps.mentionTyped("paid");
  await panel.getByText("paid", { exact: true }).click();
  await steps.picture(page, "5-new-order");
  await steps.press(panel, "Create");
  const created = page.getByRole("dialog", { name: "1058", exact: true });
  await see(created);
  await steps.key(page, "Escape");
  await created.waitFor({ state: "hidden" });
}

/** Takes away what only disturbs a picture: old messages, and what the mouse points at. @param {Page} page */
async function tidyUp(page) {
  await page.mouse.move(0, 0);
  // In one go, because they also go by themselves.
  const buttons = page.locator("[data-type=done] button[aria-label=Dismiss]");
  await buttons.evaluateAll((all) => {
    for (const button of all) button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  });
  await page.locator("[data-type=done]").first().waitFor({ state: "detached" });
}

/** Makes it the first one in sight. @param {Page} page @param {string} field */
async function scrollToColumn(page, field) {
  const grid = page.getByRole("grid");
  await grid.evaluate((element) => element.scrollTo(0, 0));
  const [head, rowHead] = [
    page.getByRole("columnheader", { name: field, exact: true }),
    page.getByRole("columnheader").first(),
  ];
  const [at, after] = await Promise.all([head.boundingBox(), rowHead.boundingBox()]);
  await grid.evaluate((element, x) => element.scrollTo(x, 0), (at?.x ?? 0) - (after?.x ?? 0) - (after?.width ?? 0));
  await see(head);
}

/** Waits until a search has ended. @param {Page} page @param {string} name @param {number} count of options, the one for a new record included */
async function onlyOption(page, name, count) {
  const options = page.getByRole("option");
  await page.waitForFunction((wanted) => document.querySelectorAll("[role=option]").length === wanted, count);
  await see(options.filter({ hasText: name }));
}

/** @param {Steps} steps @param {Page} page */
async function addInSheet(steps, page) {
  await page.getByRole("grid").evaluate((grid) => grid.scrollTo(0, grid.scrollHeight));
  await cell(page, 48, "orderNo").then((found) => found.click());
  await steps.type(page, "1079");
  await steps.key(page, "Tab");
  await steps.type(page, "2026-09-28");
  await steps.key(page, "Tab");
  await steps.type(page, "grünwald");
  await onlyOption(page, "Café Grünwald", 1);
  await steps.key(page, "Enter");
  await steps.key(page, "Tab");
  await steps.type(page, "Espresso Nero");
  await steps.key(page, "Tab");
  await steps.type(page, "1");
  await steps.key(page, "Tab");
  await steps.type(page, "18.90");
  await steps.key(page, "Tab");
  await steps.type(page, "shipped");
  await onlyOption(page, "shipped", 1);
  await steps.key(page, "Enter");
  await steps.read("All changes saved", page.getByRole("status").getByText("All changes saved"));
}

/** @param {Page} page @param {number} row from 1 @param {string} field */
async function cell(page, row, field) {
  const head = page.getByRole("columnheader", { name: field, exact: true });
  const index = await head.getAttribute("aria-colindex");
  return page.locator(`[role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${index}"]`);
}

/** @param {Steps} steps @param {Page} page */
async function filterAndSum(steps, page) {
  await page.getByRole("button", { name: "Menu of status" }).click();
  await steps.press(page, "Filter by this…", "menuitem");
  const panel = page.getByRole("dialog", { name: "Filter", exact: true });
  steps.mentionTyped("shipped");
  steps.mention("Value");
  await panel.getByRole("combobox", { name: "Value" }).selectOption("shipped");
  await steps.key(page, "Escape");
  await panel.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Summary of total" }).click();
  await steps.press(page, "Sum", "menuitemradio");
  await see(sum(page, SUM));
  await seeRows(page, 12);
  await tidyUp(page);
  await scrollToColumn(page, "customer");
  await steps.picture(page, "6-sum");
}

/** Of orders in the sheet: the heads, the foot and the place for a new row are rows, too. @param {Page} page @param {number} count */
async function seeRows(page, count) {
  await see(page.locator(`[role=grid][aria-rowcount="${count + 3}"]`));
}

/** What is shipped and not paid in `orders.csv`, the row with the mistake included: it was added by hand. */
const SUM = "1,082.79";
const SUM_WITHOUT_SECOND = "1,067.04";

/** @param {Page} page @param {string} amount */
function sum(page, amount) {
  return page.getByRole("button", { name: `Summary of total: Sum ${amount}`, exact: true });
}

/** @param {Steps} steps @param {Page} page @param {import("./server.js").TestServer} server */
async function undo(steps, page, server) {
  await cell(page, 1, "total").then((found) => found.click());
  await steps.type(page, "9999");
  await steps.key(page, "Enter");
  await see(page.getByRole("status").getByText("All changes saved"));
  await sum(page, SUM).waitFor({ state: "hidden" });
  await steps.key(page, "Ctrl+Z", "ControlOrMeta+z");
  await see(sum(page, SUM));
  const before = await records(server, "orders", "");
  await page.locator('[role=row][aria-rowindex="3"] [role=rowheader]').click();
  await steps.key(page, "Delete");
  const way = page.getByRole("button", { name: "Undo", exact: true });
  await see(way);
  await see(sum(page, SUM_WITHOUT_SECOND));
  await seeRows(page, 11);
  steps.mention("Undo");
  await scrollToColumn(page, "customer");
  await steps.picture(page, "7-undo");
  await way.click();
  await see(sum(page, SUM));
  assert.deepEqual(
    (await records(server, "orders", "")).map(({ id, total }) => ({ id, total })),
    before.map(({ id, total }) => ({ id, total })),
  );
}

/**
 * @typedef {object} Others
 * @property {import("./server.js").TestServer} server
 * @property {import("playwright-core").Browser} browser
 * @property {import("playwright-core").BrowserContextOptions} [options]
 */

/** @param {Steps} steps @param {Page} page @param {Others} others */
async function invite(steps, page, { server, browser, options }) {
  await steps.press(page, "Team", "link");
  await steps.press(page, "Invite a colleague");
  const dialog = page.getByRole("dialog", { name: "Invite a colleague" });
  await steps.fill("Email", dialog.getByLabel("Email"), "ben@roesterei.example");
  await steps.press(dialog, "Suggest a password");
  const password = await dialog.getByLabel("Password", { exact: true }).inputValue();
  await steps.press(dialog, "Invite a colleague");
  const shown = await dialog.locator("pre").innerText();
  assert.match(shown, /^http:.*\/_\/\nEmail: ben@roesterei\.example\nPassword: /);
  assert.ok(shown.endsWith(password));
  await steps.picture(page, "8-invite");
  await dialog.getByRole("button", { name: "Close" }).last().click();

  const his = await newPage(browser, options);
  await his.goto(server.dashboard);
  await steps.fillOwn("Email", his.getByLabel("Email"), "ben@roesterei.example");
  await steps.fillOwn("Password", his.getByLabel("Password", { exact: true }), password);
  await his.getByRole("button", { name: "Sign in", exact: true }).click();
  await steps.press(his, "Team", "link");
  await see(his.getByRole("button", { name: "Options: ben@roesterei.example" }));
  await his.context().close();
}

const OFFICE = { email: "office@roesterei.example", password: "seven stamps and paper" };

/** @param {Steps} steps @param {Page} page @param {Others} others */
async function openPage(steps, page, { server, browser, options }) {
  await setUp(steps, page, "users");
  await chooseRule(steps, page, "Add records", "Nobody (superusers only)");
  const guest = new PocketBase(server.client.baseURL);
  await assert.rejects(guest.collection("users").create({ ...OFFICE, passwordConfirm: OFFICE.password }));

  await steps.press(page, "Open records", "link");
  await steps.press(page, "New record");
  const panel = page.getByRole("dialog", { name: "New in users" });
  await steps.fill("email", panel.getByLabel("email", { exact: true }), OFFICE.email);
  await steps.fill("password", panel.getByLabel("password", { exact: true }), OFFICE.password);
  await steps.press(panel, "Create");
  const created = page.getByRole("dialog", { name: OFFICE.email, exact: true });
  await see(created);
  await steps.key(page, "Escape");
  await created.waitFor({ state: "hidden" });

  await setUp(steps, page, "orders");
  await chooseRule(steps, page, "See them in lists", "Everyone who is signed in");
  await setUp(steps, page, "customers");
  await chooseRule(steps, page, "Open a record", "Everyone who is signed in");
  await steps.press(page, "Who may read what", "link");
  await steps.select(page.getByLabel("For"), "Signed in as users");
  await see(page.getByRole("heading", { name: "customers", level: 2 }));
  await tidyUp(page);
  await steps.picture(page, "9-exposure");
  await readOwnPage(steps, { server, browser, options });
}

/** @param {Steps} steps @param {Page} page @param {string} collection */
async function setUp(steps, page, collection) {
  const list = page.getByRole("navigation", { name: "Collections" });
  await steps.press(list, collection, "link");
  await steps.press(page, `Set up ${collection}`, "link");
  await steps.press(page, "Who may what", "tab");
}

/** @param {Steps} steps @param {Page} page @param {string} rule @param {string} label */
async function chooseRule(steps, page, rule, label) {
  await steps.choose(rule, page.getByRole("region", { name: rule }).getByRole("combobox"), label);
  await steps.press(page, "Save");
  await see(page.getByText("Saved", { exact: true }));
  // That may be the message about what was saved before.
  await page.getByRole("button", { name: "Discard changes", exact: true }).waitFor({ state: "detached" });
}

/** @param {Steps} steps @param {Others} others */
async function readOwnPage(steps, { server, browser, options }) {
  const address = `${server.client.baseURL}/orders.html`;
  steps.mentionTyped("orders.html");
  await mkdir(join(server.folder, "public"));
  await copyFile(join(SAMPLES, "orders.html"), join(server.folder, "public/orders.html"));
  const page = await newPage(browser, options);
  await page.goto(address);
  await page.getByLabel("Email").fill(OFFICE.email);
  await page.getByLabel("Password").fill("a wrong one");
  await page.getByRole("button", { name: "Show the orders" }).click();
  await see(page.getByRole("alert").getByText("Failed to authenticate."));
  await steps.fill("Email", page.getByLabel("Email"), OFFICE.email);
  await steps.fill("Password", page.getByLabel("Password"), OFFICE.password);
  await steps.press(page, "Show the orders");
  await see(page.getByRole("cell", { name: "Café Grünwald" }));
  await page.getByLabel("Password").waitFor({ state: "hidden" });
  await see(page.locator("#sum").filter({ hasText: new RegExp(`${SUM}\\s*$`) }));
  await steps.picture(page, "10-page");
  await page.context().close();
}

/** @param {Steps} steps @param {Page} page @param {import("./server.js").TestServer} server */
async function backUp(steps, page, server) {
  await steps.press(page, "Backups", "link");
  await steps.choose("When", page.getByLabel("When"), "Every night at 3:00 (UTC)");
  await steps.press(page, "Save");
  await see(page.getByText("The schedule is saved."));
  await steps.press(page, "Make a backup");
  await steps.press(page.getByRole("dialog"), "Make a backup");
  await see(page.getByText("The backup is made."));
  await tidyUp(page);
  await steps.picture(page, "11-backups");
  assert.equal((await asOwner(server).then((client) => client.backups.getFullList())).length, 1);
}

/** @param {Steps} steps @param {Page} page @param {{ server: import("./server.js").TestServer, receiver: import("./receiver.js").Receiver }} others */
async function tellTheChat(steps, page, { server, receiver }) {
  await steps.press(page, "Webhooks", "link");
  await steps.press(page, "New webhook", "link");
  assert.equal(await page.getByLabel("Which chat?").inputValue(), "slack");
  await steps.press(page, "Where do I find it?");
  assert.equal(await page.getByRole("list").filter({ hasText: "Incoming Webhooks" }).getByRole("listitem").count(), 4);
  await steps.fillOwn(
    "Address from Slack",
    page.getByLabel("Address from Slack"),
    `${receiver.address}/services/T/B/x`,
  );
  await steps.choose("When?", page.getByLabel("Collection", { exact: true }), "orders");
  const message = page.getByLabel("Message", { exact: true });
  await steps.fill("Message", message, "New order: ");
  await steps.click("product", page.getByRole("button", { name: "Insert product", exact: true }));
  await steps.click("kg", page.getByRole("button", { name: "Insert kg", exact: true }));
  await message.press("End");
  await steps.type(page, " kg for ");
  await steps.click("customer", page.getByRole("button", { name: "Insert a field of customer" }));
  await steps.press(page, "name", "menuitem");
  const shown = "New order: Espresso Nero 1 kg for Café Grünwald";
  await steps.read(shown, page.getByText(shown, { exact: true }));
  const section = page.locator("section").filter({ has: page.getByRole("heading", { name: "What to say?" }) });
  await tidyUp(page);
  await steps.picture(page, "12-chat", section);
  await steps.press(page, "Create the webhook");
  await steps.press(page, "Send a test");
  await steps.press(page.getByRole("dialog"), "Send now");
  const arrived = "It arrived: the receiver has answered 200.";
  await steps.read(arrived, page.getByText(arrived));
  await steps.key(page, "Escape");
  await (await asOwner(server)).collection("orders").create({ orderNo: 1099, product: "House Blend", kg: 3 });
  const received = await receiver.waitFor(2);
  assert.deepEqual(
    received.map(({ json }) => json.text),
    [shown, "New order: House Blend 3 kg for"],
  );
  await steps.press(page.getByRole("main"), "Deliveries", "link");
  const rows = page.getByRole("list", { name: "Deliveries" }).getByRole("listitem");
  await see(rows.getByText("arrived", { exact: true }));
  await see(rows.getByRole("button", { name: /^Send again/ }));
}

/** @param {import("./server.js").TestServer} server */
async function asOwner({ client }) {
  const superusers = client.collection("_superusers");
  if (!client.authStore.isSuperuser) await superusers.authWithPassword("maria@roesterei.example", OWNER_PASSWORD);
  return client;
}

/** @param {import("./server.js").TestServer} server @param {string} collection @param {string} filter @param {string} [sort] */
async function records(server, collection, filter, sort = "id") {
  const client = await asOwner(server);
  return await client.collection(collection).getFullList({ filter, sort, expand: "customer" });
}

/**
 * What the guide shows to read: the greeting of the program, and the code of the page.
 *
 * @param {{ language: string, text: string }[]} blocks
 * @param {import("./server.js").TestServer} server
 */
async function compareBlocks(blocks, { greeting, client }) {
  const shown = (/** @type {string} */ language) => blocks.find((block) => block.language === language)?.text;
  const said = greeting
    .join("\n")
    .replaceAll(client.baseURL, "http://127.0.0.1:8090")
    .replace(/pbinstall\/.*/, "pbinstall/…");
  assert.equal(shown("text"), said.trim(), "the guide shows what the program prints");
  const page = await readFile(join(SAMPLES, "orders.html"), "utf8");
  const script = /<script type="module">\n(.*?)\n *<\/script>/s.exec(page)?.[1] ?? "";
  assert.equal(shown("js"), script.replaceAll(/^ {6}/gm, ""), "the guide shows the code of orders.html");
}
