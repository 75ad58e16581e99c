/**
 * The shades of the owner's colour that the dashboard is drawn in. Whatever the colour is, text in it and on it keeps
 * the contrast that WCAG 2.2 asks for at level AA, in both themes: a pale colour is darkened where the ground is light,
 * a dark one lightened where it is dark.
 */

import { contrast, luminance, type Oklch, toHex, toOklch } from "./colour.ts";

/** What the style sheet calls `--moss`, `--moss-strong`, `--moss-wash` and `--on-moss`. */
export type Shades = { main: string; strong: string; wash: string; on: string };

export type AccentShades = { light: Shades; dark: Shades };

/** The colour that the style sheet is written in. */
export const USUAL_ACCENT = "#2f6b4f";

const MIN_TEXT_CONTRAST = 4.5;

/** Those of the style sheet that text of this colour stands on. `line` is the ground of chips under the pointer. */
export const GROUNDS = {
  light: { ground: "#faf7f1", surface: "#fffdf9", raised: "#ffffff", sunken: "#f3eee4", line: "#e6dfd1" },
  dark: { ground: "#1a1916", surface: "#22211d", raised: "#2a2924", sunken: "#151412", line: "#37352f" },
};

/** Ordinary text in the style sheet. */
export const INK = { light: "#2a2620", dark: "#ece7db" };

/** The shades of the style sheet. With tints as bright as these, every text on them stays as readable as it is. */
export const USUAL_SHADES: AccentShades = {
  light: { main: USUAL_ACCENT, strong: "#24543e", wash: "#e4efe6", on: "#ffffff" },
  dark: { main: "#7cc2a0", strong: "#96d3b5", wash: "#253a30", on: "#10241a" },
};

const STEP = 0.005;

/** `accent` is `#rrggbb`. */
export function accentShades(accent: string): AccentShades {
  if (accent === USUAL_ACCENT) return USUAL_SHADES;
  const colour = toOklch(accent);
  return { light: lightShades(colour), dark: darkShades(colour) };
}

function lightShades({ l, c, h }: Oklch): Shades {
  const wash = tint(
    { l: 0.97, c: Math.min(c, 0.025), h },
    -STEP,
    (hex) => luminance(hex) <= luminance(USUAL_SHADES.light.wash),
  );
  const { line, ...grounds } = GROUNDS.light;
  // Not quite black, so that it is seen to be a colour, and there is a darker one for the button under the pointer.
  const main = readable({ l: Math.max(l, 0.3), c, h }, -STEP, [...Object.values(grounds), wash]);
  const strong = readable({ ...main, l: main.l - 0.07 }, -STEP, [...Object.values(grounds), line, wash]);
  return { main: toHex(main), strong: toHex(strong), wash, on: "#ffffff" };
}

function darkShades({ l, c, h }: Oklch): Shades {
  const wash = tint(
    { l: 0.25, c: Math.min(c, 0.035), h },
    STEP,
    (hex) => luminance(hex) >= luminance(USUAL_SHADES.dark.wash),
  );
  const { line, ...grounds } = GROUNDS.dark;
  // Not quite white, for the same reason. Strong colours glare on a dark ground.
  const start = { l: Math.min(Math.max(l, 0.72), 0.88), c: Math.min(c, 0.15), h };
  const on = toHex({ l: 0.24, c: Math.min(c, 0.035), h });
  const main = readable(start, STEP, [...Object.values(grounds), wash, on]);
  const strong = readable({ ...main, l: Math.min(main.l + 0.06, 0.96) }, STEP, [
    ...Object.values(grounds),
    line,
    wash,
    on,
  ]);
  return { main: toHex(main), strong: toHex(strong), wash, on };
}

/** Goes from a colour, in steps of lightness, to the first that can be read on all the grounds. */
function readable(from: Oklch, step: number, grounds: readonly string[]): Oklch {
  const isReadable = (colour: Oklch) => {
    const hex = toHex(colour);
    return grounds.every((ground) => contrast(hex, ground) >= MIN_TEXT_CONTRAST);
  };
  const colour = { ...from };
  while (!isReadable(colour) && colour.l > 0 && colour.l < 1) colour.l += step;
  return colour;
}

/** Goes from a colour, in steps of lightness, to the last before `isTooFar`. */
function tint(from: Oklch, step: number, isTooFar: (hex: string) => boolean): string {
  const colour = { ...from };
  while (!isTooFar(toHex({ ...colour, l: colour.l + step }))) colour.l += step;
  return toHex(colour);
}
