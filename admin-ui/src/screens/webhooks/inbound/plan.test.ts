import { expect, test } from "vitest";
import type { Inbound } from "#api/inbound.ts";
import type { Collection } from "#api/types.ts";
import { afterSave, draftOf, type InboundDraft, NEW_DRAFT, withCollection } from "./draft.ts";
import { inputOf, mappedFields, planOf, previewInputOf, sentSecrets } from "./plan.ts";

const field = (name: string, type: string) => ({
  id: name,
  name,
  type,
  system: false,
  hidden: false,
  presentable: false,
});
const payments: Collection = {
  id: "pbc_1",
  name: "payments",
  type: "base",
  system: false,
  createRule: null,
  fields: [
    { ...field("id", "text"), primaryKey: true },
    field("note", "text"),
    field("amount", "number"),
    field("email", "email"),
    field("eventId", "text"),
    field("raw", "json"),
    field("photo", "file"),
  ],
};

const ADDRESS = "https://example.com/api/inbound/stripe";
const chosen = withCollection(NEW_DRAFT, payments);
const sourcesOf = (draft: InboundDraft) =>
  planOf(draft, [payments]).rows.map(
    ({ field, source }) => `${field.name}: ${"path" in source ? source.path : source.kind}`,
  );

test("fields get likely values until somebody chooses, and none that keeps the id or the whole message", () => {
  expect(sourcesOf(chosen)).toEqual([
    "note: none",
    "amount: $.data.object.amount_total",
    "email: $.data.object.customer_details.email",
  ]);
  expect([chosen.idField, chosen.rawField]).toEqual(["eventId", "raw"]);
  const emptied = { ...chosen, sources: new Map([["amount", { kind: "none" } as const]]) };
  expect(sourcesOf(emptied)[1]).toBe("amount: none");
});

test("what is sent: values as their fields have them, and entries whose number leads back to the field", () => {
  const sources: InboundDraft["sources"] = new Map([
    ["note", { kind: "typed", path: "  " }],
    ["amount", { kind: "value", text: "12.5" }],
    ["email", { kind: "typed", path: " $.mail " }],
  ]);
  const draft = { ...chosen, sources, suggests: false };
  const plan = planOf(draft, [payments]);
  expect(inputOf(draft, plan, ADDRESS).mapping).toEqual([
    { field: "amount", value: 12.5 },
    { field: "email", path: "$.mail" },
  ]);
  expect(mappedFields(plan)).toEqual(["amount", "email"]);
  expect(inputOf(draft, plan, ADDRESS)).not.toHaveProperty("url");
  expect(inputOf({ ...draft, provider: "square" }, plan, ADDRESS).url).toBe(ADDRESS);
  expect(
    previewInputOf({ ...draft, provider: "github" }, planOf({ ...draft, provider: "github" }, [payments]), ADDRESS),
  ).toMatchObject({
    headers: { "X-GitHub-Event": "issues" },
    contentType: "application/json",
  });
});

test("stored secrets stay unless something changes; empty inputs are no secrets", () => {
  const kept = { kind: "stored", id: "s1", created: "" } as const;
  const stored = { secrets: [{ id: "s1", created: "" }] } as unknown as Inbound; // the rest is not looked at
  const plan = planOf(chosen, [payments]);
  const sent = (secrets: InboundDraft["secrets"]) => inputOf({ ...chosen, secrets }, plan, ADDRESS, stored).secrets;
  expect(sent([kept])).toBeUndefined();
  expect(sent([{ kind: "new", text: " " }, kept])).toBeUndefined();
  expect(sent([{ kind: "new", text: " fresh " }, kept])).toEqual(["fresh", { id: "s1" }]);
  expect(sentSecrets([{ kind: "new", text: "" }, kept])).toEqual([kept]);
});

test("one that is stored is shown as it is: nothing is suggested over what is empty", () => {
  const stored = {
    name: "stripe",
    provider: "stripe",
    collection: "payments",
    mapping: [
      { field: "note", value: { a: 1 } },
      { field: "email", path: "$.mail" },
    ],
    secrets: [],
    url: ADDRESS,
    onlyEvents: [],
  } as unknown as Inbound; // the rest is not looked at
  const draft = draftOf(stored, ADDRESS);
  expect(sourcesOf(draft)).toEqual(["note: value", "amount: none", "email: $.mail", "eventId: none", "raw: none"]);
  expect([draft.url, draft.sources.get("note")]).toEqual(["", { kind: "value", text: '{"a":1}' }]);
});

test("what is chosen while it is being saved stays, with what was suggested for the rest", () => {
  const sent = { ...chosen, sample: "{}" };
  const stored = { ...chosen, sources: new Map([["note", { kind: "path", path: "$.id" } as const]]), suggests: false };
  const unchanged = afterSave(sent, sent, stored);
  expect([unchanged.sources, unchanged.suggests, unchanged.sample]).toEqual([stored.sources, false, "{}"]);
  const typed = { ...sent, rememberDays: 9, sources: new Map([["note", { kind: "value", text: "x" } as const]]) };
  const later = afterSave(typed, sent, stored);
  expect([later.sources, later.suggests, later.rememberDays]).toEqual([typed.sources, true, 9]);
});
