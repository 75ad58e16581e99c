import { ClientResponseError } from "pocketbase";
import { expect, onTestFinished, test } from "vitest";
import { de } from "#words/de/index.ts";
import { en } from "#words/en/index.ts";
import { setWords } from "#words/words.ts";
import { explain } from "./errors.ts";

const failure = (status: number, body: object = {}) => new ClientResponseError({ status, data: body });

test.each([
  [0, "offline"],
  [401, "signed-out"],
  [403, "forbidden"],
  [404, "missing"],
  [413, "invalid"],
  [429, "too-many"],
  [500, "server"],
  [400, "invalid"],
])("status %i is told as %s", (status, kind) => {
  expect(explain(failure(status)).kind).toBe(kind);
});

test.each([502, 503, 504, 521, 524])("a proxy's %i says that the server behind it does not answer", (status) => {
  expect(explain(failure(status)).kind).toBe("offline");
  // The server's own error of that status is told as one.
  expect(explain(failure(status, { status, message: "Busy.", data: {} })).kind).toBe("server");
});

test("a full disk is told as one", () => {
  expect(
    explain(failure(507, { status: 507, message: "The disk of the server is full.", data: {} })).message,
  ).toContain("full");
});

test("a limit is told in the language of the dashboard, with its number", () => {
  const data = { price: { code: "validation_max_number_constraint", message: "Must be less.", params: { max: 100 } } };
  const refusal = failure(400, { status: 400, message: "Failed.", data });
  expect(explain(refusal).fields).toEqual({ price: "Must be less." });
  setWords(de);
  onTestFinished(() => setWords(en));
  expect(explain(refusal).fields).toEqual({ price: "Höchstens 100." });
});

test("what is no answer of the server is told too", () => {
  expect(explain(new TypeError("x is undefined")).message).not.toContain("undefined");
});

test.each([
  [30, "30 seconds"],
  [1, "1 second"],
  [600, "10 minutes"],
  [undefined, "a moment"],
])("too many attempts, wait %s", (retryAfterSeconds, words) => {
  expect(explain(failure(429, { retryAfterSeconds })).message).toContain(words);
});

test("each wrong input has its own sentence", () => {
  const data = {
    email: { code: "validation_required", message: "Cannot be blank." },
    password: { code: "validation_min_text_constraint", message: "Must be at least 8 character(s)." },
    odd: null,
  };
  expect(explain(failure(400, { message: "Failed to create record.", data })).fields).toEqual({
    email: "Please fill this in.",
    password: "Must be at least 8 character(s).",
    odd: "Please check this.",
  });
});

test("a finding inside an object or a list is told by its path", () => {
  const required = { code: "validation_required", message: "Cannot be blank." };
  const data = { smtp: { host: required }, rateLimits: { rules: { 0: { label: required } } } };
  expect(Object.keys(explain(failure(400, { data })).fields)).toEqual(["smtp.host", "rateLimits.rules.0.label"]);
});
