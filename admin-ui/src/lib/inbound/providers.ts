/** The senders whose webhooks the server can verify, and what is particular about each. */

export const PROVIDERS = [
  "stripe",
  "paypal",
  "paddle",
  "square",
  "shopify",
  "github",
  "gitlab",
  "slack",
  "discord",
  "twilio",
  "mailgun",
  "standard",
  "hmac",
] as const;

export type Provider = (typeof PROVIDERS)[number];

type ProviderFacts = {
  /** Its name, where it has one. */
  name: string;
  /** Who makes the secret up: the sender, or the owner, who enters it there and here. */
  secret: "theirs" | "ours";
  /** What a secret looks like. */
  looksLike: string;
  /** The header with the name of the event, for those that do not put it into the body. */
  eventHeader?: string;
  /** It signs the address that it was given. */
  signsAddress?: true;
  /** What it is given is no secret, so it may be read while it is typed. */
  isPublic?: true;
};

export const PROVIDER_FACTS: Record<Provider, ProviderFacts> = {
  stripe: { name: "Stripe", secret: "theirs", looksLike: "whsec_…" },
  paypal: { name: "PayPal", secret: "theirs", looksLike: "5WH32619…", isPublic: true },
  paddle: { name: "Paddle", secret: "theirs", looksLike: "pdl_ntfset_…" },
  square: { name: "Square", secret: "theirs", looksLike: "", signsAddress: true },
  shopify: { name: "Shopify", secret: "theirs", looksLike: "", eventHeader: "X-Shopify-Topic" },
  github: { name: "GitHub", secret: "ours", looksLike: "", eventHeader: "X-GitHub-Event" },
  gitlab: { name: "GitLab", secret: "ours", looksLike: "", eventHeader: "X-Gitlab-Event" },
  slack: { name: "Slack", secret: "theirs", looksLike: "" },
  discord: { name: "Discord", secret: "theirs", looksLike: "", isPublic: true },
  twilio: { name: "Twilio", secret: "theirs", looksLike: "", signsAddress: true },
  mailgun: { name: "Mailgun", secret: "theirs", looksLike: "" },
  standard: { name: "Standard Webhooks", secret: "theirs", looksLike: "whsec_…" },
  hmac: { name: "HMAC", secret: "ours", looksLike: "" },
};

export function isProvider(name: string): name is Provider {
  return Object.hasOwn(PROVIDER_FACTS, name);
}

/** A secret that nobody can guess, for the senders that let one choose. */
export function inventSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
