/** Rich text as plain text and back, for the places that have no room for formatting. */

import { htmlToText } from "#lib/html-text.ts";

/** `isWhole`: nothing but paragraphs and line ends gets lost on the way. */
export function plainTextOf(html: string): { text: string; isWhole: boolean } {
  const text = htmlToText(html);
  return { text, isWhole: !/<(?!\/?(?:p|br)\s*\/?>)[^>]*>/i.test(html) };
}

export function fromPlainText(text: string): string {
  if (text.trim() === "") return "";
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return escaped
    .split(/\r?\n/)
    .map((line) => `<p>${line}</p>`)
    .join("");
}
