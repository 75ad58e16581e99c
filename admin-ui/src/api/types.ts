/** The shapes the server sends, as far as the dashboard looks at them. */

import type { ViewCollectionAnswer } from "./types.gen.ts";

export type Field = {
  id: string;
  name: string;
  type: string;
  system: boolean;
  hidden: boolean;
  presentable: boolean;
  help?: string;
  required?: boolean;
  /** number: the bounds, `null` for none. text, password: lengths in characters, 0 for none. date: dates, empty for none. */
  min?: number | string | null;
  max?: number | string | null;
  /** text, password: a regular expression. */
  pattern?: string;
  /** text: the server invents a value of this form when none is given. */
  autogeneratePattern?: string;
  /** text: this is the record's id. */
  primaryKey?: boolean;
  /** number: without decimals. */
  onlyInt?: boolean;
  /** editor, json: bytes of a value. file: bytes of one file. 0 for the server's own limit. */
  maxSize?: number;
  /** editor: links inside a text stay complete addresses. */
  convertURLs?: boolean;
  /** email, url: at most one of the two is filled. */
  onlyDomains?: string[];
  exceptDomains?: string[];
  /** select: the choices. */
  values?: string[];
  /** select, relation, file: more than one value is allowed above 1. */
  maxSelect?: number;
  /** relation: fewest links. */
  minSelect?: number;
  /** relation: the collection it points to. */
  collectionId?: string;
  /** relation: a record goes when the one it points to goes. */
  cascadeDelete?: boolean;
  /** file: may be opened with a short-lived token only. */
  protected?: boolean;
  /** file: allowed types; empty for all. */
  mimeTypes?: string[];
  /** file: sizes such as `100x100`. */
  thumbs?: string[];
  /** autodate: when it is set. */
  onCreate?: boolean;
  onUpdate?: boolean;
  /** password: work factor of the hash; 0 for the server's own. */
  cost?: number;
};

type Described = Required<ViewCollectionAnswer>;

export type CollectionType = Described["type"];

/** A rule is `null` for superusers only, empty for everyone, else a condition. */
export type Rule = Described["listRule"];

/** What the server tells of every collection; indexes are CREATE INDEX statements. */
export type Collection = Pick<Described, "id" | "name" | "type" | "system" | "createRule"> &
  Omit<ViewCollectionAnswer, "id" | "name" | "type" | "system" | "createRule" | "fields"> & {
    fields: Field[];
  } & Partial<AuthOptions>;

/** What an auth collection has besides. Secrets are never sent; leaving them out keeps the stored ones. */
export type AuthOptions = {
  authRule: Rule;
  manageRule: Rule;
  authAlert: { enabled: boolean; emailTemplate: MailTemplate };
  passwordAuth: { enabled: boolean; identityFields: string[] };
  oauth2: { enabled: boolean; providers: OAuth2Provider[]; mappedFields: MappedFields };
  /** `duration` in seconds here and below. */
  otp: { enabled: boolean; duration: number; length: number; emailTemplate: MailTemplate };
  mfa: { enabled: boolean; duration: number; rule: string };
  authToken: TokenOptions;
  passwordResetToken: TokenOptions;
  emailChangeToken: TokenOptions;
  verificationToken: TokenOptions;
  fileToken: TokenOptions;
  verificationTemplate: MailTemplate;
  resetPasswordTemplate: MailTemplate;
  confirmEmailChangeTemplate: MailTemplate;
};

export type MailTemplate = { subject: string; body: string };

/** A new `secret` ends everything that was signed with the old one. */
export type TokenOptions = { duration: number; secret?: string };

/** Names of fields that the provider's account fills; empty for none. */
export type MappedFields = { id: string; name: string; username: string; avatarURL: string };

export type OAuth2Provider = {
  name: string;
  displayName?: string;
  clientId: string;
  clientSecret?: string;
  authURL?: string;
  tokenURL?: string;
  userInfoURL?: string;
  /** `null` for what the provider usually does. */
  pkce?: boolean | null;
  extra?: Record<string, unknown>;
};

/** One record: the four fixed keys, and a value for each of the collection's fields. */
export type StoredRecord = {
  id: string;
  collectionId: string;
  collectionName: string;
  expand?: Record<string, StoredRecord | StoredRecord[]>;
  [field: string]: unknown;
};
