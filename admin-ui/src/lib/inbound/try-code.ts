/** A signed request for a terminal, for the senders whose way of signing fits into a few lines of shell. */

import { contentTypeOf } from "./body.ts";
import { PROVIDER_FACTS, type Provider } from "./providers.ts";

export type TryTarget = {
  provider: Provider;
  address: string;
  body: string;
  /** What the header with the event says, for those that have one. */
  event: string;
  /** Only for `hmac`. */
  header: string;
  algorithm: string;
  encoding: string;
  prefix: string;
};

type Recipe = {
  /** Lines that make the signature. */
  sign: string[];
  headers: string[];
};

const PLAIN = 'openssl dgst -sha256 -hmac "$SECRET"';
const HEX = "sed 's/^.*= *//'";
const BASE64 = "openssl base64 -A";

const RECIPES: Partial<Record<Provider, (target: TryTarget) => Recipe>> = {
  standard: () => ({
    sign: [
      'ID="msg_$(date +%s)"',
      'TIME="$(date +%s)"',
      `KEY="$(printf '%s' "\${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')"`,
      `SIGNATURE="$(printf '%s' "$ID.$TIME.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | ${BASE64})"`,
    ],
    headers: ["webhook-id: $ID", "webhook-timestamp: $TIME", "webhook-signature: v1,$SIGNATURE"],
  }),
  stripe: () => ({
    sign: ['TIME="$(date +%s)"', `SIGNATURE="$(printf '%s' "$TIME.$BODY" | ${PLAIN} | ${HEX})"`],
    headers: ["Stripe-Signature: t=$TIME,v1=$SIGNATURE"],
  }),
  paddle: () => ({
    sign: ['TIME="$(date +%s)"', `SIGNATURE="$(printf '%s' "$TIME:$BODY" | ${PLAIN} | ${HEX})"`],
    headers: ["Paddle-Signature: ts=$TIME;h1=$SIGNATURE"],
  }),
  slack: () => ({
    sign: ['TIME="$(date +%s)"', `SIGNATURE="$(printf '%s' "v0:$TIME:$BODY" | ${PLAIN} | ${HEX})"`],
    headers: ["X-Slack-Request-Timestamp: $TIME", "X-Slack-Signature: v0=$SIGNATURE"],
  }),
  github: () => ({
    sign: [`SIGNATURE="$(printf '%s' "$BODY" | ${PLAIN} | ${HEX})"`],
    headers: ["X-Hub-Signature-256: sha256=$SIGNATURE"],
  }),
  shopify: () => ({
    sign: [`SIGNATURE="$(printf '%s' "$BODY" | ${PLAIN} -binary | ${BASE64})"`],
    headers: ["X-Shopify-Hmac-Sha256: $SIGNATURE"],
  }),
  square: () => ({
    sign: [`SIGNATURE="$(printf '%s' "$URL$BODY" | ${PLAIN} -binary | ${BASE64})"`],
    headers: ["X-Square-HmacSha256-Signature: $SIGNATURE"],
  }),
  gitlab: () => ({ sign: [], headers: ["X-Gitlab-Token: $SECRET"] }),
  hmac: ({ header, algorithm, encoding, prefix }) => {
    const digest = `openssl dgst -${algorithm} -hmac "$SECRET"`;
    const made = encoding === "base64" ? `${digest} -binary | ${BASE64}` : `${digest} | ${HEX}`;
    return {
      sign: [`SIGNATURE="$(printf '%s' "$BODY" | ${made})"`],
      headers: [`${inQuotes(header)}: ${inQuotes(prefix)}$SIGNATURE`],
    };
  },
};

/** For `bash` with curl and openssl. `null` where the sender's own test button is the way. `secret` stands for the secret. */
export function tryCode(target: TryTarget, secret: string): string | null {
  const recipe = RECIPES[target.provider]?.(target);
  if (!recipe) return null;
  const { eventHeader } = PROVIDER_FACTS[target.provider];
  const headers = [
    `Content-Type: ${contentTypeOf(target.body)}`,
    ...(eventHeader && target.event !== "" ? [`${eventHeader}: ${inQuotes(target.event)}`] : []),
    ...recipe.headers,
  ];
  return [
    `URL=${literal(target.address)}`,
    `SECRET=${literal(secret)}`,
    `BODY=${literal(compact(target.body))}`,
    ...recipe.sign,
    `curl -i "$URL" --data-binary "$BODY" \\`,
    headers.map((header) => `  -H "${header}"`).join(" \\\n"),
  ].join("\n");
}

function compact(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return body;
  }
}

/** Nothing in it means anything to the shell. */
function literal(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** As a part of a text in double quotes. */
function inQuotes(text: string): string {
  return text.replace(/[\\"$`]/g, "\\$&");
}
