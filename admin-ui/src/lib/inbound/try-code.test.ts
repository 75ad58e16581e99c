import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { PROVIDERS } from "./providers.ts";
import { sampleOf } from "./samples.ts";
import { type TryTarget, tryCode } from "./try-code.ts";

const target = (part: Partial<TryTarget>): TryTarget => ({
  provider: "hmac",
  address: "http://127.0.0.1:9/api/inbound/x",
  body: '{"text": "it\'s $5 `now` \\"ok\\""}',
  event: "",
  header: "X-Signature",
  algorithm: "sha256",
  encoding: "hex",
  prefix: "",
  ...part,
});

/** What curl is given, by the shell itself. */
function run(code: string): string[] {
  const fake = 'curl() { for one in "$@"; do printf "%s\\0" "$one"; done; }\n';
  return execFileSync("bash", ["-c", fake + code], { encoding: "utf8" }).split("\0");
}

const after = (args: string[], name: string) => args[args.indexOf(name) + 1] ?? "";

test("the shell signs as the senders do, whatever the body and the secret contain", () => {
  const secret = `it's a "secret" $HOME`;
  const code =
    tryCode(target({ encoding: "base64", algorithm: "sha512", prefix: "v=$1;", header: "X-Own" }), secret) ?? "";
  const args = run(code);
  const body = after(args, "--data-binary");
  expect(JSON.parse(body)).toEqual({ text: 'it\'s $5 `now` "ok"' });
  const signature = createHmac("sha512", secret).update(body).digest("base64");
  expect(args).toContain(`X-Own: v=$1;${signature}`);
  const stripe = run(tryCode(target({ provider: "stripe" }), "whsec_a") ?? "");
  const header = stripe.find((one) => one.startsWith("Stripe-Signature: ")) ?? "";
  const time = /t=(\d+)/.exec(header)?.[1];
  expect(header).toContain(
    createHmac("sha256", "whsec_a")
      .update(`${time}.${after(stripe, "--data-binary")}`)
      .digest("hex"),
  );
});

test("a key of Standard Webhooks is decoded first", () => {
  const key = Buffer.from("0123456789abcdef\n\0more bytes");
  const args = run(tryCode(target({ provider: "standard" }), `whsec_${key.toString("base64")}`) ?? "");
  const value = (name: string) => (args.find((one) => one.startsWith(`${name}: `)) ?? "").slice(name.length + 2);
  const signed = `${value("webhook-id")}.${value("webhook-timestamp")}.${after(args, "--data-binary")}`;
  expect(value("webhook-signature")).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
});

test("every sender has a message to begin with", () => {
  for (const provider of PROVIDERS) expect(sampleOf(provider).body).not.toBe("");
});
