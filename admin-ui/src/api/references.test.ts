import { afterEach, expect, test, vi } from "vitest";
import { type Reference, restoreReference } from "./references.ts";

type Answer = { status: number; body: unknown };

/** Answers every request, and remembers those that write. */
function answering(answer: (method: string, id: string) => Answer) {
  const written: unknown[] = [];
  vi.stubGlobal("fetch", async (address: string, { method = "GET", body }: RequestInit) => {
    const id = new URL(address).pathname.split("/").at(-1) ?? "";
    if (method === "PATCH") written.push([id, JSON.parse(String(body))]);
    const { status, body: sent } = answer(method, id);
    return new Response(JSON.stringify(sent), { status, headers: { "Content-Type": "application/json" } });
  });
  return written;
}

afterEach(() => vi.unstubAllGlobals());

function reference(maxSelect: number, records: Reference["records"], count = records.length): Reference {
  const parts = { collection: { name: "goods" }, field: { name: "tags", maxSelect } };
  return { ...parts, count, records } as Reference; // nothing else of it is read
}

test("to a list, the links are added", async () => {
  const written = answering(() => ({ status: 200, body: {} }));
  expect(await restoreReference(reference(5, [{ id: "g1", links: ["t1", "t2"] }]))).toBe(0);
  expect(written).toEqual([["g1", { "tags+": ["t1", "t2"] }]]);
});

test("a single link is put back where there is no other by now", async () => {
  const written = answering((_, id) => ({ status: 200, body: { tags: id === "g1" ? "" : "other" } }));
  const records = ["g1", "g2"].map((id) => ({ id, links: ["t1"] }));
  expect(await restoreReference(reference(1, records))).toBe(0);
  expect(written).toEqual([["g1", { tags: "t1" }]]);
});

test("counts what is not restored, without the records that are gone themselves", async () => {
  answering((_, id) => ({ status: Number(id), body: { status: Number(id), message: "", data: {} } }));
  const records = ["200", "400", "404", "500"].map((id) => ({ id, links: ["t1"] }));
  expect(await restoreReference(reference(5, records, 7))).toBe(2 + 3);
});
