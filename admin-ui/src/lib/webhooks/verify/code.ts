/**
 * Code that checks the signature of a delivery (Standard Webhooks), to copy into a receiver. Each piece is one function
 * that is given the body as it arrived and the headers, and returns what was sent or fails.
 */

import { GO } from "./go.ts";
import { NODE } from "./node.ts";
import { PHP } from "./php.ts";
import { PYTHON } from "./python.ts";
import type { VerifyCode, VerifyCodes } from "./verify-code.ts";

export const VERIFY_LANGUAGES = { node: "Node.js", python: "Python", php: "PHP", go: "Go" } as const;

export type VerifyLanguage = keyof typeof VERIFY_LANGUAGES;

const ALL: Record<VerifyLanguage, VerifyCodes> = { node: NODE, python: PYTHON, php: PHP, go: GO };

/** In place of the public key (v1a), which is no secret and so stands in the code. */
const PUBLIC_KEY = "whpk_PUBLIC_KEY";

export function verifyCode(language: VerifyLanguage, variant: keyof VerifyCodes, publicKey = ""): VerifyCode {
  const { code, ...rest } = ALL[language][variant];
  return { ...rest, code: code.replace(PUBLIC_KEY, publicKey) };
}
