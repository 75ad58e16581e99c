import type { VerifyCodes } from "./verify-code.ts";

const CHECK_TIME = `  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  // Nobody can send an old message once more.
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) throw new Error("The message is too old or too new");`;

export const NODE: VerifyCodes = {
  library: {
    install: "npm install standardwebhooks",
    code: `import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET); // whsec_…

// body: the text of the request as it arrived, before it is parsed. headers: with names in lower case.
export function receive(body, headers) {
  return webhook.verify(body, headers);
}
`,
  },
  plain: {
    code: `import { createHmac, timingSafeEqual } from "node:crypto";

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace("whsec_", ""), "base64");

// body: the text of the request as it arrived, before it is parsed. headers: with names in lower case.
export function receive(body, headers) {
${CHECK_TIME}
  const expected = createHmac("sha256", key).update(\`\${id}.\${timestamp}.\${body}\`).digest();
  // There are two signatures while a secret is being changed.
  const isGenuine = String(headers["webhook-signature"]).split(" ").some((part) => {
    const [version, text = ""] = part.split(",");
    const signature = Buffer.from(text, "base64");
    return version === "v1" && signature.length === expected.length && timingSafeEqual(signature, expected);
  });
  if (!isGenuine) throw new Error("The signature is wrong");
  return JSON.parse(body);
}
`,
  },
  publicKey: {
    code: `import { createPublicKey, verify } from "node:crypto";

const bytes = Buffer.from("whpk_PUBLIC_KEY".replace("whpk_", ""), "base64");
const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") }, format: "jwk" });

// body: the text of the request as it arrived, before it is parsed. headers: with names in lower case.
export function receive(body, headers) {
${CHECK_TIME}
  const signed = Buffer.from(\`\${id}.\${timestamp}.\${body}\`);
  // There are two signatures while a key is being changed.
  const isGenuine = String(headers["webhook-signature"]).split(" ").some((part) => {
    const [version, text = ""] = part.split(",");
    return version === "v1a" && verify(null, signed, key, Buffer.from(text, "base64"));
  });
  if (!isGenuine) throw new Error("The signature is wrong");
  return JSON.parse(body);
}
`,
  },
};
