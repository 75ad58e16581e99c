/**
 * Measures the sheet on many rows while scrolling, jumping and typing: the gaps between frames, and the processor time
 * that the page needs for each step and for its longest task, which other programs on the machine hardly lengthen: a
 * frame waits for the task before it. A report, not a test, because its numbers depend on the machine.
 *
 *   npm run build && STEADING_BIN=… STEADING_UI=preview node e2e/report-grid.js [ROWS]
 */

import { newPage, openBrowser, see, signIn } from "./support/browser.js";
import { startServer } from "./support/server.js";

const ROWS = Number(process.argv[2] ?? 100_000);

const server = await startServer();
await fill();
const browser = await openBrowser();
try {
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(60_000);
  await signIn(page, `${server.dashboard}#/collections/rows`);
  await see(page.getByRole("gridcell", { name: "Customer 1", exact: true }));
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const grid = page.getByRole("grid");
  await page.mouse.move(700, 500);

  await measure(page, session, "wheel by 300 px", 60, () => page.mouse.wheel(0, 300));
  await measure(page, session, "scroll bar to another place", 20, async (step) => {
    await grid.evaluate((element, share) => element.scrollTo(0, element.scrollHeight * share), ((step * 7) % 20) / 20);
    await page.waitForTimeout(200);
  });
  await measure(page, session, "sideways by 120 px", 30, (step) => page.mouse.wheel(step < 15 ? 120 : -120, 0));
  await grid.evaluate((element) => element.scrollTo(0, 0));
  await page.locator('[data-row="2"][data-column="0"]').click();
  await measure(page, session, "arrow key", 30, () => page.keyboard.press("ArrowDown"));
  await measure(page, session, "typed letter", 30, () => page.keyboard.press("x"));
  await measure(page, session, "Enter, which saves", 1, () => page.keyboard.press("Enter"));
  await measure(page, session, "cell typed and saved", 20, async (step) => {
    await page.keyboard.type(`Edited ${step}`);
    await page.keyboard.press("Enter");
  });
  await see(page.getByText("All changes saved"));
  const block = Array.from({ length: 1000 }, (_, row) => `P${row}\tp${row}@example.com\ts1\tn\tc`).join("\n");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((text) => navigator.clipboard.writeText(text), block);
  const began = Date.now();
  await measure(page, session, "5,000 cells pasted", 1, async () => {
    await page.keyboard.press("ControlOrMeta+v");
    await see(page.getByText("cells pasted"));
  });
  await measure(page, session, "50 ms of saving them", 20, () => page.waitForTimeout(50));
  await see(page.getByText("All changes saved"));
  process.stdout.write(`all of them saved after ${Date.now() - began} ms\n`);
  const rows = await page.getByRole("row").count();
  const cells = await page.getByRole("gridcell").count();
  process.stdout.write(`of ${ROWS} rows, ${rows} are in the page, with ${cells} cells\n`);
} finally {
  await Promise.all([browser.close(), server.stop()]);
}

/** @typedef {import("playwright-core").Page} Page */

async function fill() {
  const names = ["name", "email", "status", "notes", "city", "code", "since"];
  await server.client.collections.create({
    name: "rows",
    type: "base",
    fields: [
      ...names.map((name) => ({ name, type: "text" })),
      { name: "amount", type: "number" },
      { name: "quantity", type: "number" },
      { name: "paid", type: "bool" },
    ],
  });
  const AT_ONCE = 2000;
  await server.client.settings.update({ batch: { enabled: true, maxRequests: AT_ONCE, timeout: 120 } });
  for (let first = 1; first <= ROWS; first += AT_ONCE) {
    const batch = server.client.createBatch();
    for (let row = first; row < first + AT_ONCE && row <= ROWS; row++) {
      batch.collection("rows").create({
        name: `Customer ${row}`,
        email: `c${row}@example.com`,
        status: `s${row % 3}`,
        notes: `A note about customer ${row}`,
        city: `City ${row % 50}`,
        code: `K-${row % 1000}`,
        since: `202${row % 6}-05-06`,
        amount: row,
        quantity: row % 90,
        paid: row % 2 === 0,
      });
    }
    await batch.send();
  }
}

/**
 * @param {Page} page
 * @param {import("playwright-core").CDPSession} session
 * @param {string} name what one step is
 * @param {number} steps
 * @param {(step: number) => Promise<void>} act
 */
async function measure(page, session, name, steps, act) {
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline"] });
  await page.evaluate(watchFrames);
  const cpu = [];
  for (let step = 0; step < steps; step++) {
    const before = await taskMs(session);
    await act(step);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    cpu.push((await taskMs(session)) - before);
  }
  /** @type {number[]} */
  // @ts-expect-error set by watchFrames
  const gaps = await page.evaluate(() => globalThis.stopWatching());
  const longestTask = longestTaskMs(JSON.parse((await browser.stopTracing()).toString()).traceEvents);
  cpu.sort((one, other) => one - other);
  const longest = Math.max(...gaps);
  const over = gaps.filter((gap) => gap > 100).length;
  process.stdout.write(
    `${name}: processor ${at(cpu, 0.5)} ms in the middle, ${at(cpu, 1)} ms at most, ` +
      `${longestTask.toFixed(0)} ms in one task; longest of ${gaps.length} frames ${longest.toFixed(0)} ms, ${over} over 100 ms\n`,
  );
}

/** @typedef {{ name: string, pid: number, tid: number, tdur?: number, args: { name?: string } }} TraceEvent */

/** Of the page's main thread. @param {TraceEvent[]} events */
function longestTaskMs(events) {
  const threads = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const isMain = (/** @type {TraceEvent} */ { pid, tid }) =>
    threads.some((thread) => thread.pid === pid && thread.tid === tid);
  const tasks = events.filter((event) => event.name.endsWith("RunTask") && isMain(event));
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
}

/** Runs in the page. */
function watchFrames() {
  /** @type {number[]} */
  const gaps = [];
  let last = performance.now();
  let isOver = false;
  const frame = (/** @type {number} */ now) => {
    gaps.push(now - last);
    last = now;
    if (!isOver) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  Object.assign(globalThis, {
    stopWatching: () => {
      isOver = true;
      return gaps;
    },
  });
}

/** What the page's main thread has worked so far. @param {import("playwright-core").CDPSession} session */
async function taskMs(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
}

/** @param {number[]} sorted @param {number} share */
function at(sorted, share) {
  return (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0);
}
