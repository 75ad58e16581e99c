/**
 * Translates whatever went wrong into words for the person at the screen. Every screen asks here, so the same trouble
 * is told the same way everywhere.
 */

import { ClientResponseError } from "pocketbase";

type ProblemKind = "offline" | "signed-out" | "forbidden" | "missing" | "too-many" | "invalid" | "server";

export type Problem = {
  kind: ProblemKind;
  message: string;
  /** What is wrong with single inputs, by field name. */
  fields: Record<string, string>;
};

export function explain(error: unknown): Problem {
  if (!(error instanceof ClientResponseError))
    return problem("server", "Something unexpected happened. Please reload the page.");
  const { status, response } = error;
  if (status === 0) {
    return problem(
      "offline",
      "Steading is not answering. Check that it is running and that you are online, then try again.",
    );
  }
  if (status === 401) return problem("signed-out", "Your sign-in has ended. Please sign in again.");
  if (status === 403) return problem("forbidden", sentence(response.message, "You are not allowed to do this."));
  if (status === 404) return problem("missing", "This is not here (any more). It may have been removed or renamed.");
  if (status === 413) return problem("invalid", "That is larger than the server accepts.");
  if (status === 429) return problem("too-many", tooManyMessage(response.retryAfterSeconds));
  if (status >= 500) {
    return problem("server", "Steading ran into trouble of its own. Its log says more; trying again may help.");
  }
  return {
    kind: "invalid",
    message: sentence(response.message, "The server did not accept this."),
    fields: fieldMessages(response.data),
  };
}

function problem(kind: ProblemKind, message: string): Problem {
  return { kind, message, fields: {} };
}

function sentence(message: unknown, fallback: string): string {
  return typeof message === "string" && message !== "" ? message : fallback;
}

function tooManyMessage(seconds: unknown): string {
  const wait = typeof seconds === "number" && seconds > 0 ? waitingTime(seconds) : "a moment";
  return `There were too many attempts in a short time. Please wait ${wait}, then try again.`;
}

function waitingTime(seconds: number): string {
  if (seconds < 120) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/** Kinder words for the most usual findings; for the others the server's own sentence is good. */
const MESSAGES: Record<string, string> = {
  validation_required: "Please fill this in.",
  validation_is_email: "This does not look like an email address.",
  validation_not_unique: "This is taken already.",
  validation_values_mismatch: "The two do not match.",
  validation_invalid_token: "This link is no longer valid.",
  validation_invalid_password: "This is not your current password.",
};

function fieldMessages(data: unknown): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const [field, detail] of Object.entries(Object(data))) {
    const { code, message } = Object(detail) as { code?: unknown; message?: unknown }; // any JSON may stand here
    messages[field] = MESSAGES[String(code)] ?? sentence(message, "Please check this.");
  }
  return messages;
}
