/** Formatting of characters that the starter kit does not have: raised, lowered, colours and fonts. */

import type { Mark as StoredMark } from "@tiptap/pm/model";
import { type Editor, Mark } from "@tiptap/react";
import { safeStyle, styleValue, styleWith } from "#lib/safe-style.ts";

export const Subscript = simpleMark("subscript", "sub", "Mod-,");
export const Superscript = simpleMark("superscript", "sup", "Mod-.");

function simpleMark(name: string, tag: "sub" | "sup", key: string) {
  return Mark.create({
    name,
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
    addKeyboardShortcuts() {
      return { [key]: () => this.editor.commands.toggleMark(name) };
    },
  });
}

/** Underlining and the like are marks of their own, also where a `span` brings them. */
const SPAN_STYLES = new Set(["color", "background-color", "font-size", "font-family"]);

/** `<span style="color: …">`. Nested ones become one, in which the inner one counts. */
export const Styled = Mark.create({
  name: "styled",
  // Around the others, as most editors write it.
  priority: 200,
  addAttributes() {
    return { style: { default: null, parseHTML: spanStyle } };
  },
  parseHTML: () => [{ tag: "span", getAttrs: (element) => (spanStyle(element) === null ? false : null) }],
  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes, 0],
});

function spanStyle(element: HTMLElement): string | null {
  const spans: string[] = [];
  for (let span: Element | null = element; span; span = span.parentElement?.closest("span") ?? null) {
    spans.unshift(span.getAttribute("style") ?? "");
  }
  return safeStyle(spans.join(";"), SPAN_STYLES);
}

type SpanProperty = "color" | "background-color";

/** Where nothing is selected, what is typed next gets it. */
export function setSpanStyle(editor: Editor, name: SpanProperty, value: string | null): void {
  editor
    .chain()
    .focus()
    .command(({ tr, state }) => {
      const type = state.schema.marks.styled;
      if (!type) return false;
      const changed = (marks: readonly StoredMark[]) => {
        const style = styleWith(styleOf(marks), name, value);
        return style === null ? null : type.create({ style });
      };
      const { selection } = tr;
      if (selection.empty) {
        const mark = changed(state.storedMarks ?? selection.$from.marks());
        if (mark) tr.addStoredMark(mark);
        else tr.removeStoredMark(type);
        return true;
      }
      for (const { $from, $to } of selection.ranges) {
        tr.doc.nodesBetween($from.pos, $to.pos, (node, position) => {
          if (!node.isText) return;
          const [from, to] = [Math.max(position, $from.pos), Math.min(position + node.nodeSize, $to.pos)];
          const mark = changed(node.marks);
          if (mark) tr.addMark(from, to, mark);
          else tr.removeMark(from, to, type);
        });
      }
      return true;
    })
    .run();
}

export function spanStyleAt(editor: Editor, name: SpanProperty): string | undefined {
  return styleValue(editor.getAttributes("styled").style, name);
}

function styleOf(marks: readonly StoredMark[]): string | null {
  const style: unknown = marks.find(({ type }) => type.name === "styled")?.attrs.style;
  return typeof style === "string" ? style : null;
}
