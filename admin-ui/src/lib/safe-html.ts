/**
 * A piece of HTML that anybody may have written, as nodes that can be put into the page: known tags, a few attributes, and
 * the part of the styles that is harmless. Nothing in it runs, loads from another site, or leaves its place.
 */

import { safeStyle } from "./safe-style.ts";

const TAGS = new Set(
  (
    "a abbr b blockquote br caption cite code col colgroup dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img " +
    "ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr u ul var"
  ).split(" "),
);
/** Their content is not for reading. */
const DROPPED = new Set(
  "script style title template noscript noembed noframes object embed svg math select textarea head xmp plaintext".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(
  "dir lang title alt colspan rowspan width height align valign start scope border".split(" "),
);
/** What plays or runs is named only. */
const MEDIA = new Set(["iframe", "video", "audio"]);
const MAX_DEPTH = 100;

export type HtmlNames = {
  /** For a picture of another site, by its alternative text or its site. */
  picture: (name: string) => string;
  /** For what is embedded. */
  media: (tag: string, host: string) => string;
};

export function safeHtml(html: string, names: HtmlNames): DocumentFragment {
  const { body } = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  const fragment = document.createDocumentFragment();
  copyChildren(body, fragment, names, 0);
  return fragment;
}

function copyChildren(from: Node, into: Node, names: HtmlNames, depth: number): void {
  for (const child of from.childNodes) {
    if (child instanceof Text) into.appendChild(document.createTextNode(child.data));
    else if (child instanceof Element) copyElement(child, into, names, depth);
  }
}

function copyElement(element: Element, into: Node, names: HtmlNames, depth: number): void {
  const tag = element.localName;
  if (DROPPED.has(tag) || depth > MAX_DEPTH) return;
  const isHtml = element.namespaceURI === "http://www.w3.org/1999/xhtml";
  const source = element.getAttribute("src") ?? element.querySelector("source")?.getAttribute("src") ?? "";
  if (MEDIA.has(tag)) into.appendChild(standIn("▶", names.media(tag, hostOf(source)), source));
  else if (tag === "img" && !isShown(source)) {
    into.appendChild(standIn("▨", names.picture(element.getAttribute("alt") || hostOf(source)), source));
  } else if (isHtml && TAGS.has(tag)) {
    const copy = document.createElement(tag);
    copyAttributes(element, copy);
    copyChildren(element, copy, names, depth + 1);
    into.appendChild(copy);
  } else copyChildren(element, into, names, depth + 1);
}

function copyAttributes(from: Element, to: HTMLElement): void {
  for (const { name, value } of from.attributes) if (ATTRIBUTES.has(name)) to.setAttribute(name, value);
  const style = safeStyle(from.getAttribute("style"));
  if (style) to.style.cssText = style;
  if (to instanceof HTMLImageElement) to.src = from.getAttribute("src") ?? "";
  const href = from.getAttribute("href");
  if (
    to instanceof HTMLAnchorElement &&
    href !== null &&
    /^(?:https?|mailto|tel):$/.test(urlOf(href)?.protocol ?? "")
  ) {
    to.href = href;
    to.target = "_blank";
    to.rel = "noopener noreferrer";
  }
}

/** What stands for something that is not loaded here. */
export function standIn(sign: string, text: string, title: string): HTMLElement {
  const stand = document.createElement("span");
  stand.className = "not-loaded";
  stand.textContent = `${sign} ${text}`;
  stand.title = title;
  return stand;
}

/** What the server's policy for the dashboard's pages lets through: pictures of its own, and those inside the text. */
export function isShown(source: string): boolean {
  if (/^data:/i.test(source)) return /^data:image\/(?:png|jpeg|gif|webp|avif);/i.test(source);
  const url = urlOf(source);
  return url !== null && /^(?:https?|blob):$/.test(url.protocol) && url.origin === location.origin;
}

/** Of a page, a picture or a film: never one that runs something. */
export function isWebAddress(address: string): boolean {
  return /^https?:$/.test(urlOf(address)?.protocol ?? "");
}

export function hostOf(address: string): string {
  return urlOf(address)?.host || address.slice(0, 40);
}

function urlOf(address: string): URL | null {
  try {
    return new URL(address, location.href);
  } catch {
    return null;
  }
}
