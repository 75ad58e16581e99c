/** The settings that an owner may change while the server runs, and the calls that try them out. */

import { queryOptions } from "@tanstack/react-query";
import type { Part } from "#lib/rebase.ts";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { ApiSettings } from "./types.gen.ts";

/** Secrets are never sent by the server. Leaving them out keeps what is stored. */
export type Settings = ApiSettings;
export type S3Settings = Settings["s3"];
export type RateLimitRule = Settings["rateLimits"]["rules"][number];

export const settingsQuery = () =>
  queryOptions({
    queryKey: keys.settings(),
    queryFn: ({ signal }) => client.send<Settings>("/api/settings", { signal }),
    staleTime: 30_000,
  });

/** Sends what is given; the server keeps the rest. Returns the new settings. */
export function saveSettings(part: Part<Settings>): Promise<Settings> {
  return client.send<Settings>("/api/settings", { method: "PATCH", body: part });
}

export const MAIL_TEMPLATES = ["verification", "password-reset", "email-change", "otp", "login-alert"] as const;
export type MailTemplate = (typeof MAIL_TEMPLATES)[number];

export function sendTestMail(email: string, template: MailTemplate): Promise<void> {
  return client.send("/api/settings/test/email", { method: "POST", body: { email, template } });
}

export function testStorage(filesystem: "storage" | "backups"): Promise<void> {
  return client.send("/api/settings/test/s3", { method: "POST", body: { filesystem } });
}
