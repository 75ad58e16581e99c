/**
 * Films, sound and pages of others inside a text. They are kept, and named, but never loaded or played here: a frame would
 * run what its address gives, beside the session of a superuser.
 */

import { Node } from "@tiptap/react";
import { hostOf, isWebAddress, standIn } from "#lib/safe-html.ts";
import { safeStyle } from "#lib/safe-style.ts";
import { words } from "#words/words.ts";

const ATTRIBUTES: Record<string, ReadonlySet<string>> = {
  iframe: set(
    "src width height title allow allowfullscreen frameborder loading referrerpolicy sandbox scrolling style",
  ),
  video: set("src width height title controls poster preload loop muted autoplay playsinline style"),
  audio: set("src title controls preload loop muted autoplay style"),
  source: set("src type"),
  track: set("src kind srclang label default"),
  p: set(""),
  a: set("href download title target rel"),
};
const ADDRESSES = set("src href poster");

/** Holds the HTML until it is written out. */
const MEDIA_ATTRIBUTE = "data-media";

/** Puts films and the like where they stand. `root` must be where nothing is loaded. */
export function restoreMedia(root: ParentNode): void {
  for (const stand of root.querySelectorAll(`span[${MEDIA_ATTRIBUTE}]`)) {
    const element = parsed(stand.getAttribute(MEDIA_ATTRIBUTE) ?? "");
    if (element) stand.replaceWith(element);
  }
}

export const MediaNode = Node.create({
  name: "media",
  group: "inline",
  inline: true,
  atom: true,
  draggable: true,
  addAttributes: () => ({
    html: {
      default: "",
      rendered: false,
      parseHTML: (element) => element.getAttribute(MEDIA_ATTRIBUTE) ?? cleaned(element),
    },
  }),
  parseHTML: () => [
    { tag: "iframe" },
    { tag: "video" },
    { tag: "audio" },
    { tag: `span[${MEDIA_ATTRIBUTE}]`, priority: 60 },
  ],
  // The editor draws it like this when it takes its views down, in the page.
  renderHTML: ({ node }) => ["span", { [MEDIA_ATTRIBUTE]: String(node.attrs.html) }],
  addNodeView() {
    return ({ node }) => {
      const element = parsed(String(node.attrs.html));
      const { richText } = words().inputs;
      const source = addressOf(element);
      const kinds: Record<string, string> = { video: richText.film, audio: richText.sound, iframe: richText.frame };
      const kind = kinds[element?.localName ?? ""] ?? richText.frame;
      return { dom: standIn("▶", `${kind}: ${element?.title || hostOf(source)}`, source) };
    };
  },
});

/** A copy of only what is listed above. Made and kept where nothing is loaded. */
function cleaned(element: HTMLElement): string {
  const inert = document.implementation.createHTMLDocument();
  return copyOf(element, inert)?.outerHTML ?? "";
}

function copyOf(element: Element, inert: Document): HTMLElement | null {
  const allowed = ATTRIBUTES[element.localName];
  if (!allowed) return null;
  const copy = inert.createElement(element.localName);
  for (const { name, value } of element.attributes) {
    const kept = name === "style" ? safeStyle(value) : value;
    const isSafe = allowed.has(name) && kept !== null && (!ADDRESSES.has(name) || isWebAddress(value));
    if (isSafe) copy.setAttribute(name, kept);
  }
  if (element.localName === "iframe") return copy;
  for (const child of element.childNodes) {
    if (child instanceof Text) copy.append(child.data);
    const inner = child instanceof Element ? copyOf(child, inert) : null;
    if (inner) copy.append(inner);
  }
  return copy;
}

function parsed(html: string): HTMLElement | null {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const element = body.firstElementChild;
  // It is its own work, but a document can come from a clipboard too.
  return element instanceof HTMLElement && element.localName in ATTRIBUTES ? copyOf(element, body.ownerDocument) : null;
}

function addressOf(element: HTMLElement | null): string {
  return element?.getAttribute("src") ?? element?.querySelector("source")?.getAttribute("src") ?? "";
}

function set(names: string): ReadonlySet<string> {
  return new Set(names.split(" "));
}

/** The HTML for the address of a film or a sound, or null where it is neither. */
export function mediaHtml(address: string): string | null {
  const frame = frameOf(address);
  const inert = document.implementation.createHTMLDocument();
  const kind = frame ? "iframe" : kindOfFile(address);
  if (kind === null || !isWebAddress(address)) return null;
  const element = inert.createElement(kind);
  element.setAttribute("src", frame ?? address);
  if (kind === "iframe") {
    element.setAttribute("width", "560");
    element.setAttribute("height", "315");
    element.setAttribute("allowfullscreen", "");
  } else {
    element.setAttribute("controls", "");
    if (kind === "video") element.setAttribute("width", "560");
  }
  return element.outerHTML;
}

function kindOfFile(address: string): "video" | "audio" | null {
  const path = address.replace(/[?#].*$/, "");
  if (/\.(?:mp4|m4v|webm|mov|ogv)$/i.test(path)) return "video";
  return /\.(?:mp3|m4a|ogg|oga|wav|flac|aac|opus)$/i.test(path) ? "audio" : null;
}

/** The address that a frame shows, for pages of the sites whose players are meant for it. */
function frameOf(address: string): string | null {
  const patterns: [pattern: RegExp, player: string][] = [
    [
      /^https?:\/\/(?:www\.|m\.)?youtube(?:-nocookie)?\.com\/(?:watch\?(?:.*&)?v=|embed\/|shorts\/)([\w-]{11})/i,
      "https://www.youtube-nocookie.com/embed/",
    ],
    [/^https?:\/\/youtu\.be\/([\w-]{11})/i, "https://www.youtube-nocookie.com/embed/"],
    [/^https?:\/\/(?:www\.|player\.)?vimeo\.com\/(?:video\/)?(\d+)/i, "https://player.vimeo.com/video/"],
    [/^https?:\/\/(?:www\.)?dailymotion\.com\/(?:embed\/)?video\/(\w+)/i, "https://www.dailymotion.com/embed/video/"],
    [/^https?:\/\/dai\.ly\/(\w+)/i, "https://www.dailymotion.com/embed/video/"],
  ];
  for (const [pattern, player] of patterns) {
    const id = pattern.exec(address)?.[1];
    if (id) return player + id;
  }
  return null;
}
