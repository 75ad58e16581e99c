/** What the examples of the JavaScript and the Dart library have in common: the same calls, in another spelling. */

import { type CodeContext, PERSON_TOKEN, type SignsIn, type Writer } from "./code-context.ts";
import { PASSWORD } from "./example-values.ts";

export type Spelling = {
  /** A program that makes a client, signs in and runs the lines. */
  program: (context: CodeContext, signsIn: SignsIn, lines: string[]) => string;
  /** The word before the name of a value. */
  declare: "const" | "final";
  print: "console.log" | "print";
  quoted: (text: string) => string;
  /** What is sent, as an argument. */
  body: (value: unknown) => string;
};

export type Shared =
  | "create"
  | "update"
  | "delete"
  | "batch"
  | "authMethods"
  | "password"
  | "otp"
  | "refresh"
  | "verification"
  | "passwordReset"
  | "emailChange"
  | "impersonate";

export function sharedExamples({ program, declare, print, quoted, body }: Spelling): Pick<Writer, Shared> {
  const of = ({ collection }: CodeContext) => `pb.collection(${quoted(collection.name)})`;
  const onPage = (line: string) => ["", "// On the page that the mail links to, if it is yours:", `// ${line}`];
  return {
    create: (c) =>
      program(c, c.signsIn.create, [
        `${declare} record = await ${of(c)}.create(${body(c.create)});`,
        `${print}(record.id);`,
      ]),
    update: (c) =>
      program(c, c.signsIn.update, [
        `${declare} record = await ${of(c)}.update(${quoted(c.id)}, ${body(c.update)});`,
        `${print}(record);`,
      ]),
    delete: (c) =>
      program(c, c.signsIn.delete, [
        "// A record to try it on. For one of yours, put its id into the last line.",
        `${declare} record = await ${of(c)}.create(${body(c.create)});`,
        "",
        `await ${of(c)}.delete(record.id);`,
      ]),
    batch: (c) =>
      program(c, c.signsIn.batch, [
        "// All or nothing. Has to be switched on in the settings.",
        `${declare} batch = pb.createBatch();`,
        `batch.collection(${quoted(c.collection.name)}).create(${body(c.create)});`,
        `batch.collection(${quoted(c.collection.name)}).update(${quoted(c.id)}, ${body(c.update)});`,
        `${declare} results = await batch.send();`,
        `${print}(results.map((result) => result.status));`,
      ]),
    authMethods: (c) =>
      program(c, null, [`${declare} methods = await ${of(c)}.listAuthMethods();`, `${print}(methods);`]),
    password: (c) =>
      program(c, null, [
        `${declare} result = await ${of(c)}.authWithPassword(${quoted(c.email)}, ${quoted(PASSWORD)});`,
        `${print}(result.record.id);`,
        `${print}(result.token);`,
        "",
        "// From now on all calls of pb are made as this person.",
        `${print}(pb.authStore.isValid);`,
        "pb.authStore.clear(); // signs out",
      ]),
    otp: (c) =>
      program(c, null, [
        `${declare} request = await ${of(c)}.requestOTP(${quoted(c.email)});`,
        "",
        "// The code from the mail:",
        `${declare} result = await ${of(c)}.authWithOTP(request.otpId, "12345678");`,
        `${print}(result.record.id);`,
      ]),
    refresh: (c) =>
      program(c, c.signsIn.refresh, [
        "// A new token, and the record as it is now.",
        `${declare} result = await ${of(c)}.authRefresh();`,
        `${print}(result.token);`,
      ]),
    verification: (c) =>
      program(c, null, [
        `await ${of(c)}.requestVerification(${quoted(c.email)});`,
        ...onPage(`await ${of(c)}.confirmVerification(${quoted(PERSON_TOKEN)});`),
      ]),
    passwordReset: (c) =>
      program(c, null, [
        `await ${of(c)}.requestPasswordReset(${quoted(c.email)});`,
        ...onPage(`await ${of(c)}.confirmPasswordReset(${quoted(PERSON_TOKEN)}, "new password", "new password");`),
      ]),
    emailChange: (c) =>
      program(c, c.signsIn.emailChange, [
        `await ${of(c)}.requestEmailChange("new@example.com");`,
        ...onPage(`await ${of(c)}.confirmEmailChange(${quoted(PERSON_TOKEN)}, ${quoted(PASSWORD)});`),
      ]),
    impersonate: (c) =>
      program(c, c.signsIn.impersonate, [
        "// A client that acts as this person for an hour.",
        `${declare} other = await ${of(c)}.impersonate(${quoted(c.id)}, 3600);`,
        `${print}(other.authStore.token);`,
      ]),
  };
}
