/**
 * What of a piece of HTML is missing from another that was made of it. Runs in a browser.
 *
 * Of blocks, the tags and attributes are counted. Of formatting inside a line, how many characters have it: the order in
 * which tags are nested says nothing, nor does how often they are opened.
 */

import { declarations } from "#lib/safe-style.ts";

/** Written in two ways, meant the same. */
const SAME: Record<string, string> = { b: "strong", i: "em", strike: "s", del: "s" };
/** Wrapping lines in paragraphs, or not, is no loss. */
const WRAPPERS = new Set(["p", "tbody"]);
const INLINE = new Set(
  "a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup time tt u var".split(
    " ",
  ),
);
/** Styles that are the same as a tag. */
const STYLE_TAGS: [pattern: RegExp, tag: string][] = [
  [/^font-weight: (?:bold|bolder|[6-9]00)$/, "<strong>"],
  [/^font-style: italic$/, "<em>"],
  [/^text-decoration-line: underline$/, "<u>"],
  [/^text-decoration-line: line-through$/, "<s>"],
];
/** What the browser adds when it takes `text-decoration` apart. */
const DECORATION_DEFAULTS =
  /^text-decoration-(?:style: (?:solid|initial)|color: (?:currentcolor|initial)|thickness: (?:auto|initial))$/;

/** The names of tags and attributes that are gone, and "…" for words that are. Empty when nothing is. */
export function losses(before: string, after: string): string[] {
  const [had, has] = [inventory(before), inventory(after)];
  const lost = [...had.parts].filter(([part, count]) => (has.parts.get(part) ?? 0) < count).map(([part]) => part);
  return had.text === has.text ? lost : [...lost, "…"];
}

type Inventory = { parts: Map<string, number>; text: string };

function inventory(html: string): Inventory {
  const parts = new Map<string, number>();
  const add = (part: string, count = 1) => parts.set(part, (parts.get(part) ?? 0) + count);
  const { body } = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_ALL);
  let text = "";
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node instanceof Text) {
      const visible = node.data.replace(/[\s\u00a0]+/g, "");
      text += visible;
      if (visible !== "") for (const part of formatting(node)) add(part, visible.length);
    } else if (node instanceof Comment) add("<!-- -->");
    else if (node instanceof Element && !INLINE.has(node.localName)) addElement(node, add);
    // Empty, it formats nothing, but may be named.
    else if (node instanceof Element && node.textContent === "" && node.attributes.length > 0) addElement(node, add);
  }
  return { parts, text };
}

function addElement(element: Element, add: (part: string) => void): void {
  const name = element.localName;
  if (!WRAPPERS.has(name)) add(`<${name}>`);
  for (const part of attributesOf(element)) add(`${name} ${part}`);
  for (const part of stylesOf(element)) add(`${name} ${part}`);
}

/** Of styles that are set twice around a text, the inner one counts. */
function formatting(text: Text): string[] {
  const tags = new Set<string>();
  const styles = new Map<string, string>();
  for (let element = text.parentElement; element && INLINE.has(element.localName); element = element.parentElement) {
    const name = SAME[element.localName] ?? element.localName;
    if (name !== "span") tags.add(`<${name}>`);
    for (const part of attributesOf(element)) tags.add(`${name} ${part}`);
    for (const part of stylesOf(element)) {
      const tag = STYLE_TAGS.find(([pattern]) => pattern.test(part))?.[1];
      const property = part.slice(0, part.indexOf(":"));
      if (tag) tags.add(tag);
      else if (!DECORATION_DEFAULTS.test(part) && !styles.has(property)) styles.set(property, part);
    }
  }
  return [...tags, ...styles.values()];
}

function attributesOf(element: Element): string[] {
  return [...element.attributes]
    .filter(({ name }) => name !== "style")
    .map(({ name, value }) => `${name}="${short(value)}"`);
}

/** One by one and as the browser writes them, so that `#f00` is `rgb(255, 0, 0)`. What it does not know stays as it is. */
function stylesOf(element: Element): string[] {
  return declarations(element.getAttribute("style") ?? "").flatMap(([name, value]) => {
    const { style } = document.createElement("i");
    style.cssText = `${name}: ${value}`;
    const known = [...style].map((property) => `${property}: ${style.getPropertyValue(property)}`);
    return known.length > 0 ? known : [`style="${short(`${name}: ${value}`)}"`];
  });
}

function short(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}
