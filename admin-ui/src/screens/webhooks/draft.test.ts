import { expect, test } from "vitest";
import type { Webhook } from "#api/webhooks.ts";
import { afterSave, draftOf, inputOf, NEW_DRAFT, withExpand, withFormat } from "./draft.ts";

const STORED: Webhook = {
  id: "abcdefghijklmno",
  name: "Orders",
  url: "https://hooks.example.com/***",
  enabled: true,
  disabledReason: "",
  events: ["orders.create", "orders.update"],
  filter: "",
  changed: ["status"],
  fields: "",
  expand: "",
  headers: { "X-Team": "***" },
  format: "json",
  template: "",
  contentType: "application/json",
  order: "record",
  concurrency: 4,
  timeoutSeconds: 15,
  signature: "v1",
  publicKey: "",
  secrets: [],
  health: {
    state: "idle",
    failingSince: "",
    nextTry: "",
    waiting: 0,
    succeeded24h: 0,
    failed24h: 0,
    lastStatus: 0,
    lastAt: "",
  },
  created: "",
  updated: "",
};

test("what is typed while a webhook is being saved stays, and is sent with the next", () => {
  const sent = { ...draftOf(STORED), name: "Shop", storedUrl: "", url: "https://a.example" };
  const saved = { ...STORED, name: "Shop", url: "https://a.example/***" };
  expect(afterSave(sent, sent, saved)).toEqual(draftOf(saved));
  expect(afterSave({ ...sent, filter: "total > 1" }, sent, saved)).toEqual({ ...draftOf(saved), filter: "total > 1" });
  const typed = afterSave({ ...sent, url: "https://a.example/b" }, sent, saved);
  expect(inputOf(typed, saved)).toMatchObject({ name: "Shop", url: "https://a.example/b" });
});

test("the address and the headers stay as they are stored until they are typed again", () => {
  const draft = draftOf(STORED);
  expect(inputOf(draft, STORED)).not.toHaveProperty("url");
  expect(inputOf(draft, STORED).headers).toEqual({ "X-Team": "***" });
  const replaced = {
    ...draft,
    storedUrl: "",
    url: " https://new.example.com/x ",
    headers: [{ name: "X-Team", value: "blue", isStored: true }],
  };
  expect(inputOf(replaced, STORED)).toMatchObject({ url: "https://new.example.com/x", headers: { "X-Team": "blue" } });
  const emptied = { ...draft, headers: [{ name: "X-Team", value: "", isStored: true }] };
  expect(inputOf(emptied, STORED).headers).toEqual({ "X-Team": "***" });
});

test("fields that must change are asked for changes only", () => {
  const draft = { ...draftOf(STORED), listening: [{ collection: "orders", actions: ["create" as const] }] };
  expect(inputOf(draft, STORED).changed).toEqual([]);
});

test("a mail goes to an address with mailto, which the form does not show", () => {
  const draft = { ...NEW_DRAFT, format: "email" as const, url: "team@example.com" };
  expect(inputOf(draft).url).toBe("mailto:team@example.com");
  const stored: Webhook = { ...STORED, format: "email", url: "mailto:team@example.com" };
  expect(draftOf(stored).url).toBe("team@example.com");
});

test("another kind of receiver needs another address; on the way back the stored one is there", () => {
  const chat = withFormat(draftOf(STORED), "slack", STORED);
  expect(chat).toMatchObject({ url: "", storedUrl: "" });
  expect(withFormat(chat, "template", STORED).storedUrl).toBe(STORED.url);
  expect(withFormat(draftOf(STORED), "template", STORED).storedUrl).toBe(STORED.url);
});

test("a relation is sent along once", () => {
  const draft = withExpand({ ...NEW_DRAFT, expand: "album" }, "customer");
  expect(draft.expand).toBe("album,customer");
  expect(withExpand(draft, "customer").expand).toBe("album,customer");
});
