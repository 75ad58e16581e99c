/**
 * Translates whatever went wrong into words for the person at the screen. Every screen asks here, so the same trouble
 * is told the same way everywhere.
 */

import { ClientResponseError } from "pocketbase";
import { locale } from "#lib/locale.ts";
import { words } from "#words/words.ts";

type ProblemKind = "offline" | "signed-out" | "forbidden" | "missing" | "too-many" | "invalid" | "server";

export type Problem = {
  kind: ProblemKind;
  message: string;
  /** What is wrong with single inputs, by the path of the input. */
  fields: Record<string, string>;
  /** `too-many`: how long the server asks to wait. */
  retryAfterSeconds?: number;
};

export function explain(error: unknown): Problem {
  if (!(error instanceof ClientResponseError)) return problem("server", words().errors.unexpected);
  const { status, response } = error;
  if (status === 0 || isFromGateway(status, response)) return problem("offline", words().errors.offline);
  if (status === 401) return problem("signed-out", words().errors.signedOut);
  if (status === 403) return problem("forbidden", sentence(response.message, words().errors.forbidden));
  if (status === 404) return problem("missing", words().errors.missing);
  if (status === 413) return problem("invalid", words().errors.tooLarge);
  if (status === 429) {
    const seconds: unknown = response.retryAfterSeconds;
    const retryAfterSeconds = typeof seconds === "number" ? seconds : undefined;
    return { ...problem("too-many", tooManyMessage(seconds)), retryAfterSeconds };
  }
  if (status === 507) return problem("server", words().errors.full);
  if (status >= 500) return problem("server", words().errors.server);
  return {
    kind: "invalid",
    message: sentence(response.message, words().errors.refused),
    fields: fieldMessages(response.data),
  };
}

/** What is said of a form as a whole: `seeInputs` where single inputs say what is wrong with them. */
export function formMessage({ message, fields }: Pick<Problem, "message" | "fields">, seeInputs: string): string {
  return Object.keys(fields).length > 0 ? seeInputs : message;
}

/** What proxies answer when the server behind them does not, 520 to 530 at Cloudflare. */
function isFromGateway(status: number, body: Record<string, unknown>): boolean {
  const isGatewayStatus = (status >= 502 && status <= 504) || (status >= 520 && status <= 530);
  // The server's own errors repeat their status in the body.
  return isGatewayStatus && body.status !== status;
}

function problem(kind: ProblemKind, message: string): Problem {
  return { kind, message, fields: {} };
}

function sentence(message: unknown, fallback: string): string {
  return typeof message === "string" && message !== "" ? message : fallback;
}

function tooManyMessage(seconds: unknown): string {
  const wait = typeof seconds === "number" && seconds > 0 ? waitingTime(seconds) : words().errors.aMoment;
  return words().errors.tooMany(wait);
}

function waitingTime(seconds: number): string {
  if (seconds < 120) return words().errors.seconds(seconds);
  return words().errors.minutes(Math.ceil(seconds / 60));
}

/** What the server's code says in the language at hand, if there are words for it. */
export function kinderWords(code: string, params: Record<string, unknown>): string | undefined {
  const said = words().errors.codes[code];
  if (typeof said !== "function") return said;
  const limit = params.min ?? params.max ?? params.maxSelect;
  if (limit === undefined) return undefined;
  return said(typeof limit === "number" ? new Intl.NumberFormat(locale()).format(limit) : String(limit));
}

/** Findings by the path of their input: `email`, or `smtp.host` and `fields.0.name` where they are nested. */
function fieldMessages(data: unknown, prefix = ""): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const [key, detail] of Object.entries(Object(data))) {
    const path = prefix + key;
    const { code, message, params } = Object(detail) as Record<string, unknown>; // any JSON may stand here
    if (typeof code === "string" || typeof message === "string" || Object(detail) !== detail) {
      messages[path] = kinderWords(String(code), Object(params)) ?? sentence(message, words().errors.checkThis);
    } else {
      Object.assign(messages, fieldMessages(detail, `${path}.`));
    }
  }
  return messages;
}
