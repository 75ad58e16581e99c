/** The queue of jobs: what waits and what was given up, tried again, deleted, taken back. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
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
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** @param {string} path */
async function visit(path) {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#${path}`);
  await waitForPlace(page, path);
  return page;
}

/**
 * A job as it would be after the attempts that were made so far. No script defines it, so it stays as it is.
 *
 * @param {{ id: string, name: string, state?: string, attempts?: number, error?: string, payload?: unknown }} job
 */
async function put({ id, name, state = "waiting", attempts = 0, error = "", payload = null }) {
  const now = Date.now();
  const texts = [id, name, JSON.stringify(payload), state, error].map((text) => `'${text.replaceAll("'", "''")}'`);
  const query = `INSERT INTO _jobs (id, name, payload, state, error, priority, attempts, max_attempts, due, created)
    VALUES (${texts.join(", ")}, 0, ${attempts}, 10, ${now}, ${now})`;
  await server.client.send("/api/sql", { method: "POST", body: { query } });
}

/** @returns {Promise<{ id: string, state: string }[]>} */
async function queue() {
  return (await server.client.send("/api/jobs", { query: { perPage: 100 } })).items;
}

test("somebody without jobs is told what they are for", async () => {
  const page = await visit("/jobs");
  await see(page.getByText("Some work should not keep people waiting"));
  await see(page.getByText('job("thank-you", |payload| {'));
  await assertAccessible(page);
});

test("jobs appear as they are added, with why they failed, and are tried again", async () => {
  const page = await visit("/jobs");
  await see(page.getByRole("heading", { name: "No jobs yet" }));
  await put({ id: "failed1", name: "invoice", state: "failed", attempts: 10, error: "No mail server\nat line 3" });
  await put({ id: "waiting1", name: "report", payload: { month: "May", html: "<b>x</b>" } });
  await see(page.getByText("failed after 10 attempts"));
  await see(page.getByText("no script defines “report” any more"));
  await assertAccessible(page);

  await page.getByRole("button", { name: /^report, details/ }).click();
  await see(page.getByRole("dialog").getByText('"html": "<b>x</b>"'));
  await assertAccessible(page);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: /^invoice, details/ }).click();
  const panel = page.getByRole("dialog", { name: "invoice" });
  await see(panel.getByText("at line 3"));
  await panel.getByRole("button", { name: "Try again now" }).click();
  await see(page.getByText("“invoice” begins now."));
  await see(panel.getByText("Waiting"));
  assert.equal((await queue()).find(({ id }) => id === "failed1")?.state, "waiting");
  // What ends elsewhere is seen in an open panel.
  await server.client.send("/api/jobs/failed1", { method: "DELETE" });
  await see(panel.getByText("This job is not in the queue any more"));
  await server.client.send("/api/jobs", { method: "DELETE" });
});

test("a state and a name are part of the address, and narrow the list", async () => {
  await put({ id: "failed2", name: "invoice", state: "failed", attempts: 3 });
  await put({ id: "failed3", name: "report", state: "failed", attempts: 4 });
  await put({ id: "waiting2", name: "report" });
  const page = await visit("/jobs");
  await page.getByRole("button", { name: "Given up 2" }).click();
  await waitForPlace(page, "/jobs?state=failed");
  await page.getByLabel("Job", { exact: true }).selectOption("report");
  await waitForPlace(page, "/jobs?state=failed&name=report");
  await see(page.getByText("failed after 4 attempts"));
  await page.getByText("failed after 3 attempts").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Running 0" }).click();
  await see(page.getByRole("heading", { name: "No job fits" }));
  await assertAccessible(page);

  // Only what is shown is tried again.
  await page.getByRole("button", { name: "Given up 1" }).click();
  await page.getByRole("button", { name: "Try all again" }).click();
  await see(page.getByText("1 job begins again."));
  const states = (await queue()).map(({ id, state }) => `${id} ${state}`).sort();
  assert.deepEqual(states, ["failed2 failed", "failed3 waiting", "waiting2 waiting"]);
  await server.client.send("/api/jobs", { method: "DELETE" });
});

test("a job that was given up comes back when its deletion is undone; one that waits is asked about", async () => {
  await put({ id: "failed4", name: "invoice", state: "failed", attempts: 3 });
  await put({ id: "waiting4", name: "report", payload: { a: 1 } });
  const page = await visit("/jobs");
  await page.getByRole("button", { name: "Delete: invoice" }).click();
  const message = await holdMessage(page, "“invoice” is deleted.");
  await see(message.getByText("Undo is possible until this message closes."));
  await see(page.getByRole("button", { name: "Given up 0" }));
  await message.getByRole("button", { name: "Undo" }).click();
  await see(page.getByRole("button", { name: "Delete: invoice" }));
  assert.equal((await queue()).length, 2);

  await page.getByRole("button", { name: "Delete: invoice" }).click();
  await (await holdMessage(page, "“invoice” is deleted.")).getByRole("button", { name: "Dismiss" }).click();
  await see(page.getByRole("button", { name: "All 1" }));
  await page.getByRole("button", { name: "Delete: report" }).click();
  const question = page.getByRole("dialog", { name: "Delete this job?" });
  await see(question.getByText("“report” was not done yet"));
  await assertAccessible(page);
  await question.getByRole("button", { name: "Delete" }).click();
  await see(page.getByText("“report” is deleted."));
  await see(page.getByRole("heading", { name: "No jobs yet" }));
  await eventually(async () => assert.deepEqual(await queue(), []));
});

test("deleting many says how many and what is lost", async () => {
  for (const id of ["a", "b", "c"]) await put({ id, name: "invoice", state: "failed", attempts: 1 });
  await put({ id: "d", name: "report" });
  const page = await visit("/jobs?state=failed");
  await page.getByRole("button", { name: "Delete all" }).click();
  const question = page.getByRole("dialog", { name: "Delete all these jobs?" });
  await see(question.getByText(/^3 jobs will be removed\. Their work will not be done/));
  await question.getByRole("button", { name: "Delete all" }).click();
  await see(page.getByText("3 jobs are deleted."));
  assert.deepEqual(
    (await queue()).map(({ id }) => id),
    ["d"],
  );
});

test("a job is added by hand, is done by its script, and leaves the queue; a wrong payload is told and kept", async () => {
  const withScript = await startServer({
    files: {
      "scripts/greetings.rhai": `job("greet", |payload| {
        if payload.name == "nobody" { throw "Nobody is there"; }
      });`,
    },
  });
  try {
    const page = await newPage(browser);
    await signIn(page, `${withScript.dashboard}#/jobs`);
    await see(page.getByRole("heading", { name: "Nothing is waiting" }));
    await assertAccessible(page);
    await page.getByRole("button", { name: "Add a job" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a job" });
    // Until the editor is loaded, a plain text area is in its place.
    const payload = dialog.locator(".cm-content");
    await payload.fill('{"name": "nobody"');
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await see(dialog.locator(".cm-content[aria-invalid=true]"));
    await payload.fill('{"name": "nobody"}');
    await dialog.getByRole("button", { name: "Advanced" }).click();
    await dialog.getByLabel("Attempts").fill("0");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await see(dialog.getByLabel("Attempts").and(page.locator("[aria-invalid=true]")));
    await assertAccessible(page);
    await dialog.getByLabel("Attempts").fill("1");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await see(page.getByText("“greet” is in the queue."));
    await see(page.getByText("failed after 1 attempt"));
    await see(page.getByText("Nobody is there"));
  } finally {
    await withScript.stop();
  }
});
