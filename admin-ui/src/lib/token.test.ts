import { expect, test } from "vitest";
import { isExpired, readToken } from "./token.ts";

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
