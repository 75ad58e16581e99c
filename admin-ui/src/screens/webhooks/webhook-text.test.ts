import { expect, test } from "vitest";
import { addressOf, describeEvent, describeEvents, hostOf } from "./webhook-text.ts";

test("what an endpoint hears is said in words", () => {
  expect(describeEvents(["orders.create", "orders.update", "orders.delete"])).toEqual([
    "when a record in “orders” is created, changed, or deleted",
  ]);
  expect(describeEvents(["*.delete", "users.signUp", "users.update"])).toEqual([
    "when a record in any collection is deleted",
    "when a record in “users” is changed",
    "when somebody signs up in “users”",
  ]);
});

test("one event in words; what is not known stays as it is", () => {
  expect(describeEvent("orders.create")).toBe("orders: created");
  expect(describeEvent("users.signUp")).toBe("users: somebody signed up");
  expect(describeEvent("invoice-paid")).toBe("invoice-paid");
});

test("a delivery without an endpoint names a host", () => {
  expect(addressOf("url:example.com")).toBe("example.com");
  expect(addressOf("t2cdpk5ba8yqzi3")).toBeNull();
});

test("of a masked address the host remains", () => {
  expect(hostOf("https://hooks.slack.com/***")).toBe("hooks.slack.com");
  expect(hostOf("http://127.0.0.1:9000/***?***")).toBe("127.0.0.1:9000");
  expect(hostOf("mailto:team@example.com")).toBe("team@example.com");
});
