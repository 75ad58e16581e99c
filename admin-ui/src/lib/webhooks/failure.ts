/** Sorts the reasons why something could not be delivered, so that each can be said with what to do about it. */

export type Failure =
  | "redirect"
  | "badRequest"
  | "denied"
  | "missing"
  | "gone"
  | "tooLarge"
  | "tooMany"
  | "server"
  | "private"
  | "timeout"
  | "unknownHost"
  | "refused"
  | "tls"
  | "broken"
  | "template"
  | "unknown";

/** What the server writes where there was no answer. The first that fits counts. */
const REASONS: readonly [RegExp, Failure][] = [
  [/of the template|is not JSON/i, "template"],
  [/is not public|not allowed/i, "private"],
  [/longer than|timed? ?out/i, "timeout"],
  [/certificate|\btls\b|\bssl\b|handshake/i, "tls"],
  [/\bdns\b|lookup|resolve|name or service|no such host/i, "unknownHost"],
  [/refused/i, "refused"],
  [/redirect/i, "redirect"],
  [/reset|closed|unexpected eof|incomplete|broken pipe/i, "broken"],
];

/** `status`: of the answer, 0 without one. `null` for what has arrived. */
export function failureOf(status: number, error: string): Failure | null {
  if (status === 0) {
    if (error === "") return null;
    return REASONS.find(([pattern]) => pattern.test(error))?.[1] ?? "unknown";
  }
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return "redirect";
  if (status >= 500) return "server";
  return BY_STATUS[status] ?? "badRequest";
}

const BY_STATUS: Record<number, Failure> = {
  401: "denied",
  403: "denied",
  404: "missing",
  405: "missing",
  408: "timeout",
  410: "gone",
  413: "tooLarge",
  429: "tooMany",
};
