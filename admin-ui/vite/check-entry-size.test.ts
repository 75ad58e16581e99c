import { expect, test } from "vitest";
import { entrySizeKib } from "./check-entry-size.ts";

/** Text that gzip cannot shrink much. */
const noise = (length: number) => Array.from({ length }, (_, index) => (Math.sin(index) * 1e9).toString(36)).join("");

test("static imports count once, lazy chunks do not", () => {
  const shared = { code: noise(2000), imports: [], isEntry: false };
  const lazy = { code: noise(90_000), imports: ["shared.js"], isEntry: false };
  const entry = { code: "import './shared.js'", imports: ["shared.js", "shared.js"], isEntry: true };
  const alone = entrySizeKib(new Map([["shared.js", { ...shared, isEntry: true }]]));
  const whole = entrySizeKib(new Map(Object.entries({ "shared.js": shared, "lazy.js": lazy, "entry.js": entry })));
  expect(whole).toBeGreaterThan(alone);
  expect(whole).toBeLessThan(alone + 0.1);
});
