import { expect, test } from "vitest";
import { publicBase } from "./address.ts";

test("the address of the app counts where others can reach it, else the one of the dashboard", () => {
  const own = "https://dash.example.com";
  expect(publicBase("https://shop.example.com/", own)).toBe("https://shop.example.com");
  expect(publicBase("https://example.com/shop//", own)).toBe("https://example.com/shop");
  for (const nearby of [
    "",
    "http://localhost:8090",
    "http://127.0.0.1",
    "http://192.168.1.5",
    "http://[::1]:80",
    "shop",
  ])
    expect(publicBase(nearby, own)).toBe(own);
});
