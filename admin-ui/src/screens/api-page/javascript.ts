/** The examples in JavaScript. Each stands on its own: paste it into a module and it runs. */

import type { CodeContext, SignsIn, Writer } from "./code-context.ts";
import { PASSWORD } from "./example-values.ts";
import { sharedExamples } from "./sdk-examples.ts";

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
  ...sharedExamples({ program, declare: "const", print: "console.log", quoted, body: literal }),
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
  oauth2: (c) =>
    program(c, null, [
      "// In a browser, when a button is clicked: opens the provider's window and waits for the answer.",
      `const { record, meta } = await ${of(c)}.authWithOAuth2({ provider: ${quoted(providerOf(c))} });`,
      "console.log(record.id, meta?.isNew);",
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
};

function providerOf({ collection }: CodeContext): string {
  return collection.oauth2?.providers[0]?.name ?? "google";
}
