import { environmentManager, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type live, liveQuery, paceAfter, refreshOnReturn } from "./live-query.ts";
import { logsQuery } from "./logs.ts";

// Nothing is asked for again where pages are only put together.
environmentManager.setIsServer(() => false);

let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-01-01") });
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Looks at an answer that is asked for live. */
function look(answer: () => unknown, options: ReturnType<typeof live<unknown>> = liveQuery) {
  const cache = new QueryClient();
  const asked = vi.fn(async () => answer());
  const end = new QueryObserver(cache, { queryKey: ["x"], queryFn: asked, ...options }).subscribe(() => {});
  stop = () => {
    end();
    cache.clear();
  };
  return { cache, asked };
}

const MINUTE = 60_000;

test("what stays the same is asked for ever more rarely, and often again when it changes", async () => {
  let isBusy = false;
  let jobs = 1;
  const { asked } = look(() => ({ jobs: isBusy ? ++jobs : jobs }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked.mock.calls.length).toBe(4);
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  const quiet = asked.mock.calls.length;
  expect(quiet).toBeLessThan(110);

  isBusy = true;
  await vi.advanceTimersByTimeAsync(MINUTE);
  const noticed = asked.mock.calls.length;
  expect(noticed).toBeGreaterThan(quiet);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked.mock.calls.length).toBe(noticed + 10);
});

test("who comes back to the page sees at once how things are", async () => {
  const page = new EventTarget();
  vi.stubGlobal("window", page);
  const { cache, asked } = look(() => 1);
  const end = refreshOnReturn(cache);
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  const before = asked.mock.calls.length;
  page.dispatchEvent(new Event("pointermove"));
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.mock.calls.length).toBe(before + 1);
  page.dispatchEvent(new Event("pointermove"));
  await vi.advanceTimersByTimeAsync(9_000);
  expect(asked.mock.calls.length).toBe(before + 4);
  end();
});

test("in the log, the questions of the dashboard are no news", () => {
  vi.setSystemTime("2026-02-01");
  const { refetchInterval } = logsQuery({ filter: "", page: 1 }, true);
  const entry = (id: number, url: string) => ({ id: String(id), data: { method: "GET", url } });
  const query = { state: { data: { items: [entry(1, "/api/logs?page=1")] } } };
  const ask = (...items: object[]) => {
    query.state.data = { items: items as never };
    return (refetchInterval as (asked: object) => number)(query);
  };
  const own = entry(1, "/api/logs?page=1");
  expect(ask(own)).toBe(3_000);
  vi.advanceTimersByTime(MINUTE);
  expect(ask(entry(2, "/api/jobs?perPage=50"), own)).toBe(paceAfter(MINUTE));
  expect(ask(entry(3, "/api/collections/orders/records"), own)).toBe(3_000);
});

test("paces grow to a limit, and each lasts for several questions", () => {
  expect([0, 10_000, 30_000, 60_000, 3_600_000].map(paceAfter)).toEqual([3_000, 3_000, 6_000, 12_000, 48_000]);
});
