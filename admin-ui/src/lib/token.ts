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

const RENEW_AFTER_MS = 60 * 60 * 1000;

/** After an hour, or a quarter of its life where that is shorter. */
export function isWorthRenewing(claims: TokenClaims, obtained: Date, now: Date): boolean {
  if (claims.exp === undefined || isExpired(claims, now)) return false;
  const quarter = (claims.exp * 1000 - obtained.getTime()) / 4;
  return now.getTime() - obtained.getTime() >= Math.min(quarter, RENEW_AFTER_MS);
}
