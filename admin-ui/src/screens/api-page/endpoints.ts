/** Which endpoints a collection has, and what each asks of its caller. */

import type { Collection, Rule } from "#api/types.ts";

export const ENDPOINTS = [
  "list",
  "view",
  "create",
  "update",
  "delete",
  "realtime",
  "batch",
  "files",
  "authMethods",
  "password",
  "oauth2",
  "otp",
  "mfa",
  "refresh",
  "verification",
  "passwordReset",
  "emailChange",
  "impersonate",
] as const;

export type EndpointId = (typeof ENDPOINTS)[number];

export type Endpoint = {
  id: EndpointId;
  /** Method and path, in the order of the calls. */
  calls: readonly (readonly [method: string, path: string])[];
  access: Access;
  /** The method is switched off in the collection's options. */
  isOff?: boolean;
};

/** Who may call it: those a rule of the collection allows, everyone, signed-in users, superusers. */
export type Access = { rule: Rule } | "everyone" | "signed-in" | "superusers";

export function endpointsOf(collection: Collection): Endpoint[] {
  const records = `/api/collections/${collection.name}/records`;
  const { listRule = null, viewRule = null, createRule, updateRule = null, deleteRule = null } = collection;
  const found: Endpoint[] = [
    { id: "list", calls: [["GET", records]], access: { rule: listRule } },
    { id: "view", calls: [["GET", `${records}/{id}`]], access: { rule: viewRule } },
  ];
  if (collection.type === "view") return found;
  found.push(
    { id: "create", calls: [["POST", records]], access: { rule: createRule } },
    { id: "update", calls: [["PATCH", `${records}/{id}`]], access: { rule: updateRule } },
    { id: "delete", calls: [["DELETE", `${records}/{id}`]], access: { rule: deleteRule } },
    {
      id: "realtime",
      calls: [
        ["GET", "/api/realtime"],
        ["POST", "/api/realtime"],
      ],
      access: { rule: listRule },
    },
    { id: "batch", calls: [["POST", "/api/batch"]], access: { rule: createRule } },
  );
  const file = collection.fields.find(({ type }) => type === "file");
  if (file) {
    const access: Access = file.protected ? { rule: viewRule } : "everyone";
    found.push({ id: "files", calls: [["GET", `/api/files/${collection.name}/{id}/{filename}`]], access });
  }
  return collection.type === "auth" ? [...found, ...signInEndpoints(collection)] : found;
}

function signInEndpoints(collection: Collection): Endpoint[] {
  const base = `/api/collections/${collection.name}`;
  const post = (path: string) => ["POST", `${base}/${path}`] as const;
  const { passwordAuth, oauth2, otp, mfa, authRule = "" } = collection;
  const access: Access = { rule: authRule };
  const isSuperusers = collection.name === "_superusers";
  const all: Endpoint[] = [
    { id: "authMethods", calls: [["GET", `${base}/auth-methods`]], access: "everyone" },
    { id: "password", calls: [post("auth-with-password")], access, isOff: !passwordAuth?.enabled },
    { id: "oauth2", calls: [post("auth-with-oauth2")], access, isOff: !oauth2?.enabled },
    { id: "otp", calls: [post("request-otp"), post("auth-with-otp")], access, isOff: !otp?.enabled },
    { id: "mfa", calls: [post("auth-with-password"), post("auth-with-otp")], access, isOff: !mfa?.enabled },
    { id: "refresh", calls: [post("auth-refresh")], access: "signed-in" },
    { id: "verification", calls: [post("request-verification"), post("confirm-verification")], access: "everyone" },
    {
      id: "passwordReset",
      calls: [post("request-password-reset"), post("confirm-password-reset")],
      access: "everyone",
    },
    { id: "emailChange", calls: [post("request-email-change"), post("confirm-email-change")], access: "signed-in" },
    { id: "impersonate", calls: [post("impersonate/{id}")], access: "superusers" },
  ];
  // Superusers count as verified, and change their address themselves.
  return all.filter(({ id }) => !isSuperusers || (id !== "verification" && id !== "emailChange"));
}
