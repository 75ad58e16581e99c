import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contrast, luminance, normalHex, toHex, toOklch } from "./colour.ts";
import { accentShades, GROUNDS, INK, USUAL_ACCENT, USUAL_SHADES } from "./shades.ts";

/** Pale, dark, grey and every hue at its strongest. */
const COLOURS = [
  ["#fff9c4", "#fdf6b2", "#ffff00", "#ffffff", "#000000", "#0a0a12", "#808080", "#c0c0c0", USUAL_ACCENT, "#24543e"],
  Array.from({ length: 36 }, (_, index) => toHex({ l: 0.65, c: 0.3, h: (index / 18) * Math.PI })),
  Array.from({ length: 36 }, (_, index) => toHex({ l: 0.95, c: 0.3, h: (index / 18) * Math.PI })),
  Array.from({ length: 36 }, (_, index) => toHex({ l: 0.2, c: 0.3, h: (index / 18) * Math.PI })),
].flat();

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  test.each(COLOURS)("text in %s and on it can be read", (colour) => {
    const { main, strong, wash, on } = accentShades(colour)[theme];
    const { line, ...grounds } = GROUNDS[theme];
    for (const ground of [...Object.values(grounds), wash]) {
      expect(contrast(main, ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(strong, ground)).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(strong, line)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(on, main)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(on, strong)).toBeGreaterThanOrEqual(4.5);
    // Ordinary text, errors and hints on the tint are as readable as on the usual one.
    const isAsReadable =
      theme === "light"
        ? luminance(wash) >= luminance(USUAL_SHADES.light.wash)
        : luminance(wash) <= luminance(USUAL_SHADES.dark.wash);
    expect(isAsReadable).toBe(true);
    // The button under the pointer looks different.
    expect(strong).not.toBe(main);
  });
});

test("a colour that can be read is taken as it is, and others keep their hue", () => {
  expect(accentShades("#1d4ed8").light.main).toBe("#1d4ed8");
  for (const theme of ["light", "dark"] as const) {
    const turned = Math.abs(toOklch(accentShades("#facc15")[theme].main).h - toOklch("#facc15").h);
    expect(turned).toBeLessThan(0.1);
  }
});

test("a colour is the same after a way there and back", () => {
  for (const colour of ["#000000", "#ffffff", "#2f6b4f", "#123456", "#fedcba"])
    expect(toHex(toOklch(colour))).toBe(colour);
});

test.each([
  ["#ABC", "#aabbcc"],
  [" #2F6b4f ", "#2f6b4f"],
  ["2f6b4f", null],
  ["#12", null],
  ["#2f6b4f; x: y", null],
])("%o as a colour is %o", (typed, hex) => {
  expect(normalHex(typed)).toBe(hex);
});

test("the colours are those of the style sheet", () => {
  const sheet = readFileSync(new URL("../../styles.css", import.meta.url), "utf8");
  for (const [name, light] of Object.entries(GROUNDS.light)) {
    const dark = GROUNDS.dark[name as keyof typeof GROUNDS.dark]; // both have the same names
    expect(sheet).toContain(`--${name}: light-dark(${light}, ${dark});`);
  }
  expect(sheet).toContain(`--ink: light-dark(${INK.light}, ${INK.dark});`);
  const names = { main: "moss", strong: "moss-strong", wash: "moss-wash", on: "on-moss" };
  for (const shade of ["main", "strong", "wash", "on"] as const) {
    const [name, { light, dark }] = [names[shade], USUAL_SHADES];
    const value = `light-dark(var(--${name}-light, ${light[shade]}), var(--${name}-dark, ${dark[shade]}))`;
    expect(sheet).toContain(`--${name}: ${value};`);
  }
});
