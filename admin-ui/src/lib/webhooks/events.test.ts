import { expect, test } from "vitest";
import { readEvents, toggleAction, writeEvents } from "./events.ts";

test("events are read by collection and written in one order", () => {
  const listening = readEvents([
    "orders.update",
    "*.delete",
    "orders.create",
    "users.signUp",
    "nonsense",
    "orders.fly",
  ]);
  expect(listening).toEqual([
    { collection: "orders", actions: ["create", "update"] },
    { collection: "*", actions: ["delete"] },
    { collection: "users", actions: ["signUp"] },
  ]);
  expect(writeEvents(listening)).toEqual(["orders.create", "orders.update", "*.delete", "users.signUp"]);
});

test("all events of a collection are its three changes", () => {
  expect(readEvents(["orders.*"])).toEqual([{ collection: "orders", actions: ["create", "update", "delete"] }]);
});

test("the same collection chosen twice gives each event once, and one that is not chosen yet gives none", () => {
  const twice = [
    { collection: "orders", actions: ["create" as const] },
    { collection: "orders", actions: ["create" as const, "delete" as const] },
    { collection: "", actions: ["create" as const] },
  ];
  expect(writeEvents(twice)).toEqual(["orders.create", "orders.delete"]);
});

test("an action is switched on in its place, and off again", () => {
  const one = { collection: "orders", actions: ["delete" as const] };
  expect(toggleAction(one, "create").actions).toEqual(["create", "delete"]);
  expect(toggleAction(one, "delete").actions).toEqual([]);
});
