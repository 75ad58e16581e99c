/** What people see of a message: the text inside of what is sent to a chat. */

import { htmlToText } from "../html-text.ts";

/** `null` where the body is not of the form that the chat expects. */
export function messageOf(format: string, body: string): string | null {
  if (format === "email") return htmlToText(body);
  const value = parse(body);
  switch (format) {
    case "slack":
      return mapped(textOf(at(value, "text")), fromSlack);
    case "discord":
      return mapped(textOf(at(value, "content")), fromMarkdown);
    case "teams":
      return mapped(textOf(cardText(value)), (text) => fromMarkdown(text.replaceAll("\n\n", "\n")));
    default:
      return null;
  }
}

/** Teams takes an adaptive card: the texts of its blocks, one below the other. */
function cardText(value: unknown): unknown {
  const attachments = at(value, "attachments");
  const card = at(Array.isArray(attachments) ? attachments[0] : undefined, "content");
  const blocks = at(card, "body");
  if (!Array.isArray(blocks)) return undefined;
  const texts = blocks.map((block) => textOf(at(block, "text"))).filter((text) => text !== null);
  return texts.length > 0 ? texts.join("\n") : undefined;
}

function mapped(text: string | null, change: (text: string) => string): string | null {
  return text === null ? null : change(text);
}

/** Slack takes three signs as entities. */
function fromSlack(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** The signs of Markdown that stand for themselves. */
function fromMarkdown(text: string): string {
  return text.replace(/\\([[\]*_`\\])/g, "$1");
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
