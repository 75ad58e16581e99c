/** The examples in JavaScript. Each stands on its own: paste it into a module and it runs. */

import type { CodeContext, SignsIn, Writer } from "./code-context.ts";
import { PERSON_TOKEN } from "./code-context.ts";
import { PASSWORD } from "./example-values.ts";

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** An object as people write it: names without quotes where they need none. */
function literal(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, "$1$2:");
}

function program(context: CodeContext, signsIn: SignsIn, lines: string[]): string {
  return [
    'import PocketBase from "pocketbase";',
    "",
    `const pb = new PocketBase(${quoted(context.address)});`,
    ...(signsIn
      ? [
          `await pb.collection(${quoted(signsIn.collection)}).authWithPassword(${quoted(signsIn.identity)}, ${quoted(PASSWORD)});`,
        ]
      : []),
    "",
    ...lines,
  ].join("\n");
}

const of = ({ collection }: CodeContext) => `pb.collection(${quoted(collection.name)})`;

function options(values: Record<string, string>): string {
  const parts = Object.entries(values).filter(([, value]) => value !== "");
  return parts.length === 0 ? "" : `, {\n${parts.map(([key, value]) => `  ${key}: ${quoted(value)},\n`).join("")}}`;
}

export const javascript: Writer = {
  list: (c) =>
    program(c, c.signsIn.list, [
      `const page = await ${of(c)}.getList(1, 20${options({ filter: c.filter, sort: c.sort, expand: c.expand })});`,
      "console.log(page.totalItems, page.items);",
      "",
      "// All of them, in one list:",
      `const all = await ${of(c)}.getFullList(${c.sort ? `{ sort: ${quoted(c.sort)} }` : ""});`,
      "console.log(all.length);",
    ]),
  view: (c) =>
    program(c, c.signsIn.view, [
      `const record = await ${of(c)}.getOne(${quoted(c.id)}${c.expand ? `, { expand: ${quoted(c.expand)} }` : ""});`,
      "console.log(record);",
    ]),
  create: (c) =>
    program(c, c.signsIn.create, [
      `const record = await ${of(c)}.create(${literal(c.create)});`,
      "console.log(record.id);",
    ]),
  update: (c) =>
    program(c, c.signsIn.update, [
      `const record = await ${of(c)}.update(${quoted(c.id)}, ${literal(c.update)});`,
      "console.log(record);",
    ]),
  delete: (c) =>
    program(c, c.signsIn.delete, [
      "// A record to try it on. For one of yours, put its id into the last line.",
      `const record = await ${of(c)}.create(${literal(c.create)});`,
      "",
      `await ${of(c)}.delete(record.id);`,
    ]),
  realtime: (c) =>
    program(c, c.signsIn.realtime, [
      "// Node has no EventSource of its own: npm install eventsource, then",
      '// import { EventSource } from "eventsource"; globalThis.EventSource = EventSource;',
      `const stop = await ${of(c)}.subscribe("*", ({ action, record }) => {`,
      "  console.log(action, record.id);",
      "});",
      "",
      "// One record instead of all:",
      `await ${of(c)}.subscribe(${quoted(c.id)}, ({ action }) => console.log(action));`,
      "",
      "// Later:",
      "await stop();",
      `await ${of(c)}.unsubscribe();`,
    ]),
  batch: (c) =>
    program(c, c.signsIn.batch, [
      "// All or nothing. Has to be switched on in the settings.",
      "const batch = pb.createBatch();",
      `batch.collection(${quoted(c.collection.name)}).create(${literal(c.create)});`,
      `batch.collection(${quoted(c.collection.name)}).update(${quoted(c.id)}, ${literal(c.update)});`,
      "const results = await batch.send();",
      "console.log(results.map(({ status }) => status));",
    ]),
  files: (c) => {
    const { field, name } = c.file ?? { field: { name: "file", protected: false, mimeTypes: [] }, name: "" };
    const isMany = (c.file?.field.maxSelect ?? 1) > 1;
    return program(c, c.signsIn.files, [
      `const record = await ${of(c)}.getOne(${quoted(c.id)});`,
      `const name = ${isMany ? `record.${field.name}[0]` : `record.${field.name}`};`,
      ...(field.protected
        ? ["const token = await pb.files.getToken();", "console.log(pb.files.getURL(record, name, { token }));"]
        : [
            "console.log(pb.files.getURL(record, name));",
            'console.log(pb.files.getURL(record, name, { thumb: "100x100" }));',
          ]),
      "",
      '// Upload: a File from <input type="file">, or made like this.',
      `const file = new File(["Hello"], ${quoted(name || "hello.txt")});`,
      `// await ${of(c)}.update(record.id, { ${quoted(isMany ? `${field.name}+` : field.name)}: file });`,
      "console.log(file.size);",
    ]);
  },
  authMethods: (c) => program(c, null, [`const methods = await ${of(c)}.listAuthMethods();`, "console.log(methods);"]),
  password: (c) =>
    program(c, null, [
      `const { token, record } = await ${of(c)}.authWithPassword(${quoted(c.email)}, ${quoted(PASSWORD)});`,
      "console.log(record.id, token);",
      "",
      "// From now on all calls of pb are made as this person.",
      "console.log(pb.authStore.isValid);",
      "pb.authStore.clear(); // signs out",
    ]),
  oauth2: (c) =>
    program(c, null, [
      "// In a browser, when a button is clicked: opens the provider's window and waits for the answer.",
      `const { record, meta } = await ${of(c)}.authWithOAuth2({ provider: ${quoted(providerOf(c))} });`,
      "console.log(record.id, meta?.isNew);",
    ]),
  otp: (c) =>
    program(c, null, [
      `const { otpId } = await ${of(c)}.requestOTP(${quoted(c.email)});`,
      "",
      "// The code from the mail:",
      `const { record } = await ${of(c)}.authWithOTP(otpId, "12345678");`,
      "console.log(record.id);",
    ]),
  mfa: (c) =>
    program(c, null, [
      "try {",
      `  await ${of(c)}.authWithPassword(${quoted(c.email)}, ${quoted(PASSWORD)});`,
      "} catch (error) {",
      "  const mfaId = error.response?.mfaId;",
      "  if (!mfaId) throw error;",
      "  // The second step: another method, here a code by mail.",
      `  const { otpId } = await ${of(c)}.requestOTP(${quoted(c.email)});`,
      `  await ${of(c)}.authWithOTP(otpId, "12345678", { mfaId });`,
      "}",
    ]),
  refresh: (c) =>
    program(c, c.signsIn.refresh, [
      "// A new token, and the record as it is now.",
      `const { token, record } = await ${of(c)}.authRefresh();`,
      "console.log(record.id, token);",
    ]),
  verification: (c) =>
    program(c, null, [
      `await ${of(c)}.requestVerification(${quoted(c.email)});`,
      "",
      "// On the page that the mail links to, if it is yours:",
      `// await ${of(c)}.confirmVerification(${quoted(PERSON_TOKEN)});`,
    ]),
  passwordReset: (c) =>
    program(c, null, [
      `await ${of(c)}.requestPasswordReset(${quoted(c.email)});`,
      "",
      "// On the page that the mail links to, if it is yours:",
      `// await ${of(c)}.confirmPasswordReset(${quoted(PERSON_TOKEN)}, "new password", "new password");`,
    ]),
  emailChange: (c) =>
    program(c, c.signsIn.emailChange, [
      `await ${of(c)}.requestEmailChange("new@example.com");`,
      "",
      "// On the page that the mail links to, if it is yours:",
      `// await ${of(c)}.confirmEmailChange(${quoted(PERSON_TOKEN)}, ${quoted(PASSWORD)});`,
    ]),
  impersonate: (c) =>
    program(c, c.signsIn.impersonate, [
      "// A client that acts as this person for an hour.",
      `const other = await ${of(c)}.impersonate(${quoted(c.id)}, 3600);`,
      "console.log(other.authStore.token);",
    ]),
};

function providerOf({ collection }: CodeContext): string {
  return collection.oauth2?.providers[0]?.name ?? "google";
}
