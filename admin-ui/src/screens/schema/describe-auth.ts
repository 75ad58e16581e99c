/** Says what a changed option of signing in means. The names are those of the form. */

import { formatDuration, formatNumber } from "#lib/format.ts";
import { isSame, type SchemaChange } from "#lib/schema/compare.ts";
import { words } from "#words/words.ts";

type OptionChange = Extract<SchemaChange, { kind: "option" }>;

/** `null` for an option that has no words of its own. */
export function describeAuthOption({ option, before, after }: OptionChange): string | null {
  const say = words().schema.changes;
  const { mailNames, tokenNames } = words().authOptions;
  const [part = "", key = "", ...deeper] = option.split(".");
  const way = wayOf(part);
  if (way && key === "enabled") return after === true ? say.signInOn(way) : say.signInOff(way);
  const mail = Object.entries(mailNames).find(([name]) => name === part)?.[1];
  if (mail && (part.endsWith("Template") || key === "emailTemplate")) return say.mail(mail);
  const token = Object.entries(tokenNames).find(([name]) => name === part)?.[1];
  if (token && key === "secret") return say.invalidated(token);
  const label = token && key === "duration" ? token : labelOf(option);
  if (label) return `${label}: ${say.before(textOf(key, after), textOf(key, before))}`;
  if (option === "oauth2.providers") return describeProviders(before, after);
  return part === "oauth2" && deeper.length > 0 ? say.otherOf(words().authOptions.mapped) : null;
}

function wayOf(part: string): string | null {
  const say = words().authOptions;
  const ways: Record<string, string> = {
    passwordAuth: say.password,
    oauth2: say.oauth2,
    otp: say.otp,
    mfa: say.mfa,
    authAlert: say.alert,
  };
  return ways[part] ?? null;
}

function labelOf(option: string): string | null {
  const say = words().authOptions;
  const labels: Record<string, string> = {
    "passwordAuth.identityFields": say.identityFields,
    "otp.length": say.otpLength,
    "otp.duration": `${say.otp}, ${say.otpDuration}`,
    "mfa.duration": say.mfaDuration,
  };
  return labels[option] ?? null;
}

function textOf(key: string, value: unknown): string {
  if (typeof value === "number") return key === "duration" ? formatDuration(value) : formatNumber(value);
  if (Array.isArray(value) && value.length > 0) return value.join(", ");
  return words().common.none;
}

type Provider = { name: string; displayName?: string };

function describeProviders(before: unknown, after: unknown): string | null {
  const say = words().schema.changes;
  const [old, now] = [providersOf(before), providersOf(after)];
  const find = (list: Provider[], { name }: Provider) => list.find((provider) => provider.name === name);
  const label = ({ name, displayName }: Provider) => displayName || name;
  const parts = [
    ...now.filter((provider) => !find(old, provider)).map((provider) => say.providerAdded(label(provider))),
    ...old.filter((provider) => !find(now, provider)).map((provider) => say.providerRemoved(label(provider))),
    ...now
      .filter((provider) => find(old, provider) && !isSame(find(old, provider), provider))
      .map((provider) => say.providerChanged(label(provider))),
  ];
  return parts.length > 0 ? parts.join("; ") : null;
}

function providersOf(value: unknown): Provider[] {
  return Array.isArray(value) ? value.filter((item) => typeof item?.name === "string") : [];
}
