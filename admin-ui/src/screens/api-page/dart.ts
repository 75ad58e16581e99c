/** The examples in Dart, for Flutter. */

import { type CodeContext, PERSON_TOKEN, type SignsIn, type Writer } from "./code-context.ts";
import { PASSWORD } from "./example-values.ts";

/** `$` would begin an interpolation. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("$", "\\$");
}

function literal(value: unknown): string {
  return `<String, dynamic>${JSON.stringify(value, null, 2).replaceAll("$", "\\$")}`;
}

function program(context: CodeContext, signsIn: SignsIn, lines: string[]): string {
  const body = [
    `final pb = PocketBase(${quoted(context.address)});`,
    ...(signsIn
      ? [
          `await pb.collection(${quoted(signsIn.collection)}).authWithPassword(${quoted(signsIn.identity)}, ${quoted(PASSWORD)});`,
        ]
      : []),
    "",
    ...lines,
  ];
  const indented = body.join("\n").replace(/^(?=.)/gm, "  ");
  return `import 'package:pocketbase/pocketbase.dart';\n\nFuture<void> main() async {\n${indented}\n}`;
}

const of = ({ collection }: CodeContext) => `pb.collection(${quoted(collection.name)})`;

function named(values: Record<string, string>): string {
  const parts = Object.entries(values).filter(([, value]) => value !== "");
  return parts.map(([key, value]) => `, ${key}: ${quoted(value)}`).join("");
}

export const dart: Writer = {
  list: (c) =>
    program(c, c.signsIn.list, [
      `final page = await ${of(c)}.getList(page: 1, perPage: 20${named({ filter: c.filter, sort: c.sort, expand: c.expand })});`,
      "print(page.items);",
      "",
      "// All of them, in one list:",
      `final all = await ${of(c)}.getFullList(${c.sort ? `sort: ${quoted(c.sort)}` : ""});`,
      "print(all.length);",
    ]),
  view: (c) =>
    program(c, c.signsIn.view, [
      `final record = await ${of(c)}.getOne(${quoted(c.id)}${named({ expand: c.expand })});`,
      "print(record);",
    ]),
  create: (c) =>
    program(c, c.signsIn.create, [
      `final record = await ${of(c)}.create(body: ${literal(c.create)});`,
      "print(record.id);",
    ]),
  update: (c) =>
    program(c, c.signsIn.update, [
      `final record = await ${of(c)}.update(${quoted(c.id)}, body: ${literal(c.update)});`,
      "print(record);",
    ]),
  delete: (c) =>
    program(c, c.signsIn.delete, [
      "// A record to try it on. For one of yours, put its id into the last line.",
      `final record = await ${of(c)}.create(body: ${literal(c.create)});`,
      "",
      `await ${of(c)}.delete(record.id);`,
    ]),
  realtime: (c) =>
    program(c, c.signsIn.realtime, [
      `final stop = await ${of(c)}.subscribe("*", (event) {`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Dart puts values into texts in the same way
      '  print("${event.action} ${event.record?.id}");',
      "});",
      "",
      "// Later:",
      "await stop();",
    ]),
  batch: (c) =>
    program(c, c.signsIn.batch, [
      "// All or nothing. Has to be switched on in the settings.",
      "final batch = pb.createBatch();",
      `batch.collection(${quoted(c.collection.name)}).create(body: ${literal(c.create)});`,
      `batch.collection(${quoted(c.collection.name)}).update(${quoted(c.id)}, body: ${literal(c.update)});`,
      "final results = await batch.send();",
      "print(results.map((result) => result.status));",
    ]),
  files: (c) => {
    const field = c.file?.field;
    const name = field?.name ?? "file";
    const isMany = (field?.maxSelect ?? 1) > 1;
    const key = isMany ? `${name}+` : name;
    return program(c, c.signsIn.files, [
      `final record = await ${of(c)}.getOne(${quoted(c.id)});`,
      `final name = ${isMany ? `record.get<List>(${quoted(name)}).first` : `record.get<String>(${quoted(name)})`};`,
      ...(field?.protected
        ? ["final token = await pb.files.getToken();", "print(pb.files.getURL(record, name, token: token));"]
        : ["print(pb.files.getURL(record, name));", 'print(pb.files.getURL(record, name, thumb: "100x100"));']),
      "",
      "// Upload, with import 'package:http/http.dart' as http;",
      `// await ${of(c)}.update(record.id, files: [http.MultipartFile.fromString(${quoted(key)}, "Hello", filename: "hello.txt")]);`,
    ]);
  },
  authMethods: (c) => program(c, null, [`final methods = await ${of(c)}.listAuthMethods();`, "print(methods);"]),
  password: (c) =>
    program(c, null, [
      `final result = await ${of(c)}.authWithPassword(${quoted(c.email)}, ${quoted(PASSWORD)});`,
      "print(result.record.id);",
      "",
      "// From now on all calls of pb are made as this person.",
      "print(pb.authStore.isValid);",
      "pb.authStore.clear(); // signs out",
    ]),
  oauth2: (c) =>
    program(c, null, [
      "// With import 'package:url_launcher/url_launcher.dart';",
      `final result = await ${of(c)}.authWithOAuth2(${quoted(c.collection.oauth2?.providers[0]?.name ?? "google")}, (url) async {`,
      "  await launchUrl(url);",
      "});",
      "print(result.record.id);",
    ]),
  otp: (c) =>
    program(c, null, [
      `final request = await ${of(c)}.requestOTP(${quoted(c.email)});`,
      "",
      "// The code from the mail:",
      `final result = await ${of(c)}.authWithOTP(request.otpId, "12345678");`,
      "print(result.record.id);",
    ]),
  mfa: (c) =>
    program(c, null, [
      "try {",
      `  await ${of(c)}.authWithPassword(${quoted(c.email)}, ${quoted(PASSWORD)});`,
      "} on ClientException catch (error) {",
      '  final mfaId = error.response["mfaId"];',
      "  if (mfaId == null) rethrow;",
      "  // The second step: another method, here a code by mail.",
      `  final request = await ${of(c)}.requestOTP(${quoted(c.email)});`,
      `  await ${of(c)}.authWithOTP(request.otpId, "12345678", query: {"mfaId": mfaId});`,
      "}",
    ]),
  refresh: (c) =>
    program(c, c.signsIn.refresh, [
      "// A new token, and the record as it is now.",
      `final result = await ${of(c)}.authRefresh();`,
      "print(result.token);",
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
      `final other = await ${of(c)}.impersonate(${quoted(c.id)}, 3600);`,
      "print(other.authStore.token);",
    ]),
};
