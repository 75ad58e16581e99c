import { expect, test } from "vitest";
import { randomPassword } from "./random-password.ts";

test("a suggested password is long enough and new each time", () => {
  const passwords = new Set(Array.from({ length: 50 }, randomPassword));
  expect(passwords.size).toBe(50);
  for (const password of passwords) expect(password).toMatch(/^[a-zA-Z2-9]{6}(-[a-zA-Z2-9]{6}){2}$/);
});
