/** What an endpoint does, as owners think of it: a message to a chat, a mail, or telling another program. */

import { Braces, type LucideIcon, Mail, MessageSquare } from "lucide-react";
import type { WebhookFormat } from "#api/webhooks.ts";

export type Kind = "chat" | "email" | "program";

export const KINDS: readonly Kind[] = ["chat", "email", "program"];

export const CHATS = ["slack", "discord", "teams"] as const;

export const ICONS: Record<Kind, LucideIcon> = { chat: MessageSquare, email: Mail, program: Braces };

export function kindOf(format: WebhookFormat): Kind {
  if (format === "email") return "email";
  return format === "json" || format === "template" ? "program" : "chat";
}

/** The format that a kind begins with. */
export const FIRST_FORMAT: Record<Kind, WebhookFormat> = { chat: "slack", email: "email", program: "json" };

/** Whose addresses look like this. */
const HOSTS: Partial<Record<WebhookFormat, RegExp>> = {
  slack: /^https:\/\/hooks\.slack(-gov)?\.com\//i,
  discord: /^https:\/\/(\w+\.)?discord(app)?\.com\/api\//i,
  teams: /^https:\/\/[\w.-]+\.(office\.com|logic\.azure\.com|api\.powerplatform\.com)(:\d+)?\//i,
};

/** An address that is complete and does not look like one of the service. */
export function looksForeign(format: WebhookFormat, url: string): boolean {
  const typed = url.trim();
  const pattern = HOSTS[format];
  return pattern !== undefined && /^https?:\/\/[^/]+\/./i.test(typed) && !pattern.test(typed);
}
