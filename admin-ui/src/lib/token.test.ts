import { expect, test } from "vitest";
import { isExpired, isWorthRenewing, readToken } from "./token.ts";

const encode = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;

test("claims are read, whatever letters they hold", () => {
  expect(readToken(encode({ exp: 10, newEmail: "zoë@example.com" }))).toEqual({ exp: 10, newEmail: "zoë@example.com" });
});

test.each(["", "abc", "a.b.c", "a.bnVsbA.c"])("%s is no token", (text) => {
  expect(readToken(text)).toBeNull();
});

test("a token is over at its second", () => {
  expect(isExpired({ exp: 10 }, new Date(9_999))).toBe(false);
  expect(isExpired({ exp: 10 }, new Date(10_000))).toBe(true);
  expect(isExpired({}, new Date())).toBe(false);
});

test("a token is renewed well before its end, but not with every step", () => {
  const HOUR = 3_600_000;
  const start = new Date(0);
  const day = { exp: 24 * 3600 };
  expect(isWorthRenewing(day, start, new Date(HOUR - 1))).toBe(false);
  expect(isWorthRenewing(day, start, new Date(HOUR))).toBe(true);
  // One of a minute, after 15 seconds; what is over cannot be renewed.
  expect(isWorthRenewing({ exp: 60 }, start, new Date(14_000))).toBe(false);
  expect(isWorthRenewing({ exp: 60 }, start, new Date(15_000))).toBe(true);
  expect(isWorthRenewing({ exp: 60 }, start, new Date(60_000))).toBe(false);
  expect(isWorthRenewing({}, start, new Date(HOUR))).toBe(false);
});
