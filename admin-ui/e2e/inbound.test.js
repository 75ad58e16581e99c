/** Incoming webhooks: an owner connects a service, and what it sends arrives in the sheet, once, and only if it is genuine. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import {
  assertAccessible,
  eventually,
  holdMessage,
  newPage,
  openBrowser,
  see,
  signIn,
  waitForPlace,
} from "./support/browser.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  await server.client.collections.create({
    name: "payments",
    type: "base",
    fields: [
      { name: "customerEmail", type: "email" },
      { name: "amount", type: "number" },
      { name: "status", type: "select", maxSelect: 1, values: ["paid", "unpaid"] },
      { name: "note", type: "text" },
      { name: "eventId", type: "text" },
      { name: "raw", type: "json" },
    ],
  });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  const { items } = await server.client.send("/api/inbound", {});
  for (const { id } of items) await server.client.send(`/api/inbound/${id}`, { method: "DELETE" });
  for (const { id } of await payments()) await server.client.collection("payments").delete(id);
});

/** @param {string} path @param {import("playwright-core").BrowserContextOptions} [options] */
async function visit(path, options) {
  const page = await newPage(browser, options);
  await signIn(page, `${server.dashboard}#${path}`);
  await waitForPlace(page, path);
  return page;
}

const payments = () => server.client.collection("payments").getFullList();

/** @param {object} input @returns {Promise<{ id: string }>} */
async function makeInbound(input) {
  const body = { name: "stripe", provider: "stripe", collection: "payments", secrets: ["whsec_first"], ...input };
  return await server.client.send("/api/inbound", { method: "POST", body });
}

/** @param {string} id @param {number} amount */
function payment(id, amount) {
  const object = { amount_total: amount, customer_details: { email: "mia@example.com" }, payment_status: "paid" };
  return JSON.stringify({ id, type: "checkout.session.completed", data: { object } });
}

/** As Stripe does. @param {string} body @param {string} secret */
async function send(body, secret, name = "stripe") {
  const time = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  const answer = await fetch(`${server.client.baseURL}/api/inbound/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": `t=${time},v1=${signature}` },
    body,
  });
  return { status: answer.status, json: await answer.json() };
}

test("an owner connects Stripe: chooses values in a message, and payments arrive in the sheet, each once, and no forged one", async () => {
  const page = await visit("/webhooks");
  await page.getByRole("tab", { name: "Receiving" }).click();
  await see(page.getByRole("heading", { name: "Nothing comes in yet" }));
  await assertAccessible(page);
  await page.getByRole("link", { name: "New incoming webhook" }).click();
  await see(page.getByRole("radio", { name: /Stripe/, checked: true }));
  await see(page.getByText(/\/api\/inbound\/stripe$/));
  await see(page.getByText("reveal its “Signing secret”"));
  await see(page.getByText("Services on the internet cannot reach this address."));
  await page.getByLabel("Signing secret from Stripe").fill("whsec_first");

  await page.locator(".cm-content").fill(payment("evt_sample", 4990));
  await page.getByLabel("Collection", { exact: true }).selectOption("payments");
  const chosen = (/** @type {string} */ field) =>
    page.getByLabel(`Value for ${field}`, { exact: true }).locator("option:checked").innerText();
  assert.equal(await chosen("amount"), "data.object.amount_total — 4990");
  assert.equal(await chosen("customerEmail"), "data.object.customer_details.email — mia@example.com");
  assert.equal(await chosen("status"), "data.object.payment_status — paid");
  assert.equal(await chosen("note"), "Stays empty");
  assert.equal(await page.getByLabel("Keep the id of the message in").inputValue(), "eventId");
  await page.getByLabel("Keep the whole message in").selectOption("Not kept");
  await page.getByLabel("Value for note", { exact: true }).selectOption("Another place…");
  await page.getByLabel("Path for note").fill("data[");
  await see(page.getByLabel("Path for note").and(page.locator("[aria-invalid=true]")));
  await assertAccessible(page);
  await page.getByLabel("Value for note", { exact: true }).selectOption("A fixed value…");
  await page.getByLabel("Fixed value for note").fill("by card");
  const becomes = page.locator("dl");
  await see(becomes.getByText("mia@example.com"));
  await see(becomes.getByText("evt_sample"));
  await see(becomes.getByText("by card"));
  await page.getByRole("button", { name: "Only “checkout.session.completed”" }).click();
  await page.getByRole("button", { name: "Create the incoming webhook" }).click();
  await see(page.getByRole("heading", { name: "“stripe” is ready" }));
  await see(page.getByRole("heading", { name: "Waiting for the first message" }));
  await assertAccessible(page);

  const answer = await send(payment("evt_1", 1250), "whsec_first");
  assert.equal(answer.status, 200);
  await see(page.getByRole("heading", { name: /^The last message arrived/ }));
  assert.deepEqual(await send(payment("evt_1", 1250), "whsec_first"), {
    status: 200,
    json: { ok: true, duplicate: true },
  });
  assert.equal((await send(payment("evt_2", 99), "whsec_forged")).status, 401);
  assert.equal((await payments()).length, 1);
  await page.getByRole("link", { name: "Open “payments”" }).click();
  const row = page.getByRole("row").filter({ hasText: "mia@example.com" });
  await see(row.getByText("1250"));
  await see(row.getByText("by card"));

  await page.goto(`${server.dashboard}#/webhooks/inbound`);
  await see(page.getByText("Refused", { exact: true }));
  await see(page.getByText(/2 received, 1 refused in 24 hours/));
  await page.getByRole("link", { name: "stripe", exact: true }).click();
  await see(page.getByText("Somebody has sent a message whose signature does not fit."));
  await assertAccessible(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByRole("tab", { name: "Settings" }).click();
  await see(page.getByLabel("Fixed value for note"));
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
});

test("somebody without a collection makes one from the message, and the commands that are shown reach it", async () => {
  const page = await visit("/webhooks/inbound/new");
  await page.getByText("Standard Webhooks", { exact: true }).click();
  const secret = `whsec_${Buffer.from("a key of some bytes, 24+").toString("base64")}`;
  await page.getByLabel("Secret from the service").fill(secret);
  await page.getByLabel("Name in the address").fill("My Shop");
  await see(page.getByText(/\/api\/inbound\/my-shop$/));
  await page.getByRole("button", { name: "New collection from this message" }).click();
  const dialog = page.getByRole("dialog", { name: "New collection from this message" });
  await dialog.getByLabel("Name", { exact: true }).fill("payments");
  await dialog.getByRole("button", { name: "Make the collection" }).click();
  await see(dialog.getByLabel("Name", { exact: true }).and(page.locator("[aria-invalid=true]")));
  await assertAccessible(page);
  await dialog.getByLabel("Name", { exact: true }).fill("shopOrders");
  await dialog.getByRole("button", { name: "Make the collection" }).click();
  await see(page.locator("dl").getByText("49.9", { exact: true }));
  assert.equal(await page.getByLabel("Collection", { exact: true }).inputValue(), "shopOrders");
  await page.getByRole("button", { name: "Create the incoming webhook" }).click();
  await page.getByRole("button", { name: "Try it from a terminal" }).click();
  const code = await page.locator("pre").filter({ hasText: "curl" }).innerText();
  assert.ok(!code.includes(secret), "a secret of others is not shown");
  const commands = code.replace("curl -i", "curl -s").replace("THE-SECRET", secret);
  const { stdout } = await promisify(execFile)("bash", ["-c", commands]);
  assert.equal(JSON.parse(stdout).ok, true);
  const [order] = await server.client.collection("shopOrders").getFullList();
  assert.equal(order?.total, 49.9);
  assert.equal(order?.email, "mia@example.com");
  assert.equal(order?.raw.type, "order.created");
  await see(page.getByRole("heading", { name: /^The last message arrived/ }));
  await server.client.send(`/api/inbound/${(await server.client.send("/api/inbound", {})).items[0].id}`, {
    method: "DELETE",
  });
  await server.client.collections.delete("shopOrders");
});

test("a secret that is made up here is shown to be copied, and what is signed with it arrives", async () => {
  const page = await visit("/webhooks/inbound/new");
  await page.getByText("GitHub", { exact: true }).click();
  await page.getByRole("button", { name: "Make one up" }).click();
  await see(page.getByRole("button", { name: "Copy the secret" }));
  await page.getByLabel("Collection", { exact: true }).selectOption("payments");
  await page
    .getByLabel("Value for note", { exact: true })
    .selectOption(/** @type {never} */ ("issue.title — The total is off by one cent"));
  await page.getByRole("button", { name: "Create the incoming webhook" }).click();
  const section = page.locator("section").filter({ has: page.getByRole("heading", { name: "The secret" }) });
  const secret = await section.locator("pre").innerText();
  assert.match(secret, /^[0-9a-f]{64}$/);
  const body = JSON.stringify({ action: "opened", issue: { title: "Broken" } });
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const answer = await fetch(`${server.client.baseURL}/api/inbound/github`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": "issues",
      "x-hub-signature-256": `sha256=${signature}`,
    },
    body,
  });
  assert.equal(answer.status, 200);
  assert.equal((await payments())[0]?.note, "Broken");
});

test("mistakes stand at their inputs, nothing typed is lost, and leaving asks first", async () => {
  await makeInbound({});
  const page = await visit("/webhooks/inbound/new");
  // The name that comes by itself is one that is free.
  await see(page.getByText(/\/api\/inbound\/stripe-2$/));
  await page.getByLabel("Name in the address").fill("stripe");
  await page.getByLabel("Collection", { exact: true }).selectOption("payments");
  await page.getByRole("button", { name: "Create the incoming webhook" }).click();
  await see(page.getByText("Not saved: something above needs another look."));
  await see(page.getByLabel("Signing secret from Stripe").and(page.locator("[aria-invalid=true]")));
  await page.getByLabel("Signing secret from Stripe").fill("whsec_second");
  await page.getByRole("button", { name: "Create the incoming webhook" }).click();
  await see(page.getByLabel("Name in the address").and(page.locator("[aria-invalid=true]")));
  await page.locator(".cm-content").fill('{"broken": ');
  await see(page.getByText(/^Line 1, character \d+: /));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Back to the example" }).click();
  await see(page.locator(".cm-content").getByText("checkout.session.completed"));
  await page.getByRole("link", { name: "All incoming webhooks" }).click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Stay here" }).click();
  assert.equal(await page.getByLabel("Signing secret from Stripe").inputValue(), "whsec_second");
  assert.equal((await server.client.send("/api/inbound", {})).items.length, 1);
});

test("a message that cannot be stored says why; a secret is replaced while both are valid", async () => {
  const mapping = [{ field: "customerEmail", path: "$.data.object.customer_details.email" }];
  const { id } = await makeInbound({ mapping, rawField: "raw" });
  const broken = JSON.stringify({ id: "evt_3", data: { object: { customer_details: { email: "nobody" } } } });
  assert.equal((await send(broken, "whsec_first")).status, 400);
  const page = await visit(`/webhooks/inbound/${id}`);
  await see(page.getByRole("heading", { name: "The last message could not be stored" }));
  await see(page.getByText(/Reason: .*customerEmail/));
  await assertAccessible(page);

  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Add another" }).click();
  await page.getByLabel("Signing secret from Stripe").fill("whsec_second");
  // Nothing is suggested over what is empty on purpose, unless somebody asks for it.
  assert.equal(await page.getByLabel("Value for amount", { exact: true }).inputValue(), "");
  await page.getByRole("button", { name: "Suggest values for the empty fields" }).click();
  assert.equal(
    await page.getByLabel("Value for amount", { exact: true }).inputValue(),
    "at:$.data.object.amount_total",
  );
  await page.getByRole("button", { name: "Save" }).click();
  await see(page.getByText("The incoming webhook is saved."));
  assert.equal((await send(payment("evt_4", 1), "whsec_first")).status, 200);
  assert.equal((await send(payment("evt_5", 2), "whsec_second")).status, 200);
  assert.deepEqual((await payments()).map(({ amount }) => amount).sort(), [1, 2]);
  await page.getByRole("button", { name: "Take the last message" }).click();
  await see(page.locator(".cm-content").getByText("evt_5"));
  await page
    .getByRole("button", { name: /^Remove the one stored on/ })
    .last()
    .click();
  await page.getByRole("button", { name: "Save" }).click();
  await eventually(async () => {
    assert.equal((await server.client.send(`/api/inbound/${id}`, {})).secrets.length, 1);
  });
  assert.equal((await send(payment("evt_6", 3), "whsec_first")).status, 401);
  assert.equal((await send(payment("evt_7", 4), "whsec_second")).status, 200);
  // What is over is still told, in a smaller voice.
  await page.getByRole("tab", { name: "Overview" }).click();
  await see(page.getByRole("heading", { name: /^The last message arrived/ }));
  await see(page.getByText(/^Not stored, .*customerEmail/));
  await see(page.getByText(/^Refused, /));
  await assertAccessible(page);
});

test("it is switched off and on again with undo, found in the search of everything, and deleted after a question", async () => {
  await makeInbound({});
  const page = await visit("/collections");
  await page.getByRole("button", { name: /Go to anything/ }).click();
  await page.getByRole("combobox", { name: /./ }).fill("incoming");
  await page.getByRole("option", { name: "Incoming webhooks" }).click();
  await waitForPlace(page, "/webhooks/inbound");
  await page.getByRole("switch", { name: "“stripe” on or off" }).click();
  const message = await holdMessage(page, "“stripe” is off.");
  assert.equal((await send(payment("evt_8", 1), "whsec_first")).status, 404);
  await message.getByRole("button", { name: "Undo" }).click();
  await eventually(async () => {
    assert.equal((await server.client.send("/api/inbound", {})).items[0].enabled, true);
  });
  assert.equal((await send(payment("evt_8", 1), "whsec_first")).status, 200);
  await page.getByRole("link", { name: "stripe", exact: true }).click();
  await page.getByRole("button", { name: "Options of stripe" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const question = page.getByRole("dialog", { name: "Delete this incoming webhook?" });
  await see(question.getByText("The records in “payments” stay."));
  await question.getByRole("button", { name: "Delete" }).click();
  await see(page.getByText("“stripe” is deleted."));
  await see(page.getByRole("heading", { name: "Nothing comes in yet" }));
  assert.equal((await payments()).length, 1);
});
