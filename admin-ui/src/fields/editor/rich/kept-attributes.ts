/** Attributes that blocks, tables and pictures keep: those that are harmless in the page, and nothing else. */

import { type Attribute, Extension } from "@tiptap/react";
import { safeStyle } from "#lib/safe-style.ts";

const BLOCKS = [
  "paragraph",
  "heading",
  "blockquote",
  "bulletList",
  "orderedList",
  "listItem",
  "codeBlock",
  "divText",
  "divBox",
];
const CELLS = ["tableCell", "tableHeader"];
const ALL = [...BLOCKS, ...CELLS, "horizontalRule", "table", "tableRow", "image"];

const NUMBER = /^\d{1,5}(?:\.\d+)?%?$/;
const WORDS = /^[^<>]*$/;
const SIDE = /^(?:left|right|center|justify|top|middle|bottom|baseline)$/i;
const COLOUR = /^#?[\da-z]{3,20}$/i;

/** How `style` is kept: by itself, because it is made harmless instead of compared. */
const style: Attribute = {
  default: null,
  parseHTML: (element) => safeStyle(element.getAttribute("style")),
  renderHTML: ({ style }) => (style ? { style } : {}),
};

export const KeptAttributes = Extension.create({
  name: "keptAttributes",
  addGlobalAttributes() {
    return [
      {
        types: ALL,
        attributes: { style, ...attributes({ dir: /^(?:ltr|rtl|auto)$/i, lang: /^[\w-]{1,35}$/, title: WORDS }) },
      },
      { types: [...BLOCKS, ...CELLS, "table", "tableRow", "image"], attributes: attributes({ align: SIDE }) },
      { types: [...CELLS, "tableRow"], attributes: attributes({ valign: SIDE }) },
      {
        types: [...CELLS, "table", "tableRow"],
        attributes: attributes({ width: NUMBER, height: NUMBER, bgcolor: COLOUR }),
      },
      { types: CELLS, attributes: attributes({ scope: /^(?:row|col|rowgroup|colgroup)$/i }) },
      {
        types: ["table"],
        attributes: attributes({ border: NUMBER, cellpadding: NUMBER, cellspacing: NUMBER, summary: WORDS }),
      },
    ];
  },
});

/** Each is kept while its value fits. */
function attributes(patterns: Record<string, RegExp>): Record<string, Attribute> {
  return Object.fromEntries(
    Object.entries(patterns).map(([name, pattern]) => [
      name,
      {
        default: null,
        parseHTML: (element: HTMLElement) => {
          const value = element.getAttribute(name);
          return value !== null && pattern.test(value) ? value : null;
        },
      },
    ]),
  );
}
