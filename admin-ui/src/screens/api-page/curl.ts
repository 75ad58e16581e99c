/** The examples for the command line of Linux and macOS: curl, and what every shell has. */

import { type CodeContext, PERSON_TOKEN, type SignsIn, type Writer } from "./code-context.ts";
import { PASSWORD } from "./example-values.ts";

/** In single quotes nothing is special but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

type Call = {
  method?: string;
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** The variable TOKEN has been set. */
  hasToken?: boolean;
};

function curl(context: CodeContext, { method = "GET", path, query = {}, body, hasToken = false }: Call): string {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  const parts = [
    `curl --fail-with-body ${given.length > 0 ? "-G " : method === "GET" ? "" : `-X ${method} `}${quoted(`${context.address}${path}`)}`,
    ...(hasToken ? ['-H "Authorization: $TOKEN"'] : []),
    ...given.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`),
    ...(body === undefined
      ? []
      : [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body, null, 2))}`]),
  ];
  return parts.join(" \\\n  ");
}

/** Takes one value out of the JSON of an answer. */
function pick(name: string): string {
  return `grep -o '"${name}":"[^"]*"' | head -n 1 | cut -d '"' -f 4`;
}

function signIn(context: CodeContext, signsIn: SignsIn): string[] {
  if (!signsIn) return [];
  const body = { identity: signsIn.identity, password: PASSWORD };
  const call = curl(context, {
    method: "POST",
    path: `/api/collections/${signsIn.collection}/auth-with-password`,
    body,
  });
  return [`TOKEN=$(${call} -s | ${pick("token")})`, ""];
}

function program(context: CodeContext, signsIn: SignsIn, ...calls: (Call | string)[]): string {
  const lines = calls.map((call) =>
    typeof call === "string" ? call : curl(context, { ...call, hasToken: signsIn !== null }),
  );
  return [...signIn(context, signsIn), lines.join("\n\n")].join("\n");
}

const records = ({ collection }: CodeContext) => `/api/collections/${collection.name}/records`;
const auth = ({ collection }: CodeContext, path: string) => `/api/collections/${collection.name}/${path}`;

export const curlCommands: Writer = {
  list: (c) =>
    program(c, c.signsIn.list, {
      path: records(c),
      query: { perPage: "20", filter: c.filter, sort: c.sort, expand: c.expand },
    }),
  view: (c) => program(c, c.signsIn.view, { path: `${records(c)}/${c.id}`, query: { expand: c.expand } }),
  create: (c) => program(c, c.signsIn.create, { method: "POST", path: records(c), body: c.create }),
  update: (c) => program(c, c.signsIn.update, { method: "PATCH", path: `${records(c)}/${c.id}`, body: c.update }),
  delete: (c) => {
    const hasToken = c.signsIn.delete !== null;
    const made = curl(c, { method: "POST", path: records(c), body: c.create, hasToken });
    const deleted = curl(c, { method: "DELETE", path: `${records(c)}/`, hasToken });
    return program(
      c,
      c.signsIn.delete,
      `# A record to try it on. For one of yours, set ID to its id.\nID=$(${made} -s | ${pick("id")})`,
      deleted.replace(`${records(c)}/'`, `${records(c)}/'"$ID"`),
    );
  },
  realtime: (c) =>
    program(
      c,
      c.signsIn.realtime,
      `# Stays open and prints events. The first one, PB_CONNECT, has the clientId.\ncurl -N ${quoted(`${c.address}/api/realtime`)}`,
      `# In another window, with that clientId:\n${curl(c, {
        method: "POST",
        path: "/api/realtime",
        body: { clientId: "CLIENT_ID", subscriptions: [`${c.collection.name}/*`] },
        hasToken: c.signsIn.realtime !== null,
      })}`,
    ),
  batch: (c) =>
    program(c, c.signsIn.batch, "# All or nothing. Has to be switched on in the settings.", {
      method: "POST",
      path: "/api/batch",
      body: {
        requests: [
          { method: "POST", url: records(c), body: c.create },
          { method: "PATCH", url: `${records(c)}/${c.id}`, body: c.update },
        ],
      },
    }),
  files: (c) => {
    const name = c.file?.name || "FILE_NAME";
    const path = `/api/files/${c.collection.name}/${c.id}/${encodeURIComponent(name)}`;
    const field = c.file?.field;
    const key = (field?.maxSelect ?? 1) > 1 ? `${field?.name}+` : (field?.name ?? "file");
    const upload = `# Upload:\n# curl -X PATCH ${quoted(`${c.address}${records(c)}/${c.id}`)} -F ${quoted(`${key}=@hello.txt`)}`;
    if (!field?.protected)
      return program(c, null, `curl --fail-with-body -o ${quoted(name)} ${quoted(`${c.address}${path}`)}`, upload);
    const token = curl(c, { method: "POST", path: "/api/files/token", hasToken: true });
    return program(
      c,
      c.signsIn.files,
      `FILE_TOKEN=$(${token} -s | ${pick("token")})`,
      `curl --fail-with-body -o ${quoted(name)} ${quoted(`${c.address}${path}?token=`)}"$FILE_TOKEN"`,
      upload,
    );
  },
  authMethods: (c) => program(c, null, { path: auth(c, "auth-methods") }),
  password: (c) =>
    program(c, null, {
      method: "POST",
      path: auth(c, "auth-with-password"),
      body: { identity: c.email, password: PASSWORD },
    }),
  oauth2: (c) =>
    program(c, null, "# With the code that the provider sent to your redirect address:", {
      method: "POST",
      path: auth(c, "auth-with-oauth2"),
      body: {
        provider: c.collection.oauth2?.providers[0]?.name ?? "google",
        code: "CODE",
        codeVerifier: "CODE_VERIFIER",
        redirectURL: "https://example.com/redirect",
      },
    }),
  otp: (c) =>
    program(
      c,
      null,
      { method: "POST", path: auth(c, "request-otp"), body: { email: c.email } },
      { method: "POST", path: auth(c, "auth-with-otp"), body: { otpId: "OTP_ID", password: "12345678" } },
    ),
  mfa: (c) =>
    program(
      c,
      null,
      "# The first step answers 401 with an mfaId.",
      { method: "POST", path: auth(c, "auth-with-password"), body: { identity: c.email, password: PASSWORD } },
      {
        method: "POST",
        path: auth(c, "auth-with-otp"),
        body: { otpId: "OTP_ID", password: "12345678", mfaId: "MFA_ID" },
      },
    ),
  refresh: (c) => program(c, c.signsIn.refresh, { method: "POST", path: auth(c, "auth-refresh") }),
  verification: (c) =>
    program(
      c,
      null,
      { method: "POST", path: auth(c, "request-verification"), body: { email: c.email } },
      `# ${curl(c, { method: "POST", path: auth(c, "confirm-verification"), body: { token: PERSON_TOKEN } }).replaceAll("\n", "\n# ")}`,
    ),
  passwordReset: (c) =>
    program(
      c,
      null,
      { method: "POST", path: auth(c, "request-password-reset"), body: { email: c.email } },
      `# ${curl(c, {
        method: "POST",
        path: auth(c, "confirm-password-reset"),
        body: { token: PERSON_TOKEN, password: "new password", passwordConfirm: "new password" },
      }).replaceAll("\n", "\n# ")}`,
    ),
  emailChange: (c) =>
    program(
      c,
      c.signsIn.emailChange,
      { method: "POST", path: auth(c, "request-email-change"), body: { newEmail: "new@example.com" } },
      `# ${curl(c, {
        method: "POST",
        path: auth(c, "confirm-email-change"),
        body: { token: PERSON_TOKEN, password: PASSWORD },
      }).replaceAll("\n", "\n# ")}`,
    ),
  impersonate: (c) =>
    program(c, c.signsIn.impersonate, {
      method: "POST",
      path: auth(c, `impersonate/${c.id}`),
      body: { duration: 3600 },
    }),
};
