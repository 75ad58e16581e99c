/** The server keeps a fingerprint of a password only, and never sends that. */
export function PasswordCell() {
  return <span className="text-ink-soft">never shown</span>;
}
