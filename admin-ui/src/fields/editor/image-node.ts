/** Pictures by address. Those of other servers are not loaded: looking at a record shall tell nobody. */

import { mergeAttributes, Node } from "@tiptap/react";

export const ImageNode = Node.create({
  name: "image",
  group: "inline",
  inline: true,
  draggable: true,
  addAttributes() {
    return {
      src: { default: null },
      alt: { default: null },
      title: { default: null },
      width: { default: null },
      height: { default: null },
    };
  },
  parseHTML() {
    return [{ tag: "img[src]" }];
  },
  renderHTML({ HTMLAttributes }) {
    return ["img", mergeAttributes(HTMLAttributes)];
  },
  addNodeView() {
    return ({ node }) => {
      const source = String(node.attrs.src ?? "");
      const alt = String(node.attrs.alt ?? "");
      if (isOwn(source)) {
        const image = document.createElement("img");
        image.src = source;
        image.alt = alt;
        return { dom: image };
      }
      const stand = document.createElement("span");
      stand.className = "image-elsewhere";
      stand.textContent = `🖼 ${alt || source}`;
      stand.title = source;
      return { dom: stand };
    };
  },
});

function isOwn(source: string): boolean {
  try {
    return /^https?:/.test(source) || !/^[a-z][\w+.-]*:/i.test(source)
      ? new URL(source, location.href).origin === location.origin
      : /^data:image\/(?:png|jpeg|gif|webp);/.test(source);
  } catch {
    return false;
  }
}
