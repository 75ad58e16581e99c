/**
 * The part of a `style` attribute that can be put into the page, regardless of who wrote it: colours, alignment, sizes within the
 * text, borders and spacing. Nothing that loads (`url()`), leaves its place (`position`, negative margins) or covers others.
 */

const LENGTH = "(?:0|\\d{1,5}(?:\\.\\d+)?(?:px|pt|em|rem|%))";
const COLOUR = "(?:#[\\da-f]{3,8}|[a-z]{3,20}|(?:rgb|hsl)a?\\([\\d\\s.,%/]+\\))";
const SIZE = exactly(`${LENGTH}|auto`);
const SPACES = exactly(`${LENGTH}(?: ${LENGTH}){0,3}`);
const MARGINS = exactly(`(?:${LENGTH}|auto)(?: (?:${LENGTH}|auto)){0,3}`);
const BORDER = exactly(`(?:${LENGTH}|${COLOUR})(?: (?:${LENGTH}|${COLOUR})){0,3}`);
const SIDES = ["", "-top", "-right", "-bottom", "-left"];

const PROPERTIES: ReadonlyMap<string, RegExp> = new Map([
  ["color", exactly(COLOUR)],
  ["background-color", exactly(COLOUR)],
  ["text-align", exactly("left|right|center|justify|start|end")],
  ["vertical-align", exactly("top|middle|bottom|baseline|text-top|text-bottom|sub|super")],
  ["float", exactly("left|right|none")],
  ["display", exactly("block|inline|inline-block|table")],
  ["width", SIZE],
  ["height", SIZE],
  ["max-width", SIZE],
  [
    "font-size",
    exactly(`\\d{1,2}(?:\\.\\d+)?(?:px|pt|em|rem)|\\d{1,3}%|(?:x{0,2}-)?(?:small|large)|medium|smaller|larger`),
  ],
  ["font-family", exactly("[\\w\\s,'\"-]{1,120}")],
  ["line-height", exactly(`\\d(?:\\.\\d+)?|${LENGTH}|normal`)],
  ["list-style-type", exactly("[a-z-]{3,30}")],
  ["border-collapse", exactly("collapse|separate")],
  ["border-spacing", SPACES],
  ...["-style", "-color", "-width"].map((part): [string, RegExp] => [`border${part}`, BORDER]),
  ...SIDES.flatMap((side): [string, RegExp][] => [
    [`border${side}`, BORDER],
    [`margin${side}`, MARGINS],
    [`padding${side}`, SPACES],
  ]),
]);

/** The declarations of a `style` attribute, in order: names in lower case, values as they stand. */
export function declarations(style: string): [name: string, value: string][] {
  return style.split(";").flatMap((part): [string, string][] => {
    const colon = part.indexOf(":");
    if (part.trim() === "") return [];
    if (colon < 0) return [["", part.trim()]];
    return [[part.slice(0, colon).trim().toLowerCase(), part.slice(colon + 1).trim()]];
  });
}

/** What of it is harmless, or null where nothing is. `only` narrows it to some properties. */
export function safeStyle(style: string | null, only?: ReadonlySet<string>): string | null {
  const kept = declarations(style ?? "").filter(
    ([name, value]) => PROPERTIES.get(name)?.test(value) && (only === undefined || only.has(name)),
  );
  return written(kept);
}

/** With another value for one property, or without it. */
export function styleWith(style: string | null, name: string, value: string | null): string | null {
  const others = declarations(style ?? "").filter(([other]) => other !== name);
  return written(value === null ? others : [...others, [name, value]]);
}

export function styleValue(style: unknown, name: string): string | undefined {
  return typeof style === "string" ? declarations(style).findLast(([other]) => other === name)?.[1] : undefined;
}

function written(list: [string, string][]): string | null {
  return list.length === 0 ? null : list.map(([name, value]) => `${name}: ${value};`).join(" ");
}

function exactly(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "i");
}
