/** Webhooks: an owner connects the record shop to a chat; a program is told of changes and checks that they are genuine. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import {
  assertAccessible,
  eventually,
  holdMessage,
  holdRequests,
  newPage,
  openBrowser,
  see,
  signIn,
  waitForPlace,
} from "./support/browser.js";
import { startReceiver } from "./support/receiver.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("./support/receiver.js").Receiver} */
let receiver;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  const files = { "config.toml": '[webhooks]\nallow = ["127.0.0.1"]\n' };
  [server, receiver, browser] = await Promise.all([
    startServer({ hasDemo: true, files }),
    startReceiver(),
    openBrowser(),
  ]);
});

after(async () => {
  await browser?.close();
  await Promise.all([server?.stop(), receiver?.stop()]);
});

beforeEach(async () => {
  const { items } = await server.client.send("/api/webhooks", {});
  for (const { id } of items) await server.client.send(`/api/webhooks/${id}`, { method: "DELETE" });
  receiver.received.length = 0;
  receiver.status = 200;
});

/** @param {string} path @param {import("playwright-core").BrowserContextOptions} [options] */
async function visit(path, options) {
  const page = await newPage(browser, options);
  await signIn(page, `${server.dashboard}#${path}`);
  await waitForPlace(page, path);
  return page;
}

/** @param {object} input @returns {Promise<{ id: string, secret: string }>} */
async function makeWebhook(input) {
  const body = { name: "Shop", url: `${receiver.address}/hook`, events: ["invoice.create"], ...input };
  return await server.client.send("/api/webhooks", { method: "POST", body });
}

/** @param {number} total */
async function order(total) {
  const customer = await server.client.collection("customer").getFirstListItem("lastName = 'Köhler'");
  return await server.client
    .collection("invoice")
    .create({ number: 1000 + total, customer: customer.id, invoiceDate: "2026-11-22 10:00:00.000Z", total });
}

test("an owner connects the shop to a chat: chooses, sees the message, tries it out, and an order arrives", async () => {
  const page = await visit("/webhooks");
  await see(page.getByRole("heading", { name: "Nobody is told yet" }));
  await assertAccessible(page);
  await page.getByRole("link", { name: "New webhook" }).click();
  await see(page.getByRole("radio", { name: /Message to a chat/, checked: true }));
  await page.getByRole("button", { name: "Where do I find it?" }).click();
  await see(page.getByText("Open “Incoming Webhooks” and switch it on."));
  await page.getByLabel("Address from Slack").fill(`${receiver.address}/services/T0/B0/secret`);
  await see(page.getByText("This does not look like an address from Slack."));
  await page.getByLabel("Collection", { exact: true }).selectOption("invoice");
  await page.getByLabel("Message", { exact: true }).fill("New order over ");
  await page.getByRole("button", { name: "Insert total", exact: true }).click();
  await page.getByLabel("Message", { exact: true }).press("End");
  await page.keyboard.type(" from");
  await page.getByRole("button", { name: "Insert a field of customer" }).click();
  await page.getByRole("menuitem", { name: "lastName" }).click();
  // The newest of the demo's orders.
  await see(page.getByText(/^New order over [\d.]+ from \p{L}+$/u));
  await assertAccessible(page);
  await page.getByRole("button", { name: "Create the webhook" }).click();
  await see(page.getByRole("heading", { name: "“invoice → Slack” is ready" }));

  await page.getByRole("button", { name: "Send a test" }).click();
  const dialog = page.getByRole("dialog", { name: "Send a test" });
  await dialog.getByRole("button", { name: "Send now" }).click();
  await see(dialog.getByText("It arrived: the receiver has answered 200."));
  await dialog.getByRole("button", { name: "Request" }).click();
  await see(dialog.getByText("webhook-signature"));
  await assertAccessible(page);
  assert.match((await receiver.waitFor(1))[0]?.json.text ?? "", /^New order over/);
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "Deliveries" }).first().click();
  await see(page.getByRole("list", { name: "Deliveries" }).getByText("Test", { exact: true }));
  const record = await order(42);
  assert.equal((await receiver.waitFor(2))[1]?.json.text, "New order over 42 from Köhler");
  // Nothing moves under the reader's hands: what is new waits.
  await page.getByRole("button", { name: "Show 1 new delivery" }).click();
  const rows = page.getByRole("list", { name: "Deliveries" }).getByRole("listitem");
  await see(rows.nth(1));
  assert.equal(await rows.count(), 2);
  await rows
    .first()
    .getByRole("link", { name: /^invoice: created/ })
    .click();
  await see(page.getByRole("heading", { name: "Attempt 1" }));
  await see(page.getByText(record.id));
  await page.getByRole("button", { name: "Request" }).click();
  await see(page.getByText("New order over 42 from Köhler"));
  assert.equal(await page.getByText("/services/T0/B0/secret").count(), 0, "the address is a secret");
  await assertAccessible(page);

  await page.getByRole("button", { name: "Send again" }).click();
  await see(page.getByText("It is sent again now."));
  await see(page.getByRole("heading", { name: "Attempt 2" }));
  const [, first, second] = await receiver.waitFor(3);
  assert.equal(first?.headers["webhook-id"], second?.headers["webhook-id"]);
  await page.getByRole("link", { name: "Open the record" }).click();
  await see(page.getByRole("dialog"));

  // Slack does not exist here, but a phone does.
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${server.dashboard}#/webhooks`);
  await see(page.getByText("Works"));
  await see(page.getByText(/when a record in “invoice” is created/));
});

test("a program gets its secret once, and what it receives is signed with it, with both while it changes", async () => {
  const page = await visit("/webhooks/new");
  await page.getByText("Tell another program").click();
  await page.getByLabel("Address", { exact: true }).fill(`${receiver.address}/hook`);
  await page.getByLabel("Collection", { exact: true }).selectOption("invoice");
  await page.getByRole("button", { name: "Advanced" }).click();
  await page.getByRole("button", { name: "Add a header" }).click();
  await page.getByLabel("Name of the header").fill("X-Team");
  await page.getByLabel("Value", { exact: true }).fill("shop");
  await page.getByRole("button", { name: "Headers", exact: true }).click();
  await see(page.locator("dl").getByText("X-Team"));
  await page.getByRole("button", { name: "Create the webhook" }).click();
  const section = page.getByRole("region").or(page.locator("section")).filter({ hasText: "It is not shown again." });
  const secret = await section.locator("pre").innerText();
  assert.match(secret, /^whsec_/);
  await see(page.getByText("npm install standardwebhooks"));
  await page.getByRole("tab", { name: "Python" }).click();
  await page.getByLabel("How", { exact: true }).selectOption("Without a library");
  await see(page.getByText("hmac.compare_digest"));
  await assertAccessible(page);
  await order(7);
  const [received] = await receiver.waitFor(1);
  assert.equal(received?.headers["webhook-signature"], sign(received, secret));

  await page.getByRole("link", { name: "Deliveries" }).first().click();
  await page.getByRole("tab", { name: "Signature" }).click();
  await page.getByRole("button", { name: "New secret" }).click();
  const dialog = page.getByRole("dialog", { name: "Make a new secret?" });
  await dialog.getByRole("button", { name: "New secret" }).click();
  await see(page.getByText("The new secret is valid from now on."));
  const fresh = await section.locator("pre").innerText();
  assert.notEqual(fresh, secret);
  await see(page.getByText(/valid until/));
  await assertAccessible(page);
  await order(8);
  const [, later] = await receiver.waitFor(2);
  const signatures = String(later?.headers["webhook-signature"]).split(" ");
  assert.deepEqual(signatures.sort(), [sign(later, secret), sign(later, fresh)].sort());
});

/** @param {import("./support/receiver.js").Received | undefined} received @param {string} secret */
function sign(received, secret) {
  const { headers = {}, text = "" } = received ?? {};
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

test("mistakes stand at their inputs, nothing typed is lost, and leaving asks first", async () => {
  const page = await visit("/webhooks/new");
  await page.getByLabel("Collection", { exact: true }).selectOption("invoice");
  await page.getByLabel("Message", { exact: true }).fill("Hello {{ record.total | nonsense }}");
  // While typing, before anything is saved.
  await see(page.getByLabel("Message", { exact: true }).and(page.locator("[aria-invalid=true]")));
  await page.getByRole("button", { name: "Create the webhook" }).click();
  await see(page.getByText("Not saved: something above needs another look."));
  await see(page.getByLabel("Address from Slack").and(page.locator("[aria-invalid=true]")));
  await page.getByLabel("Address from Slack").fill("http://10.1.2.3/x");
  await page.getByRole("button", { name: "Create the webhook" }).click();
  await see(page.getByText("This host is in a private network"));
  await assertAccessible(page);
  assert.equal(await page.getByLabel("Message", { exact: true }).inputValue(), "Hello {{ record.total | nonsense }}");
  await page.getByRole("link", { name: "All webhooks" }).click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Stay here" }).click();
  await page.getByLabel("Message", { exact: true }).fill("Hello");
  await see(page.getByText("Hello", { exact: true }));
  await page.locator("textarea:not([aria-invalid=true])").waitFor();
  assert.deepEqual((await server.client.send("/api/webhooks", {})).items, []);
});

test("a condition put together in words decides what is told, and the address stays as it is when nobody replaces it", async () => {
  const { id } = await makeWebhook({ format: "slack", template: "{{ record.total }}" });
  const page = await visit(`/webhooks/${id}?tab=settings`);
  await see(page.getByText(`${receiver.address}/***`));
  await page.getByRole("button", { name: "Add condition" }).click();
  await page.getByLabel("Column").selectOption("total");
  await page.getByLabel("Comparison").selectOption(">");
  await page.getByLabel("Value", { exact: true }).fill("100");
  await see(page.getByText("This record does not fit the condition"));
  // What is typed meanwhile is saved with the next.
  const saving = await holdRequests(page, "PATCH", /\/api\/webhooks/);
  await page.getByRole("button", { name: "Save" }).click();
  await saving.asked;
  await page.getByLabel("Value", { exact: true }).fill("200");
  saving.release();
  await see(page.getByText("The webhook is saved."));
  assert.equal((await server.client.send(`/api/webhooks/${id}`, {})).filter, "total > 100");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Save" }).waitFor({ state: "detached" });
  await order(199);
  await order(201);
  assert.deepEqual(
    (await receiver.waitFor(1)).map(({ json }) => json.text),
    ["201"],
  );
  assert.equal((await server.client.send(`/api/webhooks/${id}`, {})).filter, "total > 200");
});

test("what fails says why and what to do; it is found, and sent again when the receiver is well", async () => {
  receiver.status = 404;
  const { id } = await makeWebhook({ format: "slack", name: "To the chat" });
  const gone = await startReceiver();
  await gone.stop();
  await makeWebhook({ name: "Elsewhere", url: `${gone.address}/x`, events: ["customer.create"] });
  await order(5);
  await receiver.waitFor(1);
  const page = await visit("/webhooks");
  await see(page.getByText("In trouble"));
  await see(page.getByText(/next try in/));
  await page.getByRole("tab", { name: "Deliveries" }).click();
  await see(page.getByText("The receiver answered 404"));
  await page.getByLabel("Webhook", { exact: true }).selectOption("Elsewhere");
  await see(page.getByRole("heading", { name: "No delivery fits" }));
  await page.getByRole("button", { name: "Show all deliveries" }).click();
  await page.getByRole("link", { name: /^invoice: created/ }).click();
  await see(page.getByText(/There is nothing at this address \(any more\)/));
  await assertAccessible(page);

  const other = await visit("/webhooks");
  await other.getByRole("link", { name: "Elsewhere" }).click();
  await other.getByRole("button", { name: "Send a test" }).click();
  await other.getByRole("button", { name: "Send now" }).click();
  await see(other.getByText(/Nothing listens at this address/));

  // It would be tried again by itself, a little later.
  receiver.status = 200;
  await page.getByRole("button", { name: "Send again" }).click();
  await see(page.getByText(/arrived at attempt \d/));
  await page.goto(`${server.dashboard}#/webhooks/${id}`);
  await see(page.getByText("Works"));
  const before = receiver.received.length;
  await page.getByRole("button", { name: "Options of To the chat" }).click();
  await page.getByRole("menuitem", { name: "Send again…" }).click();
  const dialog = page.getByRole("dialog", { name: "Send again" });
  await dialog.getByLabel("Which?").selectOption("Everything");
  await assertAccessible(page);
  await dialog.getByRole("button", { name: "Send again" }).click();
  await see(page.getByText("1 delivery is sent again."));
  const received = await receiver.waitFor(before + 1);
  assert.equal(new Set(received.map(({ headers }) => headers["webhook-id"])).size, 1);
});

test("a webhook is switched off and on again with undo, and deleted after a question", async () => {
  await makeWebhook({ name: "To the chat", format: "slack" });
  const page = await visit("/webhooks");
  const button = page.getByRole("switch", { name: "“To the chat” on or off" });
  await button.click();
  const message = await holdMessage(page, "“To the chat” is off.");
  await order(3);
  await message.getByRole("button", { name: "Undo" }).click();
  // The switch already shows what is wished for.
  await eventually(async () => {
    assert.equal((await server.client.send("/api/webhooks", {})).items[0].enabled, true);
  });
  await order(4);
  // What happened while it was off is not told later.
  assert.match((await receiver.waitFor(1))[0]?.json.text ?? "", /total: 4/);
  await page.getByRole("link", { name: "To the chat" }).click();
  await page.getByRole("button", { name: "Options of To the chat" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const question = page.getByRole("dialog", { name: "Delete this webhook?" });
  await question.getByRole("button", { name: "Delete" }).click();
  await see(page.getByText("“To the chat” is deleted."));
  await see(page.getByRole("heading", { name: "Nobody is told yet" }));
});
