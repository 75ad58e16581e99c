import { expect, test } from "vitest";
import type { Job } from "#api/jobs.ts";
import { countJobs, describeJob, firstLine, payloadText } from "./job-text.ts";

const JOB: Job = {
  id: "a1",
  name: "report",
  payload: null,
  uniqueKey: "",
  state: "waiting",
  priority: "normal",
  attempts: 0,
  maxAttempts: 10,
  due: "2026-11-20 10:00:00.000Z",
  created: "2026-11-20 09:00:00.000Z",
  error: "",
};
const NOW = new Date("2026-11-20T10:00:00Z");
const LATER = "2026-11-20 10:05:00.000Z";

test.each<[Partial<Job>, string]>([
  [{}, "begins as soon as there is room"],
  [{ due: LATER }, "begins in 5 minutes"],
  [{ attempts: 2, due: LATER }, "failed 2 of 10 times, next try in 5 minutes"],
  [{ attempts: 2 }, "failed 2 of 10 times, next try shortly"],
  [{ attempts: 3, state: "running" }, "attempt 3 of 10 is under way"],
  [{ attempts: 1, state: "failed" }, "failed after 1 attempt"],
])("%j: %s", (part, text) => {
  expect(describeJob({ ...JOB, ...part }, NOW)).toBe(text);
});

test("a payload is shown as JSON, and nothing is shown of none", () => {
  expect(payloadText(null)).toBe("");
  expect(payloadText("")).toBe('""');
  expect(payloadText({ a: 1 })).toBe('{\n  "a": 1\n}');
  expect(firstLine("\nNo such record\nat line 3")).toBe("No such record");
});

test("counts are those of a name or of all, without jobs that wait to be deleted", () => {
  const names = [
    { name: "report", hasWorker: true, waiting: 1, running: 0, failed: 2 },
    { name: "mail", hasWorker: true, waiting: 3, running: 1, failed: 1 },
  ];
  const hidden = [{ ...JOB, state: "failed" as const }];
  expect(countJobs(names, undefined, hidden)).toEqual({ waiting: 4, running: 1, failed: 2 });
  expect(countJobs(names, "mail", hidden)).toEqual({ waiting: 3, running: 1, failed: 1 });
});
