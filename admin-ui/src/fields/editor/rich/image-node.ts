/** Pictures by address. Those of other servers are not loaded: looking at a record shall tell nobody. */

import { mergeAttributes, Node } from "@tiptap/react";
import { hostOf, isShown, standIn } from "#lib/safe-html.ts";
import { words } from "#words/words.ts";

/** Holds the address of a picture that is not loaded, until it is written out. */
export const SOURCE_ATTRIBUTE = "data-src";

/** Only where nothing is loaded. The order of the attributes stays. */
export function restoreSource(image: Element): void {
  const attributes = [...image.attributes].map(({ name, value }) => [name, value] as const);
  for (const [name] of attributes) image.removeAttribute(name);
  for (const [name, value] of attributes) image.setAttribute(name === SOURCE_ATTRIBUTE ? "src" : name, value);
}

export const ImageNode = Node.create({
  name: "image",
  group: "inline",
  inline: true,
  draggable: true,
  addAttributes: () => ({
    src: {
      default: null,
      parseHTML: (element) => element.getAttribute("src") ?? element.getAttribute(SOURCE_ATTRIBUTE),
      // The editor draws it like this when it takes its views down, in the page.
      renderHTML: ({ src }) => (isShown(String(src)) ? { src } : { [SOURCE_ATTRIBUTE]: src }),
    },
    alt: { default: null },
    width: { default: null },
    height: { default: null },
  }),
  parseHTML: () => [{ tag: "img[src]" }, { tag: `img[${SOURCE_ATTRIBUTE}]` }],
  renderHTML: ({ HTMLAttributes }) => ["img", mergeAttributes(HTMLAttributes)],
  addNodeView() {
    return ({ node, HTMLAttributes }) => {
      const source = String(node.attrs.src ?? "");
      if (isShown(source)) {
        const image = document.createElement("img");
        for (const [name, value] of Object.entries(HTMLAttributes)) {
          if (name === "style") image.style.cssText = String(value);
          else if (value !== null && value !== undefined) image.setAttribute(name, String(value));
        }
        return { dom: image };
      }
      const { richText } = words().inputs;
      return { dom: standIn("▨", richText.imageNamed(node.attrs.alt || hostOf(source)), source) };
    };
  },
});
