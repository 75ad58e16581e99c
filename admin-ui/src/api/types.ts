/** The shapes that most of the dashboard works with, as the server describes them. */

import type { ApiCollection, ApiField } from "./types.gen.ts";

/** The type is any text: drafts and pasted definitions may hold one that the server does not know. */
export type Field = Omit<ApiField, "type"> & { type: string };

export type CollectionType = ApiCollection["type"];

/** A rule is `null` for superusers only, empty for everyone, else a condition. */
export type Rule = ApiCollection["listRule"];

type Known = "id" | "name" | "type" | "system" | "createRule";

/** What the dashboard needs of every collection, and all else that the server tells of it or is told. */
export type Collection = Pick<ApiCollection, Known> &
  Partial<Omit<ApiCollection, Known | "fields" | "oauth2">> & {
    fields: Field[];
    oauth2?: Omit<Required<ApiCollection>["oauth2"], "providers"> & { providers: OAuth2Provider[] };
  };

/** What an auth collection has besides. Secrets are never sent; leaving them out keeps the stored ones. */
export type AuthOptions = Required<
  Pick<
    Collection,
    | "authRule"
    | "manageRule"
    | "authAlert"
    | "passwordAuth"
    | "oauth2"
    | "otp"
    | "mfa"
    | "authToken"
    | "passwordResetToken"
    | "emailChangeToken"
    | "verificationToken"
    | "fileToken"
    | "verificationTemplate"
    | "resetPasswordTemplate"
    | "confirmEmailChangeTemplate"
  >
>;

export type MailTemplate = AuthOptions["verificationTemplate"];

/** A new `secret` ends everything that was signed with the old one. */
export type TokenOptions = AuthOptions["authToken"];

export type MappedFields = AuthOptions["oauth2"]["mappedFields"];

type Provider = Required<ApiCollection>["oauth2"]["providers"][number];

/** One that is added needs a name and a client only. */
export type OAuth2Provider = Pick<Provider, "name" | "clientId"> & Partial<Provider>;

/** One record: the four fixed keys, and a value for each of the collection's fields. */
export type StoredRecord = {
  id: string;
  collectionId: string;
  collectionName: string;
  expand?: Record<string, StoredRecord | StoredRecord[]>;
  [field: string]: unknown;
};
