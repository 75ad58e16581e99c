/**
 * Tables. Rows of `thead` and `tfoot` know where they belong, and `html.ts` puts them there again: what works on tables
 * wants the rows in one list.
 */

import type { DOMOutputSpec, Node as DocumentNode } from "@tiptap/pm/model";
import { TextSelection } from "@tiptap/pm/state";
import { addRowAfter, goToNextCell, TableMap, tableEditing } from "@tiptap/pm/tables";
import { type Attribute, type Editor, Extension, Node } from "@tiptap/react";
import { safeStyle } from "#lib/safe-style.ts";

type TableRole = "table" | "row" | "cell" | "header_cell";

const Table = Node.create({
  name: "table",
  group: "block",
  content: "tableRow+",
  isolating: true,
  addAttributes() {
    return {
      caption: {
        default: null,
        rendered: false,
        parseHTML: (element) => element.querySelector(":scope > caption")?.textContent ?? null,
      },
      /** The style of each column. */
      columns: { default: null, rendered: false, parseHTML: columnStyles },
    };
  },
  parseHTML: () => [{ tag: "table" }, { tag: "caption", ignore: true }, { tag: "colgroup", ignore: true }],
  renderHTML({ node, HTMLAttributes }) {
    const parts: DOMOutputSpec[] = [];
    const { caption, columns } = node.attrs;
    if (typeof caption === "string") parts.push(["caption", caption]);
    // Of another number of columns, the widths say nothing about these.
    if (Array.isArray(columns) && columns.length === TableMap.get(node).width) {
      parts.push(["colgroup", ...columns.map((style): DOMOutputSpec => ["col", style ? { style } : {}])]);
    }
    return ["table", HTMLAttributes, ...parts, ["tbody", 0]];
  },
  extendNodeSchema: (extension) => roleOf(extension.name),
});

function columnStyles(element: HTMLElement): (string | null)[] | null {
  const columns = [...element.querySelectorAll(":scope > colgroup > col")];
  return columns.length === 0 ? null : columns.map((column) => safeStyle(column.getAttribute("style")));
}

export const SECTION_ATTRIBUTE = "data-section";

const TableRow = Node.create({
  name: "tableRow",
  content: "(tableCell | tableHeader)*",
  addAttributes() {
    return {
      section: {
        default: null,
        parseHTML: (element) => /^t(head|foot)$/.exec(element.parentElement?.localName ?? "")?.[1] ?? null,
        renderHTML: ({ section }) => (section ? { [SECTION_ATTRIBUTE]: section } : {}),
      },
    };
  },
  parseHTML: () => [{ tag: "tr" }],
  renderHTML: ({ HTMLAttributes }) => ["tr", HTMLAttributes, 0],
});

const TableCell = cell("tableCell", "td");
const TableHeader = cell("tableHeader", "th");

function cell(name: string, tag: "td" | "th") {
  return Node.create({
    name,
    content: "block+",
    isolating: true,
    addAttributes: () => ({
      colspan: span("colspan"),
      rowspan: span("rowspan"),
      colwidth: { default: null, rendered: false },
    }),
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
  });
}

function span(name: "colspan" | "rowspan"): Attribute {
  return {
    default: 1,
    parseHTML: (element) => Math.min(100, Math.max(1, Number.parseInt(element.getAttribute(name) ?? "1", 10) || 1)),
    renderHTML: (attributes) => (attributes[name] === 1 ? {} : { [name]: String(attributes[name]) }),
  };
}

/** What prosemirror-tables looks for in the schema. */
function roleOf(name: string): { tableRole?: TableRole } {
  const roles: Record<string, TableRole> = {
    table: "table",
    tableRow: "row",
    tableCell: "cell",
    tableHeader: "header_cell",
  };
  const tableRole = roles[name];
  return tableRole ? { tableRole } : {};
}

const TableKeys = Extension.create({
  name: "tableKeys",
  // Before the keys of lists, which a cell may hold only inside.
  priority: 90,
  addKeyboardShortcuts() {
    const move = (direction: 1 | -1) => goToNextCell(direction)(this.editor.state, this.editor.view.dispatch);
    return {
      Tab: () => {
        if (!this.editor.isActive("table")) return false;
        if (move(1)) return true;
        addRowAfter(this.editor.state, this.editor.view.dispatch);
        return move(1);
      },
      "Shift-Tab": () => this.editor.isActive("table") && move(-1),
    };
  },
  addProseMirrorPlugins: () => [tableEditing()],
});

export const TABLES = [Table, TableRow, TableCell, TableHeader, TableKeys];

/** With lines around the cells also where no style sheet draws them, as other editors write it. */
export function insertTable(editor: Editor, rows: number, columns: number, hasHeader: boolean): void {
  const row = (type: string) => ({
    type: "tableRow",
    content: Array.from({ length: columns }, () => ({ type, content: [{ type: "paragraph" }] })),
  });
  const first = editor.state.selection.from;
  editor
    .chain()
    .focus()
    .insertContent({
      type: "table",
      attrs: { border: "1", style: "border-collapse: collapse; width: 100%;" },
      content: Array.from({ length: rows }, (_, index) => row(hasHeader && index === 0 ? "tableHeader" : "tableCell")),
    })
    .command(({ tr }) => {
      const at = firstCellAfter(tr.doc, first - 1);
      if (at === undefined) return false;
      // Behind the last table there is a line to go on writing.
      const $cell = tr.doc.resolve(at);
      const end = $cell.after($cell.depth - 1);
      const paragraph = tr.doc.type.schema.nodes.paragraph;
      if (end === tr.doc.content.size && paragraph) tr.insert(end, paragraph.create());
      tr.setSelection(TextSelection.near(tr.doc.resolve(at + 1)));
      return true;
    })
    .run();
}

function firstCellAfter(doc: DocumentNode, from: number): number | undefined {
  let found: number | undefined;
  doc.descendants((node, position) => {
    const isCell = node.type.name === "tableCell" || node.type.name === "tableHeader";
    if (found === undefined && isCell && position >= from) found = position;
    return found === undefined;
  });
  return found;
}
