/**
 * Puts payloads into everything that users and clients can name or send, opens every screen, and sees that none runs
 * and that no link would run one.
 */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { assertAccessible, eventually, newPage, openBrowser, SETTLED_AFTER_MS, signIn } from "./support/browser.js";
import { startReceiver } from "./support/receiver.js";
import { startServer } from "./support/server.js";

const MARKUP = `"'><img src=x onerror="window.wasRun=1"><svg onload="window.wasRun=2"></svg>{{7*7}}`;
const SCRIPT_LINK = "javascript:window.wasRun=3";

/** Without a place to break the line. */
const LONG = "Unbreakable_".repeat(7);

const DESK = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 844 };

const QUOTED = JSON.stringify(MARKUP);
const SCRIPTS = {
  "config.toml": '[scripts]\neditable = true\n[webhooks]\nallow = ["127.0.0.1"]\n',
  "scripts/hostile.rhai": `// ${MARKUP}
before_create("hostile", |e| { print(e.record.text); if e.record.text == "fail" { let x = 1 + e.record.html; } });
job("hostile", |payload| { throw ${QUOTED}; });
cron("hostile", "0 0 1 1 *", || { throw ${QUOTED}; });
`,
};

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;
let recordId = "";
let longId = "";
let longWebhookId = "";
/** @type {import("./support/receiver.js").Receiver} */
let receiver;
let webhookId = "";
let deliveryId = "";
let inboundId = "";

before(async () => {
  [server, receiver, browser] = await Promise.all([startServer({ files: SCRIPTS }), startReceiver(), openBrowser()]);
  await fillWithPayloads();
  await sendPayloads();
  await receivePayloads();
  await fillWithLongNames();
});

after(async () => {
  await browser?.close();
  await Promise.all([server?.stop(), receiver?.stop()]);
});

async function fillWithPayloads() {
  const { client } = server;
  await client.settings.update({
    meta: { appName: MARKUP, senderName: MARKUP },
    rateLimits: { rules: [{ label: "/api/x", maxRequests: 1000, duration: 1, audience: "" }] },
  });
  await client.collections.create({
    type: "base",
    name: "hostile",
    listRule: `text = "${MARKUP.replaceAll('"', '\\"')}"`,
    fields: [
      { name: "text", type: "text", presentable: true, help: MARKUP },
      { name: "html", type: "editor" },
      { name: "data", type: "json" },
      { name: "site", type: "url" },
      { name: "choice", type: "select", maxSelect: 2, values: [MARKUP, SCRIPT_LINK] },
      { name: "files", type: "file", maxSelect: 5 },
    ],
  });
  const { id } = await client.collections.getOne("hostile");
  await client.collections.update("hostile", {
    fields: [
      ...(await client.collections.getOne("hostile")).fields,
      { name: "other", type: "relation", collectionId: id, maxSelect: 1 },
    ],
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.wasRun=4"><script>window.wasRun=5</script></svg>`;
  const record = await client.collection("hostile").create({
    text: MARKUP,
    html: `<p>${MARKUP}</p><a href="${SCRIPT_LINK}">link</a><iframe srcdoc="<script>parent.wasRun=6</script>"></iframe>`,
    data: { [MARKUP]: [MARKUP, SCRIPT_LINK] },
    site: "https://example.com/?q=%3Cscript%3E",
    choice: [MARKUP, SCRIPT_LINK],
    files: [
      new File([svg], "picture.svg", { type: "image/svg+xml" }),
      new File([`<script>window.wasRun=7</script>`], `page<img src=x onerror=1>.html`, { type: "text/html" }),
    ],
  });
  recordId = record.id;
  await client.collection("hostile").create({ text: SCRIPT_LINK, other: recordId });
  await client.collections.update("users", {
    verificationTemplate: { subject: MARKUP, body: `${MARKUP}<a href="${SCRIPT_LINK}">{ACTION_URL}</a>` },
  });
  await client.collection("users").create({
    name: MARKUP,
    email: "hostile@example.com",
    password: "a good password",
    passwordConfirm: "a good password",
  });
  await client.send("/api/jobs", {
    method: "POST",
    body: { name: "hostile", payload: { [MARKUP]: MARKUP }, uniqueKey: MARKUP, maxAttempts: 1 },
  });
  await client.send("/api/crons/hostile", { method: "POST" });
  await client
    .collection("hostile")
    .create({ text: "fail", html: MARKUP })
    .catch(() => undefined);
  // The log holds what any guest sends.
  await fetch(
    `${client.baseURL}/api/collections/${encodeURIComponent(MARKUP)}/records?filter=${encodeURIComponent(MARKUP)}`,
    {
      headers: { "user-agent": MARKUP, referer: `https://example.com/${MARKUP}` },
    },
  );
}

/** Names as long as somebody may make them. */
async function fillWithLongNames() {
  const { client } = server;
  await client.collections.create({
    type: "auth",
    name: LONG,
    listRule: `${LONG}text = "${LONG}"`,
    fields: [
      { name: `${LONG}text`, type: "text", presentable: true, help: LONG },
      { name: `${LONG}choice`, type: "select", maxSelect: 2, values: [LONG, `${LONG}2`] },
      { name: `${LONG}files`, type: "file" },
    ],
    indexes: [`CREATE INDEX \`${LONG}index\` ON \`${LONG}\` (\`${LONG}text\`)`],
  });
  const { id } = await client.collection(LONG).create({
    email: `${"unbreakable".repeat(5)}@example.com`,
    password: "a good password",
    passwordConfirm: "a good password",
    [`${LONG}text`]: LONG,
    [`${LONG}choice`]: [LONG],
    [`${LONG}files`]: new File([LONG], `${LONG}.txt`),
  });
  longId = id;
  const settings = await client.settings.getAll();
  await client.settings.update({
    rateLimits: { rules: [...settings.rateLimits.rules, { label: `/api/${LONG}`, maxRequests: 1000, duration: 1 }] },
  });
  const body = {
    name: LONG,
    url: `https://example.com/${LONG}`,
    events: [`${LONG}.create`],
    filter: `${LONG}text = "x"`,
  };
  longWebhookId = (await client.send("/api/webhooks", { method: "POST", body })).id;
  await fetch(`${client.baseURL}/api/collections/${LONG}/records?filter=${LONG}`);
}

/** To a receiver that answers with one. */
async function sendPayloads() {
  const { client } = server;
  receiver.status = 400;
  receiver.answer = MARKUP;
  const body = {
    name: MARKUP,
    url: `${receiver.address}/hook`,
    events: ["hostile.create"],
    filter: `text != "${MARKUP.replaceAll('"', '\\"')}x"`,
    headers: { "X-Hostile": "1" },
    format: "slack",
    template: `${MARKUP} {{ record.text }}`,
  };
  webhookId = (await client.send("/api/webhooks", { method: "POST", body })).id;
  deliveryId = (await client.send(`/api/webhooks/${webhookId}/test`, { method: "POST", body: {} })).id;
}

/** From a sender that knows the secret, and from one that does not. */
async function receivePayloads() {
  const { client } = server;
  const body = {
    name: "hostile",
    provider: "hmac",
    collection: "hostile",
    secrets: [MARKUP],
    header: "X-Hostile",
    prefix: "{{7*7}}<b>",
    eventPath: "$.event",
    onlyEvents: [MARKUP, SCRIPT_LINK],
    mapping: [
      { field: "text", path: `$['${MARKUP.replaceAll("'", "\\'")}']` },
      { field: "html", value: MARKUP },
      { field: "choice", path: "$.choice" },
    ],
    rawField: "data",
  };
  inboundId = (await client.send("/api/inbound", { method: "POST", body })).id;
  const send = async (/** @type {object} */ message, /** @type {string} */ secret) => {
    const text = JSON.stringify({ event: MARKUP, ...message });
    const signature = createHmac("sha256", secret).update(text).digest("hex");
    const headers = { "content-type": "application/json", "x-hostile": `{{7*7}}<b>${signature}` };
    return (await fetch(`${client.baseURL}/api/inbound/hostile`, { method: "POST", headers, body: text })).status;
  };
  assert.equal(await send({ [MARKUP]: MARKUP }, MARKUP), 200);
  assert.equal(await send({ choice: `${MARKUP} ${SCRIPT_LINK}` }, MARKUP), 400);
  assert.equal(await send({}, "another"), 401);
}

/** Every screen, and the tabs and panels that show what users have named. */
function places() {
  return [
    "/collections",
    "/collections/hostile",
    `/collections/hostile?record=${recordId}`,
    `/collections/hostile?filter=${encodeURIComponent(MARKUP)}`,
    "/collections/users",
    "/collections/hostile/api",
    "/collections/users/api",
    "/schema",
    "/schema/hostile",
    "/schema/hostile?tab=access",
    "/schema/hostile?tab=advanced",
    "/schema/users?tab=signIn",
    "/schema/users?tab=advanced",
    "/new-collection",
    "/import",
    "/settings",
    "/settings?tab=mail",
    "/settings?tab=storage",
    "/settings?tab=limits",
    "/settings?tab=security",
    "/settings?tab=log",
    "/team",
    "/backups",
    "/exposure",
    "/logs",
    "/crons",
    "/jobs",
    "/jobs?state=failed",
    `/jobs?name=${encodeURIComponent(MARKUP)}`,
    "/scripts",
    "/scripts?file=hostile.rhai",
    `/scripts?file=${encodeURIComponent(MARKUP)}`,
    "/scripts?tab=log",
    "/scripts?tab=console",
    "/sql",
    "/webhooks",
    "/webhooks/new",
    "/webhooks/deliveries",
    `/webhooks/deliveries?search=${encodeURIComponent(MARKUP)}&record=${encodeURIComponent(MARKUP)}`,
    `/webhooks/${webhookId}`,
    `/webhooks/${webhookId}?tab=settings`,
    `/webhooks/${webhookId}?tab=signature`,
    `/webhooks/${webhookId}/deliveries/${deliveryId}`,
    "/webhooks/inbound",
    "/webhooks/inbound/new",
    `/webhooks/inbound/${inboundId}`,
    `/webhooks/inbound/${inboundId}?tab=settings`,
  ];
}

/** Nothing is asked of the server for this long once everything is loaded. */
const QUIET_MS = 400;

/**
 * Opens places one after the other. A page of its own for each: what stands there is of this place, and it is known
 * when everything is loaded. A slow page may be idle before its screen has begun to ask, so the heading comes first.
 *
 * @param {import("playwright-core").Page} page
 */
function opener(page) {
  /** @type {Set<import("playwright-core").Request>} */
  const open = new Set();
  let changed = 0;
  /** @param {import("playwright-core").Request} request */
  const end = (request) => {
    open.delete(request);
    changed = Date.now();
  };
  page.on("request", (request) => {
    if (request.resourceType() !== "eventsource") open.add(request);
    changed = Date.now();
  });
  page.on("requestfinished", end);
  page.on("requestfailed", end);
  return async (/** @type {string} */ place) => {
    await page.goto("about:blank");
    open.clear();
    await page.goto(`${server.dashboard}#${place}`);
    await page.locator("main h1, [role=dialog] h2").first().waitFor();
    changed = Date.now();
    await eventually(() => assert.ok(open.size === 0 && Date.now() - changed > QUIET_MS, "everything is loaded"));
  };
}

test("no payload runs on any screen, no link would run one, and every screen is accessible", async () => {
  const page = await newPage(browser, { viewport: DESK });
  page.on("dialog", () => assert.fail("a payload has opened a dialog"));
  await signIn(page, server.dashboard);
  // The page for signing in has a heading, too.
  await page.getByRole("heading", { name: "Your collections", level: 1 }).waitFor();
  const open = opener(page);
  /** @type {string[]} */
  const sideways = [];
  for (const place of places()) {
    await open(place);
    const found = await page.evaluate(() => ({
      wasRun: Reflect.get(window, "wasRun"),
      links: [...document.querySelectorAll("a[href], area[href], form[action], iframe[src]")]
        .map(
          (element) =>
            element.getAttribute("href") ?? element.getAttribute("action") ?? element.getAttribute("src") ?? "",
        )
        .filter((address) => /^\s*(javascript|data|vbscript):/i.test(address)),
      handlers: document.querySelectorAll("[onerror], [onload], [onclick]").length,
    }));
    assert.deepEqual(found, { wasRun: undefined, links: [], handlers: 0 }, place);
    await assertAccessible(page).catch((error) => {
      throw new Error(`${place}: ${error.message}`, { cause: error });
    });
    await page.setViewportSize(PHONE);
    sideways.push(...(await seeSideways(page)).map((what) => `${place}: ${what}`));
    await page.setViewportSize(DESK);
  }
  assert.deepEqual(sideways, [], "on a phone");
});

test("names of any length make no screen scroll sideways on a phone", async () => {
  const page = await newPage(browser, { viewport: PHONE });
  await signIn(page, server.dashboard);
  // The page for signing in has a heading, too.
  await page.getByRole("heading", { name: "Your collections", level: 1 }).waitFor();
  const open = opener(page);
  /** @type {string[]} */
  const sideways = [];
  for (const place of [
    "/collections",
    `/collections/${LONG}`,
    `/collections/${LONG}?record=${longId}`,
    `/collections/${LONG}/api`,
    "/schema?tab=export",
    `/schema/${LONG}`,
    `/schema/${LONG}?tab=access`,
    `/schema/${LONG}?tab=signIn`,
    `/schema/${LONG}?tab=advanced`,
    "/settings?tab=limits",
    `/import?into=${LONG}`,
    "/exposure",
    "/logs",
    "/webhooks",
    `/webhooks/${longWebhookId}`,
    `/webhooks/${longWebhookId}?tab=settings`,
  ]) {
    await open(place);
    sideways.push(...(await seeSideways(page)).map((what) => `${place}: ${what}`));
  }
  assert.deepEqual(sideways, []);
});

/**
 * What can be scrolled sideways. A window that was just made narrow is laid out again, some of it by the page's own code:
 * only what stays so counts.
 *
 * @param {import("playwright-core").Page} page
 * @returns {Promise<string[]>}
 */
async function seeSideways(page) {
  /** @type {string[]} */
  let found = [];
  await eventually(async () => {
    found = await page.evaluate(findSideways);
    assert.deepEqual(found, []);
  }, SETTLED_AFTER_MS).catch(() => undefined);
  return found;
}

/**
 * What can be scrolled sideways, or is out of reach there, other than tables and code in places of their own. Runs in the
 * page.
 */
function findSideways() {
  const own = `section[tabindex="0"], fieldset, [role=tablist], [role=grid], pre, textarea, input, .cm-scroller`;
  const { scrollWidth } = document.documentElement;
  const found = scrollWidth > innerWidth ? [`the page is ${scrollWidth} wide`] : [];
  for (const element of document.querySelectorAll("body *")) {
    const { overflowX } = getComputedStyle(element);
    const isScroller = overflowX === "auto" || overflowX === "scroll";
    if (isScroller && element.scrollWidth > element.clientWidth + 1 && !element.matches(own)) {
      const edge = element.getBoundingClientRect().right;
      const isOver = (/** @type {Element} */ inner) => inner.getBoundingClientRect().right > edge + 1;
      const cause = [...element.querySelectorAll("*")].find(
        (inner) => isOver(inner) && ![...inner.children].some(isOver),
      );
      found.push(`${element.scrollWidth} wide because of ${cause?.outerHTML.slice(0, 200)}`);
    }
  }
  return found;
}

test("a payload that a job was given, and the one it failed with, stay text", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/jobs?state=failed`);
  await page.getByRole("button", { name: /^hostile, details/ }).click();
  await page.getByRole("dialog").getByText("Why the last attempt failed").waitFor();
  assert.equal(await page.evaluate(() => Reflect.get(window, "wasRun")), undefined);
  assert.equal(await page.locator("img[src=x]").count(), 0);
});

test("a payload in a pasted message stays text, and its names can be chosen", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/webhooks/inbound/new`);
  await page.locator(".cm-content").fill(JSON.stringify({ [MARKUP]: SCRIPT_LINK, ["__proto__"]: MARKUP }));
  await page.getByLabel("Collection", { exact: true }).selectOption("hostile");
  const source = page.getByLabel("Value for text", { exact: true });
  const choice = source.locator("option").filter({ hasText: "onerror" }).first();
  await source.selectOption((await choice.getAttribute("value")) ?? "");
  await page.locator("dl").getByText(SCRIPT_LINK).waitFor();
  await page.getByRole("button", { name: "New collection from this message" }).click();
  await page.getByRole("dialog").getByText("onerror").first().waitFor();
  assert.equal(await page.evaluate(() => Reflect.get(window, "wasRun")), undefined);
  assert.equal(await page.locator("img[src=x]").count(), 0);
});

test("a payload in an imported file stays text", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/import`);
  const csv = `name,"${MARKUP.replaceAll('"', '""')}"\n"${MARKUP.replaceAll('"', '""')}",=1+1\n`;
  await page
    .getByLabel("Choose a file")
    .setInputFiles({ name: "payload<img src=x onerror=1>.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.getByRole("heading", { name: "What becomes of the columns" }).waitFor();
  assert.equal(await page.evaluate(() => Reflect.get(window, "wasRun")), undefined);
  assert.equal(await page.locator("img[src=x]").count(), 0);
});
