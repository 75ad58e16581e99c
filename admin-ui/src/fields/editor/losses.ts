/** What of a piece of HTML is missing from another that was made of it. Runs in a browser. */

/** Written in two ways, meant the same. */
const SAME: Record<string, string> = { b: "strong", i: "em", strike: "s", del: "s" };
/** Wrapping lines in paragraphs, or not, is no loss. */
const WRAPPERS = new Set(["p", "tbody"]);

/** The names of tags and attributes that are gone, and "…" for words that are. Empty when nothing is. */
export function losses(before: string, after: string): string[] {
  const [had, has] = [inventory(before), inventory(after)];
  const lost = [...had.parts].filter(([part, count]) => (has.parts.get(part) ?? 0) < count).map(([part]) => part);
  return had.text === has.text ? lost : [...lost, "…"];
}

type Inventory = { parts: Map<string, number>; text: string };

function inventory(html: string): Inventory {
  const parts = new Map<string, number>();
  const add = (part: string) => parts.set(part, (parts.get(part) ?? 0) + 1);
  const { body } = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_ALL);
  let text = "";
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node instanceof Text) text += node.data;
    else if (node instanceof Comment) add("<!-- -->");
    else if (node instanceof Element) addElement(node, add);
  }
  return { parts, text: text.replace(/[\s\u00a0]+/g, "") };
}

function addElement(element: Element, add: (part: string) => void): void {
  const name = element.localName;
  const tag = SAME[name] ?? name;
  if (!WRAPPERS.has(tag)) add(`<${tag}>`);
  for (const attribute of element.attributes) add(`${tag} ${attribute.name}="${short(attribute.value)}"`);
}

function short(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}
