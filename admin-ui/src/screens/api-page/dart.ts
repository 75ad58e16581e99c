/** The examples in Dart, for Flutter. */

import type { CodeContext, SignsIn, Writer } from "./code-context.ts";
import { PASSWORD } from "./example-values.ts";
import { sharedExamples } from "./sdk-examples.ts";

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
  ...sharedExamples({
    program,
    declare: "final",
    print: "print",
    quoted,
    body: (value) => `body: ${literal(value)}`,
  }),
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
  oauth2: (c) =>
    program(c, null, [
      "// With import 'package:url_launcher/url_launcher.dart';",
      `final result = await ${of(c)}.authWithOAuth2(${quoted(c.collection.oauth2?.providers[0]?.name ?? "google")}, (url) async {`,
      "  await launchUrl(url);",
      "});",
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
};
