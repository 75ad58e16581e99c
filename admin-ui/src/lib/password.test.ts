import { describe, expect, test } from "vitest";
import { inventPassword, passwordStrength } from "./password.ts";

describe("inventPassword", () => {
  test("is strong, and different every time", () => {
    const made = new Set(Array.from({ length: 50 }, () => inventPassword({})));
    expect(made.size).toBe(50);
    for (const password of made) expect(passwordStrength(password ?? "")).toBe(4);
  });

  test("fits the field", () => {
    expect(inventPassword({ max: 8 })).toHaveLength(8);
    expect(inventPassword({ min: 40 })).toHaveLength(40);
    expect(inventPassword({ pattern: "^[a-zA-Z0-9]+$" })).toMatch(/^[a-zA-Z0-9]+$/);
    expect(inventPassword({ min: 1, max: 2 })).toHaveLength(2);
  });

  test("says when it cannot", () => {
    expect(inventPassword({ pattern: "^\\d{6}$" })).toBeNull();
    expect(inventPassword({ pattern: "(" })).toBeNull();
  });
});

test("passwordStrength puts passwords into the right order", () => {
  expect(passwordStrength("12345")).toBe(0);
  expect(passwordStrength("Password123!")).toBe(0);
  expect(passwordStrength("aaaaaaaaaaaaaaaa")).toBe(0);
  expect(passwordStrength("abcdefghijkl")).toBe(0);
  expect(passwordStrength("rainydays")).toBeLessThan(2);
  expect(passwordStrength("rusty-lantern-42")).toBeGreaterThanOrEqual(3);
  expect(passwordStrength("correct horse battery staple")).toBe(4);
});
