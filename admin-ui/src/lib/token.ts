/** Reads what a sign-in token says about itself. Whether it is true, only the server knows. */

type TokenClaims = { exp?: number; type?: string; email?: string; newEmail?: string; collectionId?: string };

export function readToken(token: string): TokenClaims | null {
  const payload = token.split(".")[1];
  if (!payload) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isClaims(claims) ? claims : null;
  } catch {
    return null;
  }
}

function isClaims(value: unknown): value is TokenClaims {
  return typeof value === "object" && value !== null;
}

export function isExpired(claims: TokenClaims, now: Date): boolean {
  return claims.exp !== undefined && claims.exp * 1000 <= now.getTime();
}
