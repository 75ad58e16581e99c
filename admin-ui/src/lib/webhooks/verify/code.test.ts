/** The code that receivers copy is run here, in each language that this machine has. Node is always there. */

import { spawnSync } from "node:child_process";
import { createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type VerifyLanguage, verifyCode } from "./code.ts";

type Received = { body: string; headers: Record<string, string> };
type Run = (code: string, received: Received, secret: string) => { isAccepted: boolean; said: string };

const secret = `whsec_${randomBytes(24).toString("base64")}`;
const otherSecret = `whsec_${randomBytes(24).toString("base64")}`;
const pair = generateKeyPairSync("ed25519");
const publicKey = `whpk_${Buffer.from(pair.publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64")}`;

const BODY = '{"type":"orders.create","data":{"name":"Žofia – 3 €"}}';

function signHmac(text: string, key: string): string {
  return `v1,${createHmac("sha256", Buffer.from(key.slice(6), "base64"))
    .update(text)
    .digest("base64")}`;
}

function signEd25519(text: string): string {
  return `v1a,${sign(null, Buffer.from(text), pair.privateKey).toString("base64")}`;
}

function delivery(signatures: (text: string) => string, age = 0): Received {
  const timestamp = String(Math.floor(Date.now() / 1000) - age);
  const headers = {
    "webhook-id": "msg_1",
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures(`msg_1.${timestamp}.${BODY}`),
  };
  return { body: BODY, headers };
}

function run(command: string, args: string[], received: Received, key: string, cwd?: string) {
  const env = { ...process.env, WEBHOOK_SECRET: key, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local", GO111MODULE: "on" };
  const { stdout, stderr, status } = spawnSync(command, args, { input: JSON.stringify(received), env, cwd });
  return { isAccepted: status === 0 && String(stdout).includes("Žofia"), said: `${stdout}${stderr}` };
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), "steading-verify-"));
}

const RUNNERS: Record<VerifyLanguage, Run> = {
  node: (code, received, key) => {
    const file = join(folder(), "receiver.mjs");
    writeFileSync(
      file,
      `${code}
import { readFileSync } from "node:fs";
const { body, headers } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(receive(body, headers)));`,
    );
    return run(process.execPath, [file], received, key);
  },
  python: (code, received, key) => {
    const file = join(folder(), "receiver.py");
    writeFileSync(
      file,
      `${code}
import sys
given = json.load(sys.stdin)
print(json.dumps(receive(given["body"].encode(), given["headers"]), ensure_ascii=False))`,
    );
    return run("python3", [file], received, key);
  },
  php: (code, received, key) => {
    const file = join(folder(), "receiver.php");
    writeFileSync(
      file,
      `${code}
$given = json_decode(file_get_contents('php://stdin'), true);
echo json_encode(receive($given['body'], $given['headers']), JSON_UNESCAPED_UNICODE);`,
    );
    return run("php", [file], received, key);
  },
  go: (code, received, key) => {
    const place = folder();
    writeFileSync(join(place, "go.mod"), "module receiver\n\ngo 1.19\n");
    writeFileSync(join(place, "receiver.go"), code.replace("package receiver", "package main"));
    writeFileSync(
      join(place, "main.go"),
      `package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
)

func main() {
	var given struct {
		Body    string
		Headers map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		panic(err)
	}
	r, _ := http.NewRequest("POST", "http://localhost/", strings.NewReader(given.Body))
	for name, value := range given.Headers {
		r.Header.Set(name, value)
	}
	body, err := Receive(r)
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
	os.Stdout.Write(body)
}
`,
    );
    return run("go", ["run", "."], received, key, place);
  },
};

/** Whether the machine has what the code needs. */
const IS_THERE: Record<VerifyLanguage, () => boolean> = {
  node: () => true,
  python: () => spawnSync("python3", ["-c", "import cryptography"]).status === 0,
  php: () => spawnSync("php", ["-r", "sodium_crypto_sign_keypair();"]).status === 0,
  go: () => process.env.TEST_GO === "1" && spawnSync("go", ["version"]).status === 0,
};

const both = (text: string) => `${signHmac(text, otherSecret)} ${signHmac(text, secret)}`;

describe.each(["node", "python", "php", "go"] as const)("the code for %s", (language) => {
  const isThere = IS_THERE[language]();

  test.runIf(isThere)("accepts what is signed with the shared secret, and nothing else", { timeout: 120_000 }, () => {
    const { code } = verifyCode(language, "plain");
    const ask = (received: Received) => RUNNERS[language](code, received, secret);
    const genuine = ask(delivery((text) => signHmac(text, secret)));
    expect(genuine.said).toContain("Žofia");
    expect(genuine.isAccepted).toBe(true);
    expect(ask(delivery(both)).isAccepted).toBe(true);
    expect(ask(delivery((text) => signHmac(text, otherSecret))).isAccepted).toBe(false);
    expect(ask(delivery((text) => signHmac(text, secret), 600)).isAccepted).toBe(false);
    expect(ask(delivery((text) => signHmac(text, secret), -600)).isAccepted).toBe(false);
    expect(ask({ ...delivery((text) => signHmac(text, secret)), body: BODY.replace("3", "9") }).isAccepted).toBe(false);
    expect(ask(delivery(() => "v1 v1, v2,AAAA v1,x")).isAccepted).toBe(false);
    expect(ask({ body: BODY, headers: {} }).isAccepted).toBe(false);
  });

  test.runIf(isThere)("accepts what is signed with the key pair, and nothing else", { timeout: 120_000 }, () => {
    const { code } = verifyCode(language, "publicKey", publicKey);
    expect(code).toContain(publicKey);
    const ask = (received: Received) => RUNNERS[language](code, received, "");
    const genuine = ask(delivery((text) => `v1a,${Buffer.alloc(64).toString("base64")} ${signEd25519(text)}`));
    expect(genuine.said).toContain("Žofia");
    expect(genuine.isAccepted).toBe(true);
    expect(ask(delivery((text) => signEd25519(`${text} `))).isAccepted).toBe(false);
    expect(ask(delivery(signEd25519, 600)).isAccepted).toBe(false);
    expect(ask(delivery(() => "v1a v1a, v1a,AAAA")).isAccepted).toBe(false);
    expect(ask({ body: BODY, headers: {} }).isAccepted).toBe(false);
  });
});
