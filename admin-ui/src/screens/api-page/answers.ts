/** What the server answers, by endpoint: an example with the collection's own fields. */

import type { Collection, Field } from "#api/types.ts";
import type { EndpointId } from "./endpoints.ts";
import { exampleValue, type Samples } from "./example-values.ts";

export type Answer = { status: number; body: unknown };

const DATE = "2026-11-21 10:00:00.000Z";
const TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…";

export function answersOf(id: EndpointId, collection: Collection, samples: Samples): Answer[] {
  const record = recordExample(collection, samples);
  const signedIn = { record, token: TOKEN };
  const missing: Answer = { status: 404, body: envelope(404, "The requested resource wasn't found.") };
  const none: Answer = { status: 204, body: null };
  switch (id) {
    case "list":
      return [
        { status: 200, body: { items: [record], page: 1, perPage: 20, totalItems: 1, totalPages: 1 } },
        { status: 400, body: envelope(400, "Something went wrong while processing your request.") },
      ];
    case "view":
      return [{ status: 200, body: record }, missing];
    case "create":
      return [{ status: 200, body: record }, refusal("Failed to create record.", collection)];
    case "update":
      return [{ status: 200, body: record }, refusal("Failed to update record.", collection), missing];
    case "delete":
      return [none, missing];
    case "realtime":
      return [{ status: 200, body: { action: "create", record } }];
    case "batch":
      return [
        {
          status: 200,
          body: [
            { body: record, status: 200 },
            { body: record, status: 200 },
          ],
        },
        { status: 403, body: envelope(403, "Batch requests are not allowed.") },
      ];
    case "files":
      return [missing];
    case "authMethods":
      return [{ status: 200, body: methodsExample(collection) }];
    case "password":
    case "oauth2":
    case "otp":
    case "refresh":
    case "impersonate":
      return [
        { status: 200, body: signedIn },
        { status: 400, body: envelope(400, "Failed to authenticate.") },
      ];
    case "mfa":
      return [
        { status: 401, body: { mfaId: "1ap19e2cwck3iq7" } },
        { status: 200, body: signedIn },
      ];
    case "verification":
    case "passwordReset":
    case "emailChange":
      return [none];
  }
}

function envelope(status: number, message: string, data: object = {}) {
  return { data, message, status };
}

function refusal(message: string, { fields }: Collection): Answer {
  const field = fields.find(({ primaryKey, system }) => !primaryKey && !system)?.name ?? "id";
  const data = { [field]: { code: "validation_required", message: "Cannot be blank." } };
  return { status: 400, body: envelope(400, message, data) };
}

function recordExample(collection: Collection, samples: Samples): Record<string, unknown> {
  const { id, name, fields, type } = collection;
  const shown = fields.filter((field) => field.type !== "password" && !field.hidden && field.name !== "tokenKey");
  const values = shown.map((field) => [field.name, shownValue(field, samples)] as const);
  const own = type === "auth" ? { email: "ana@example.com", emailVisibility: false, verified: true } : {};
  return { collectionId: id, collectionName: name, ...Object.fromEntries(values), ...own };
}

function shownValue(field: Field, samples: Samples): unknown {
  const isMany = (field.maxSelect ?? 1) > 1;
  if (field.primaryKey) return "k3x9w2m7q1z5b8n";
  if (field.type === "autodate") return DATE;
  if (field.type === "file") return isMany ? ["photo_im8wvt3h4j.png"] : "photo_im8wvt3h4j.png";
  if (field.type === "relation") return isMany ? ["a1b2c3d4e5f6g7h"] : "a1b2c3d4e5f6g7h";
  return exampleValue(field, samples) ?? "Example";
}

function methodsExample({ passwordAuth, otp, mfa, oauth2 }: Collection) {
  return {
    password: { enabled: passwordAuth?.enabled ?? false, identityFields: passwordAuth?.identityFields ?? [] },
    otp: { enabled: otp?.enabled ?? false, duration: otp?.enabled ? otp.duration : 0 },
    mfa: { enabled: mfa?.enabled ?? false, duration: mfa?.enabled ? mfa.duration : 0 },
    oauth2: {
      enabled: oauth2?.enabled ?? false,
      providers: (oauth2?.providers ?? []).map(({ name, displayName }) => ({
        name,
        displayName,
        authURL: "https://…",
      })),
    },
  };
}
