/** Blocks that the starter kit does not have, and what is done with the blocks of a selection. */

import { type Editor, Node } from "@tiptap/react";
import { styleWith } from "#lib/safe-style.ts";

const BLOCK_TAGS = "p,div,h1,h2,h3,h4,h5,h6,ul,ol,table,pre,blockquote,hr";

/** A `div` with text. */
export const DivText = Node.create({
  name: "divText",
  group: "block",
  content: "inline*",
  parseHTML: () => [{ tag: "div", getAttrs: (element) => (element.querySelector(BLOCK_TAGS) ? false : null) }],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes, 0],
});

/** A `div` around other blocks. */
export const DivBox = Node.create({
  name: "divBox",
  group: "block",
  content: "block+",
  parseHTML: () => [{ tag: "div", getAttrs: (element) => (element.querySelector(BLOCK_TAGS) ? null : false) }],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes, 0],
});

/** Changes attributes of the blocks of text in the selection. */
function changeBlocks(editor: Editor, change: (attributes: Record<string, unknown>) => Record<string, unknown>): void {
  editor
    .chain()
    .focus()
    .command(({ tr }) => {
      for (const { $from, $to } of tr.selection.ranges) {
        tr.doc.nodesBetween($from.pos, $to.pos, (node, position) => {
          if (node.isTextblock) tr.setNodeMarkup(position, undefined, { ...node.attrs, ...change(node.attrs) });
        });
      }
      return true;
    })
    .run();
}

export type Alignment = "left" | "center" | "right" | "justify";

/** Left is where text begins, and needs no words, unless the text runs from the right. */
export function alignBlocks(editor: Editor, alignment: Alignment): void {
  changeBlocks(editor, ({ style, dir }) => {
    const value = alignment === "left" && dir !== "rtl" ? null : alignment;
    return { style: styleWith(typeof style === "string" ? style : null, "text-align", value), align: null };
  });
}

export function directBlocks(editor: Editor, dir: "ltr" | "rtl"): void {
  changeBlocks(editor, () => ({ dir }));
}

/** Leaves the words, as plain paragraphs. */
export function clearFormatting(editor: Editor): void {
  editor.chain().focus().unsetAllMarks().clearNodes().run();
  changeBlocks(editor, () => ({ style: null, dir: null, align: null }));
}
