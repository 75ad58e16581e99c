import { words } from "#words/words.ts";

/** The server keeps a fingerprint of a password only, and never sends that. */
export function PasswordCell() {
  return <span className="text-ink-soft">{words().inputs.neverShown}</span>;
}
