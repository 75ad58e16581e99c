import { afterEach, expect, test, vi } from "vitest";
import { saveRows } from "./rows.ts";
import type { Collection } from "./types.ts";

const goods = { name: "goods", fields: [] } as unknown as Collection; // nothing else of it is read

type Request = { method: string; url: string; body: Record<string, unknown> };
type Answer = { status: number; body: unknown };

/** Answers every request of the client, and remembers it. */
function answering(answer: (path: string, requests: Request[], body: Record<string, unknown>) => Answer) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    const path = new URL(address).pathname;
    const form = init.body instanceof FormData ? String(init.body.get("@jsonPayload")) : "{}";
    const { requests = [] } = JSON.parse(form) as { requests?: Request[] };
    const body = typeof init.body === "string" ? JSON.parse(init.body) : {};
    asked.push(`${init.method} ${path} ${requests.length}`);
    const { status, body: sent } = answer(path, requests, body);
    return new Response(JSON.stringify(sent), { status, headers: { "Content-Type": "application/json" } });
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

const writes = ["a", "b", "c", "d", "e"].map((id) => ({ id, values: { price: id } }));
const refusal = { status: 400, message: "Failed.", data: { price: { code: "x", message: "Too much." } } };

/** A server that takes many in one request and refuses some. */
function refusing(bad: readonly string[]) {
  return (path: string, requests: Request[], body: Record<string, unknown>): Answer => {
    if (path !== "/api/batch") {
      return bad.includes(String(body.price)) ? { status: 400, body: refusal } : { status: 200, body };
    }
    const at = requests.findIndex((request) => bad.includes(String(request.body.price)));
    if (at < 0) return { status: 200, body: requests.map((request) => ({ status: 200, body: request.body })) };
    const data = { requests: { [at]: { code: "batch_request_failed", message: "", response: refusal } } };
    return { status: 400, body: { status: 400, message: "Batch transaction failed.", data } };
  };
}

test("many records are one request", async () => {
  const asked = answering(refusing([]));
  const outcomes = await saveRows(goods, writes);
  expect(outcomes).toEqual(writes.map(({ values }) => ({ status: "saved", record: values })));
  expect(asked).toEqual(["POST /api/batch 5"]);
});

test("a refused record is told apart, and the others are saved without it", async () => {
  const asked = answering(refusing(["b"]));
  const outcomes = await saveRows(goods, writes);
  expect(outcomes.map(({ status }) => status)).toEqual(["saved", "refused", "saved", "saved", "saved"]);
  expect(outcomes[1]).toMatchObject({ refusal: { fields: { price: "Too much." } } });
  expect(asked).toEqual(["POST /api/batch 5", "POST /api/batch 4"]);
});

test("with many refusals the rest is written one by one", async () => {
  const asked = answering(refusing(["a", "b", "c", "d"]));
  const outcomes = await saveRows(goods, writes);
  expect(outcomes.map(({ status }) => status)).toEqual(["refused", "refused", "refused", "refused", "saved"]);
  expect(asked.filter((request) => request.includes("batch")).length).toBe(3);
});

test("where the server takes single requests only, each record is one", async () => {
  const asked = answering((path, _, body) =>
    path === "/api/batch"
      ? { status: 403, body: { status: 403, message: "Batch requests are not allowed.", data: {} } }
      : { status: 200, body },
  );
  const outcomes = await saveRows(goods, writes);
  expect(outcomes.every(({ status }) => status === "saved")).toBe(true);
  expect(asked.filter((request) => request.startsWith("PATCH")).length).toBe(5);
});

test("a text in a JSON field is sent in quotes, so that it stays a text", async () => {
  const collection = {
    name: "goods",
    fields: [
      { name: "more", type: "json" },
      { name: "price", type: "text" },
    ],
  };
  const texts = ["5", "true", "null", '{"a": 1}', "plain", ""];
  const values = [...texts, 5, null, { a: "5" }].map((more) => ({ more, price: "5" }));
  answering((_, requests) => ({
    status: 200,
    body: requests.map(({ body }) => ({ status: 200, body })),
  }));
  const rows = values.map((value, index) => ({ id: `r${index}`, values: value }));
  const outcomes = await saveRows(collection as unknown as Collection, rows); // nothing else of it is read
  const sent = [...texts.map((text) => JSON.stringify(text)), 5, null, { a: "5" }].map((more) => ({
    more,
    price: "5",
  }));
  expect(outcomes).toEqual(sent.map((record) => ({ status: "saved", record })));
});

test("a server that does not answer is asked again for all of them", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("no network");
  });
  const outcomes = await saveRows(goods, writes);
  expect(outcomes.map(({ status }) => status)).toEqual(writes.map(() => "later"));
});
