/** The settings that an owner may change while the server runs, and the calls that try them out. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";

export type S3Settings = {
  enabled: boolean;
  bucket: string;
  region: string;
  endpoint: string;
  accessKey: string;
  forcePathStyle: boolean;
  /** Never sent by the server. Absent keeps what is stored. */
  secret?: string;
};

export type RateLimitRule = { label: string; audience: string; duration: number; maxRequests: number };

export type Settings = {
  superuserIPs: string[];
  smtp: {
    enabled: boolean;
    port: number;
    host: string;
    username: string;
    authMethod: string;
    tls: boolean;
    localName: string;
    /** Never sent by the server. Absent keeps what is stored. */
    password?: string;
  };
  backups: { cron: string; cronMaxKeep: number; s3: S3Settings };
  s3: S3Settings;
  meta: {
    accentColor: string;
    appName: string;
    appURL: string;
    senderName: string;
    senderAddress: string;
    hideControls: boolean;
  };
  rateLimits: { rules: RateLimitRule[]; excludedIPs: string[]; enabled: boolean };
  trustedProxy: { headers: string[]; useLeftmostIP: boolean };
  batch: { enabled: boolean; maxRequests: number; timeout: number; maxBodySize: number };
  logs: { maxDataSize: number; maxDays: number; minLevel: number; logIP: boolean; logAuthId: boolean };
  /** Left out by the server while it has its first value. */
  openapi?: { public: boolean };
  mailLinks?: { baseURL: string };
};

export const settingsQuery = () =>
  queryOptions({
    queryKey: keys.settings(),
    queryFn: ({ signal }) => client.send<Settings>("/api/settings", { signal }),
    staleTime: 30_000,
  });

/** Sends what is given; the server keeps the rest. Returns the new settings. */
export function saveSettings(part: Partial<Settings>): Promise<Settings> {
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
