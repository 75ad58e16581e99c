/**
 * Puts payloads into everything that users and clients can name or send, opens every screen, and sees that none runs
 * and that no link would run one.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, newPage, openBrowser, signIn } from "./support/browser.js";
import { startReceiver } from "./support/receiver.js";
import { startServer } from "./support/server.js";

const MARKUP = `"'><img src=x onerror="window.wasRun=1"><svg onload="window.wasRun=2"></svg>{{7*7}}`;
const SCRIPT_LINK = "javascript:window.wasRun=3";

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
/** @type {import("./support/receiver.js").Receiver} */
let receiver;
let webhookId = "";
let deliveryId = "";

before(async () => {
  [server, receiver, browser] = await Promise.all([startServer({ files: SCRIPTS }), startReceiver(), openBrowser()]);
  await fillWithPayloads();
  await sendPayloads();
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
  ];
}

test("no payload runs on any screen, no link would run one, and every screen is accessible", async () => {
  const page = await newPage(browser);
  page.on("dialog", () => assert.fail("a payload has opened a dialog"));
  await signIn(page, server.dashboard);
  await page.getByRole("heading", { level: 1 }).waitFor();
  for (const place of places()) {
    // A page of its own for each: what stands there is of this place, and it is known when everything is loaded.
    await page.goto("about:blank");
    await page.goto(`${server.dashboard}#${place}`);
    await page.locator("main h1, [role=dialog] h2").first().waitFor();
    await page.waitForLoadState("networkidle");
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
    await assertAccessible(page);
  }
});

test("a payload that a job was given, and the one it failed with, stay text", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/jobs?state=failed`);
  await page.getByRole("button", { name: /^hostile, details/ }).click();
  await page.getByRole("dialog").getByText("Why the last attempt failed").waitFor();
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
