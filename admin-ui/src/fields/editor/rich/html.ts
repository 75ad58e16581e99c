/** Between HTML and the document of the editor. */

import { DOMSerializer, Node as DocumentNode } from "@tiptap/pm/model";
import { generateJSON, getSchema } from "@tiptap/react";
import { EXTENSIONS } from "./extensions.ts";
import { restoreSource, SOURCE_ATTRIBUTE } from "./image-node.ts";
import { losses } from "./losses.ts";
import { restoreMedia } from "./media-node.ts";
import { SECTION_ATTRIBUTE } from "./tables.ts";

/** As it is stored. Built in a document of its own, where nothing is loaded. */
export function toHtml(content: DocumentNode): string {
  const inert = document.implementation.createHTMLDocument();
  const root = inert.createElement("div");
  root.append(DOMSerializer.fromSchema(content.type.schema).serializeFragment(content.content, { document: inert }));
  restoreMedia(root);
  for (const image of root.querySelectorAll(`img[${SOURCE_ATTRIBUTE}]`)) restoreSource(image);
  for (const table of root.querySelectorAll("table")) restoreSections(table);
  for (const holder of root.querySelectorAll("li, td, th")) unwrapLine(holder);
  return root.innerHTML;
}

/** What the editor makes of it. */
export function reduced(html: string): string {
  return toHtml(DocumentNode.fromJSON(getSchema(EXTENSIONS), generateJSON(html, EXTENSIONS)));
}

/** What the editor would drop. */
export function lossesOf(html: string): string[] {
  return html.trim() === "" ? [] : losses(html, reduced(html));
}

/** Rows that were added above a head belong to it. */
function restoreSections(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  if (!body) return;
  const rows = [...body.rows];
  const sectionOf = (row: HTMLTableRowElement) => row.getAttribute(SECTION_ATTRIBUTE);
  const head = rows.slice(0, rows.findLastIndex((row) => sectionOf(row) === "head") + 1);
  const foot = rows.filter((row) => !head.includes(row) && sectionOf(row) === "foot");
  for (const row of rows) row.removeAttribute(SECTION_ATTRIBUTE);
  if (head.length > 0) {
    const section = table.ownerDocument.createElement("thead");
    section.append(...head);
    body.before(section);
  }
  if (foot.length > 0) table.createTFoot().append(...foot);
  if (body.rows.length === 0) body.remove();
}

/** A cell or item of one line is written without a paragraph around it, as most editors do. */
function unwrapLine(holder: Element): void {
  const [line, ...rest] = holder.children;
  const isAlone = rest.every(({ localName }) => holder.localName === "li" && /^[uo]l$/.test(localName));
  if (line?.localName === "p" && line.attributes.length === 0 && isAlone) line.replaceWith(...line.childNodes);
}
