/** Generated from the server's OpenAPI document by `npm run api-types`. Not to be edited by hand. */

export type ApiCollection = {
  authAlert?: {
    emailTemplate: {
      body: string;
      subject: string;
    };
    enabled: boolean;
  };
  /** Which records may sign in: null for none, empty for all, else a filter. */
  authRule?: string | null;
  authToken?: {
    /** In seconds. */
    duration: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  confirmEmailChangeTemplate?: {
    body: string;
    subject: string;
  };
  /** null for superusers only, empty for everyone, else a filter. */
  createRule: string | null;
  created: ApiDateTime;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule: string | null;
  emailChangeToken?: {
    /** In seconds. */
    duration: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  fields: ApiField[];
  fileToken?: {
    /** In seconds. */
    duration: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  id: string;
  indexes: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule: string | null;
  /** Who may change the e-mail address and password of any record: null for superusers only, else a filter. */
  manageRule?: string | null;
  mfa?: {
    /** In seconds. */
    duration: number;
    enabled: boolean;
    /** Which records need a second factor: empty for all, else a filter. */
    rule: string;
  };
  name: string;
  oauth2?: {
    enabled: boolean;
    /** The fields that a provider's user info is written to; empty for none. */
    mappedFields: {
      avatarURL: string;
      id: string;
      name: string;
      username: string;
    };
    providers: {
      authURL: string;
      clientId: string;
      /** Kept if it is not sent. */
      clientSecret?: string;
      displayName: string;
      extra: { [key: string]: unknown };
      name: string;
      /** null for the provider's default. */
      pkce: boolean | null;
      tokenURL: string;
      userInfoURL: string;
    }[];
  };
  otp?: {
    /** In seconds. */
    duration: number;
    emailTemplate: {
      body: string;
      subject: string;
    };
    enabled: boolean;
    /** In digits. */
    length: number;
  };
  passwordAuth?: {
    enabled: boolean;
    /** Fields with a unique index that a record may sign in by. */
    identityFields: string[];
  };
  passwordResetToken?: {
    /** In seconds. */
    duration: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  resetPasswordTemplate?: {
    body: string;
    subject: string;
  };
  system: boolean;
  type: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule: string | null;
  updated: ApiDateTime;
  verificationTemplate?: {
    body: string;
    subject: string;
  };
  verificationToken?: {
    /** In seconds. */
    duration: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  /** The SELECT statement of a view. Its fields are derived from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule: string | null;
};

export type ApiCollectionPreview = {
  action: "create" | "update" | "delete";
  fields: {
    action: "add" | "remove" | "rename" | "change";
    conversion?: "listToSingle" | "singleToList";
    /** Lists of which only the last item would stay; null if that is unknown. */
    cut?: number | null;
    /** Values that would be lost; null if that is unknown. */
    dropped?: number | null;
    /** Records in which it is not empty; null if that is unknown. */
    filled?: number | null;
    id: string;
    name: string;
    oldName?: string;
    options?: {
      after: unknown;
      before: unknown;
      name: string;
    }[];
    /** The type of the field of this name whose values are not taken along. */
    replaces?: string;
    type: string;
    violations?: {
      count: number;
      examples: {
        code: string;
        id: string;
        message: string;
        value: unknown;
      }[];
      isExact: boolean;
    };
  }[];
  id: string;
  indexes: {
    action: "add" | "remove" | "change";
    duplicates?: {
      examples: {
        count: number;
        ids: string[];
        values: { [key: string]: unknown };
      }[];
      groups: number;
      isExact: boolean;
      records: number;
    } | null;
    isUnique: boolean;
    name: string;
    sql: string;
  }[];
  /** False if it only changes with what the request names. */
  isRequested: boolean;
  name: string;
  oldName: string | null;
  /** null for views, new collections and if it is unknown. */
  records: number | null;
  rules: {
    after: string | null;
    before: string | null;
    name: string;
  }[];
  type: "base" | "auth" | "view";
  viewQuery?: {
    after: string;
    before: string;
  };
};

export type ApiDatabaseCheck = {
  last: {
    /** In the words of the engine. */
    damage: string[];
    finished: ApiDateTime;
    started: ApiDateTime;
    tables: number;
    /** Tables that could not be read to their end in time. */
    unchecked: string[];
  } | null;
  running: {
    done: number;
    started: ApiDateTime;
    total: number;
  } | null;
};

/** A time in UTC; empty if not set. */
export type ApiDateTime = string;

export type ApiError = {
  /** Problems by field: `code`, `message` and sometimes `params`. */
  data: { [key: string]: unknown };
  message: string;
  status: number;
};

export type ApiExposedCollection = {
  actions: {
    /** By the key of the caller. */
    access: { [key: string]: "open" | "closed" | "conditional" };
    action: "list" | "view" | "create" | "update" | "delete" | "manage" | "auth";
    /** What is left of the rule for a caller, where that is shorter. */
    parts?: { [key: string]: string };
    rule: string | null;
  }[];
  auth: {
    mfa: boolean;
    oauth2: string[];
    otp: boolean;
    password: boolean;
    /** By the key of the caller. */
    signUp: { [key: string]: "open" | "closed" | "conditional" };
  } | null;
  fields: {
    name: string;
    type: string;
    visibility: "shown" | "hidden" | "never" | "owner";
  }[];
  files: {
    /** By the key of the caller. */
    access: { [key: string]: "open" | "closed" | "conditional" | "link" };
    field: string;
    isProtected: boolean;
  }[];
  id: string;
  name: string;
  system: boolean;
  type: "base" | "auth" | "view";
  warnings: {
    action: string | null;
    caller: string | null;
    code: string;
    field?: string;
    message: string;
    severity: "high" | "medium" | "info";
    source?: string;
  }[];
};

export type ApiExposure = {
  callers: {
    collection: string | null;
    key: string;
  }[];
  collections: ApiExposedCollection[];
  signUp: string[];
};

export type ApiField = {
  autogeneratePattern?: string;
  cascadeDelete?: boolean;
  collectionId?: string;
  convertURLs?: boolean;
  cost?: number;
  exceptDomains?: string[];
  help?: string;
  hidden: boolean;
  id: string;
  max?: number | null | string;
  maxSelect?: number;
  maxSize?: number;
  mimeTypes?: string[];
  min?: number | null | string;
  minSelect?: number;
  name: string;
  onCreate?: boolean;
  onUpdate?: boolean;
  onlyDomains?: string[];
  onlyInt?: boolean;
  pattern?: string;
  presentable: boolean;
  primaryKey?: boolean;
  protected?: boolean;
  required?: boolean;
  system: boolean;
  thumbs?: string[];
  type: "text" | "editor" | "number" | "bool" | "email" | "url" | "date" | "autodate" | "select" | "relation" | "file" | "json" | "geoPoint" | "password";
  values?: string[];
};

export type ApiFieldInput = {
  autogeneratePattern?: string;
  help?: string;
  hidden?: boolean;
  id?: string;
  max?: number;
  min?: number;
  name: string;
  pattern?: string;
  presentable?: boolean;
  primaryKey?: boolean;
  required?: boolean;
  system?: boolean;
  type: "text";
} | {
  convertURLs?: boolean;
  help?: string;
  hidden?: boolean;
  id?: string;
  maxSize?: number;
  name: string;
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "editor";
} | {
  help?: string;
  hidden?: boolean;
  id?: string;
  max?: number | null;
  min?: number | null;
  name: string;
  onlyInt?: boolean;
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "number";
} | {
  help?: string;
  hidden?: boolean;
  id?: string;
  name: string;
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "bool";
} | {
  exceptDomains?: string[];
  help?: string;
  hidden?: boolean;
  id?: string;
  name: string;
  onlyDomains?: string[];
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "email";
} | {
  exceptDomains?: string[];
  help?: string;
  hidden?: boolean;
  id?: string;
  name: string;
  onlyDomains?: string[];
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "url";
} | {
  help?: string;
  hidden?: boolean;
  id?: string;
  max?: string;
  min?: string;
  name: string;
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "date";
} | {
  hidden?: boolean;
  id?: string;
  name: string;
  onCreate?: boolean;
  onUpdate?: boolean;
  presentable?: boolean;
  system?: boolean;
  type: "autodate";
} | {
  help?: string;
  hidden?: boolean;
  id?: string;
  maxSelect?: number;
  name: string;
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "select";
  values?: string[];
} | {
  cascadeDelete?: boolean;
  collectionId?: string;
  help?: string;
  hidden?: boolean;
  id?: string;
  maxSelect?: number;
  minSelect?: number;
  name: string;
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "relation";
} | {
  help?: string;
  hidden?: boolean;
  id?: string;
  maxSelect?: number;
  maxSize?: number;
  mimeTypes?: string[];
  name: string;
  presentable?: boolean;
  protected?: boolean;
  required?: boolean;
  system?: boolean;
  thumbs?: string[];
  type: "file";
} | {
  help?: string;
  hidden?: boolean;
  id?: string;
  maxSize?: number;
  name: string;
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "json";
} | {
  help?: string;
  hidden?: boolean;
  id?: string;
  name: string;
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "geoPoint";
} | {
  cost?: number;
  help?: string;
  hidden?: boolean;
  id?: string;
  max?: number;
  min?: number;
  name: string;
  pattern?: string;
  presentable?: boolean;
  required?: boolean;
  system?: boolean;
  type: "password";
};

export type ApiImport = {
  columns: {
    /** The number of empty cells. */
    blank: number;
    example: string | null;
    /** Types that every filled cell fits. */
    fits: string[];
    name: string;
    reason: string;
    /** The guess for a new field. */
    type: string;
    /** The distinct texts, if they are few. */
    values: string[] | null;
  }[];
  created: ApiDateTime;
  expires: ApiDateTime;
  file: {
    delimiter: string | null;
    encoding: string | null;
    format: "csv" | "json" | "jsonl" | "xlsx";
    name: string;
    sheet: string | null;
    sheets: string[];
    size: number;
  };
  id: string;
  /** null if no plan can be suggested; a warning says why. */
  plan: ApiImportPlan | null;
  preview: {
    cells: unknown[];
    error: string | null;
    line: number;
  }[];
  result: ApiImportResult | null;
  rows: number;
  state: "ready" | "running" | "done";
  warnings: {
    code: string;
    column: string | null;
    message: string;
  }[];
};

export type ApiImportPlan = {
  badRows: "stop" | "skip";
  collection: string;
  columns: {
    action: "field" | "id" | "skip";
    column: string;
    dates: "dmy" | "mdy" | null;
    decimal: "." | "," | null;
    field: string | null;
    isNew: boolean;
    options: { [key: string]: unknown };
    reason: string;
    relation: {
      collection: string;
      field: string | null;
    } | null;
    type: string | null;
  }[];
  isNew: boolean;
  /** The column that finds the record, for `update` and `upsert`. */
  key: string | null;
  mode: "create" | "update" | "upsert";
};

export type ApiImportProgress = {
  done: number;
  total: number;
};

export type ApiImportResult = {
  badRowCount: number;
  badRows: {
    /** The cells of the row in the order of the file. Null where they were not kept. */
    cells: string[] | null;
    column: string | null;
    field: string | null;
    line: number;
    reason: string;
    value: string | null;
  }[];
  collection: string;
  collectionId: string;
  columns: string[];
  created: number;
  isDryRun: boolean;
  isImported: boolean;
  isNew: boolean;
  /** More than a thousand rows were bad, and the rest was not read. */
  isStopped: boolean;
  newFields: string[];
  undoUntil: string | null;
  updated: number;
};

export type ApiImportSummary = {
  created: ApiDateTime;
  expires: ApiDateTime;
  file: {
    delimiter: string | null;
    encoding: string | null;
    format: "csv" | "json" | "jsonl" | "xlsx";
    name: string;
    sheet: string | null;
    sheets: string[];
    size: number;
  };
  id: string;
  result: ApiImportResult | null;
  rows: number;
  state: "ready" | "running" | "done";
};

export type ApiImportUndoPreview = {
  deletes: number;
  deletesCollection: boolean;
  isUntouched: boolean;
  loses: {
    changedRecords: number;
    collectionChanged: boolean;
    otherRecords: number;
    otherValues: number;
    references: number;
  };
  message: string;
  removesFields: string[];
  restores: number;
};

export type ApiInbound = {
  algorithm: "sha256" | "sha1" | "sha512";
  collection: string;
  created: ApiDateTime;
  enabled: boolean;
  encoding: "hex" | "base64";
  eventPath: string;
  failed24h: number;
  header: string;
  id: string;
  idField: string;
  idPath: string;
  lastError: string;
  /** A time in UTC, or empty. */
  lastErrorAt: string;
  /** A time in UTC, or empty. */
  lastReceived: string;
  lastRefused: string;
  /** A time in UTC, or empty. */
  lastRefusedAt: string;
  mapping: {
    field: string;
    /** A JSON path, such as `$.data.id`. */
    path?: string;
    /** A constant in place of a path. Any JSON. */
    value?: unknown;
  }[];
  /** The end of the address: small letters, digits, hyphens. */
  name: string;
  onlyEvents: string[];
  prefix: string;
  /** Why nothing can be stored at the moment, or empty. */
  problem: string;
  provider: "standard" | "svix" | "stripe" | "github" | "gitlab" | "shopify" | "slack" | "paddle" | "square" | "twilio" | "discord" | "mailgun" | "paypal" | "hmac";
  rawField: string;
  received24h: number;
  refused24h: number;
  rememberDays: number;
  secrets: {
    created: ApiDateTime;
    id: string;
  }[];
  toleranceSeconds: number;
  /** A record with the same value in this field is changed. */
  updateBy: string;
  updated: ApiDateTime;
  url: string;
};

export type ApiInboundPreview = {
  errors: { [key: string]: unknown };
  event: string;
  eventId: string;
  mapping: {
    error: string;
    field: string;
    matches: number;
    value: unknown;
  }[];
  outcome: "stored" | "ignored" | "answered" | "failed";
  record: { [key: string]: unknown } | null;
  sampleError: string;
  /** The id of the record that would be changed, or empty. */
  updates: string;
};

export type ApiLogEntry = {
  created: ApiDateTime;
  data: { [key: string]: unknown };
  id: string;
  /** -4 debug, 0 info, 4 warning, 8 error. */
  level: number;
  message: string;
};

export type ApiRuleFault = {
  /** In UTF-16 code units. */
  length: number;
  message: string;
  /** In UTF-16 code units. */
  offset: number;
  suggestion?: string;
};

export type ApiRuleNode = {
  /** Of a test: null if it was not evaluated. */
  holds?: boolean | null;
  left?: ApiRuleOperand;
  /** In UTF-16 code units. */
  length: number;
  /** In UTF-16 code units. */
  offset: number;
  operator?: {
    isAny: boolean;
    /** In UTF-16 code units. */
    length: number;
    /** In UTF-16 code units. */
    offset: number;
    relation: string;
    text: string;
  };
  parts?: ApiRuleNode[];
  right?: ApiRuleOperand;
  text: string;
  type: "all" | "any" | "comparison";
};

export type ApiRuleOperand = {
  arguments?: ApiRuleOperand[];
  isCut?: boolean;
  /** In UTF-16 code units. */
  length: number;
  modifier?: string | null;
  name?: string;
  /** In UTF-16 code units. */
  offset: number;
  path?: {
    collection: string;
    field: string;
    fieldType: string;
    isMultiple: boolean;
  } | null;
  text: string;
  type: "field" | "request" | "collection" | "macro" | "function" | "text" | "number" | "bool" | "null";
  value?: string | number | boolean | null;
  /** Of a test: what the side is for the record and caller; null if that is unknown or secret. */
  values?: unknown[] | null;
};

export type ApiRuleWords = {
  authCollections: string[];
  bodyModifiers: string[];
  collections: {
    backRelations: {
      collection: string;
      field: string;
      isMultiple: boolean;
      name: string;
    }[];
    fields: {
      choices?: string[];
      isHidden: boolean;
      isMultiple: boolean;
      modifiers: string[];
      name: string;
      /** The collection that a relation points to. */
      target: string | null;
      type: string;
    }[];
    id: string;
    name: string;
    type: string;
  }[];
  functions: {
    arguments: string[];
    name: string;
    result: string;
  }[];
  joins: string[];
  macros: {
    name: string;
    type: string;
    value: string | number | null;
  }[];
  operators: string[];
  request: {
    choices?: string[];
    name: string;
    type: string;
  }[];
};

export type ApiSchemaPreview = {
  collections: ApiCollectionPreview[];
  error: ApiError | null;
  isAllowed: boolean;
  isComplete: boolean;
  losesData: boolean;
};

export type ApiSettings = {
  backups: {
    cron: string;
    cronMaxKeep: number;
    s3: {
      accessKey: string;
      bucket: string;
      enabled: boolean;
      endpoint: string;
      forcePathStyle: boolean;
      region: string;
      /** Kept if it is not sent. */
      secret?: string;
    };
  };
  batch: {
    enabled: boolean;
    maxBodySize: number;
    maxRequests: number;
    timeout: number;
  };
  logs: {
    logAuthId: boolean;
    logIP: boolean;
    maxDataSize: number;
    maxDays: number;
    minLevel: number;
  };
  mailLinks?: {
    baseURL: string;
  };
  meta: {
    accentColor: string;
    appName: string;
    appURL: string;
    hideControls: boolean;
    senderAddress: string;
    senderName: string;
  };
  openapi?: {
    public: boolean;
  };
  rateLimits: {
    enabled: boolean;
    excludedIPs: string[];
    rules: {
      audience: string;
      duration: number;
      label: string;
      maxRequests: number;
    }[];
  };
  s3: {
    accessKey: string;
    bucket: string;
    enabled: boolean;
    endpoint: string;
    forcePathStyle: boolean;
    region: string;
    /** Kept if it is not sent. */
    secret?: string;
  };
  smtp: {
    authMethod: string;
    enabled: boolean;
    host: string;
    localName: string;
    /** Kept if it is not sent. */
    password?: string;
    port: number;
    tls: boolean;
    username: string;
  };
  superuserIPs: string[];
  trustedProxy: {
    headers: string[];
    useLeftmostIP: boolean;
  };
};

export type ApiWebhook = {
  changed: string[];
  concurrency: number;
  contentType: string;
  created: ApiDateTime;
  disabledReason: "" | "gone" | "failing";
  enabled: boolean;
  events: string[];
  expand: string;
  fields: string;
  filter: string;
  format: "json" | "slack" | "discord" | "teams" | "email" | "template";
  /** Values are shown as ***. */
  headers: { [key: string]: string };
  health: {
    failed24h: number;
    /** A time in UTC, or empty. */
    failingSince: string;
    /** A time in UTC, or empty. */
    lastAt: string;
    lastStatus: number;
    /** A time in UTC, or empty. */
    nextTry: string;
    state: "ok" | "failing" | "paused" | "idle";
    succeeded24h: number;
    waiting: number;
  };
  id: string;
  name: string;
  order: "record" | "none";
  publicKey: string;
  secrets: {
    created: ApiDateTime;
    /** A time in UTC, or empty. */
    expires: string;
  }[];
  signature: "v1" | "v1a";
  template: string;
  timeoutSeconds: number;
  updated: ApiDateTime;
  /** Shown without what follows the host. */
  url: string;
};

export type ApiWebhookAttempt = {
  at: ApiDateTime;
  durationMs: number;
  error: string;
  number: number;
  request: {
    body: string;
    headers: { [key: string]: string };
    method: string;
    url: string;
  };
  response: {
    body: string;
    headers: { [key: string]: string };
    isCut: boolean;
  };
  status: number;
};

export type ApiWebhookDelivery = {
  attemptCount: number;
  collection: string;
  created: ApiDateTime;
  error: string;
  event: string;
  /** A time in UTC, or empty. */
  finished: string;
  id: string;
  /** A time in UTC, or empty. */
  nextTry: string;
  record: string;
  state: "waiting" | "running" | "succeeded" | "failed";
  status: number;
  test: boolean;
  webhook: string;
};

/** What comes back from: List backups. */
export type ListBackupsAnswer = {
  key: string;
  modified: ApiDateTime;
  /** In bytes. */
  size: number;
}[];

/** What is sent to: Create a backup. */
export type CreateBackupBody = {
  name?: string;
};

/** What is sent to: Run several writes in one transaction. */
export type SendBatchBody = {
  requests: {
    body?: { [key: string]: unknown };
    headers?: { [key: string]: string };
    method: "POST" | "PUT" | "PATCH" | "DELETE";
    url: string;
  }[];
};

/** What comes back from: Run several writes in one transaction. */
export type SendBatchAnswer = {
  body: { [key: string]: unknown } | null;
  status: number;
}[];

/** What comes back from: List collections. */
export type ListCollectionsAnswer = {
  items: ApiCollection[];
  page: number;
  perPage: number;
  /** -1 with `skipTotal`. */
  totalItems: number;
  /** -1 with `skipTotal`. */
  totalPages: number;
};

/** What is sent to: Create a collection. */
export type CreateCollectionBody = {
  authAlert?: {
    emailTemplate?: {
      body?: string;
      subject?: string;
    };
    enabled?: boolean;
  };
  /** Which records may sign in: null for none, empty for all, else a filter. */
  authRule?: string | null;
  authToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  confirmEmailChangeTemplate?: {
    body?: string;
    subject?: string;
  };
  /** null for superusers only, empty for everyone, else a filter. */
  createRule?: string | null;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule?: string | null;
  emailChangeToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  fields?: ApiFieldInput[];
  fileToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  id?: string;
  indexes?: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule?: string | null;
  /** Who may change the e-mail address and password of any record: null for superusers only, else a filter. */
  manageRule?: string | null;
  mfa?: {
    /** In seconds. */
    duration?: number;
    enabled?: boolean;
    /** Which records need a second factor: empty for all, else a filter. */
    rule?: string;
  };
  name: string;
  oauth2?: {
    enabled?: boolean;
    /** The fields that a provider's user info is written to; empty for none. */
    mappedFields?: {
      avatarURL?: string;
      id?: string;
      name?: string;
      username?: string;
    };
    providers?: {
      authURL?: string;
      clientId?: string;
      /** Kept if it is not sent. */
      clientSecret?: string;
      displayName?: string;
      extra?: { [key: string]: unknown };
      name?: string;
      /** null for the provider's default. */
      pkce?: boolean | null;
      tokenURL?: string;
      userInfoURL?: string;
    }[];
  };
  otp?: {
    /** In seconds. */
    duration?: number;
    emailTemplate?: {
      body?: string;
      subject?: string;
    };
    enabled?: boolean;
    /** In digits. */
    length?: number;
  };
  passwordAuth?: {
    enabled?: boolean;
    /** Fields with a unique index that a record may sign in by. */
    identityFields?: string[];
  };
  passwordResetToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  resetPasswordTemplate?: {
    body?: string;
    subject?: string;
  };
  system?: boolean;
  type?: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule?: string | null;
  verificationTemplate?: {
    body?: string;
    subject?: string;
  };
  verificationToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  /** The SELECT statement of a view. Its fields are derived from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule?: string | null;
};

/** What comes back from: Create a collection. */
export type CreateCollectionAnswer = ApiCollection;

/** What is sent to: Create or update several collections. */
export type ImportCollectionsBody = {
  collections: { [key: string]: unknown }[];
  deleteMissing?: boolean;
};

/** What is sent to: What importing definitions would do. */
export type PreviewImportBody = {
  collections: { [key: string]: unknown }[];
  deleteMissing?: boolean;
};

/** What comes back from: What importing definitions would do. */
export type PreviewImportAnswer = ApiSchemaPreview;

/** What is sent to: Run a view's query without saving it. */
export type TryViewBody = {
  query: string;
};

/** What comes back from: Run a view's query without saving it. */
export type TryViewAnswer = {
  fields: ApiField[];
  sample: { [key: string]: unknown }[];
};

/** What comes back from: List the supported sign-in providers. */
export type ListOauth2ProvidersAnswer = {
  displayName: string;
  logo: string;
  name: string;
}[];

/** What comes back from: What rules and filters may name, for editors. */
export type ListRuleWordsAnswer = ApiRuleWords;

/** What comes back from: Get an empty collection of each type. */
export type ShowScaffoldsAnswer = {
  auth: ApiCollection;
  base: ApiCollection;
  view: ApiCollection;
};

/** What is sent to: What creating a collection would do. */
export type PreviewNewCollectionBody = {
  authAlert?: {
    emailTemplate?: {
      body?: string;
      subject?: string;
    };
    enabled?: boolean;
  };
  /** Which records may sign in: null for none, empty for all, else a filter. */
  authRule?: string | null;
  authToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  confirmEmailChangeTemplate?: {
    body?: string;
    subject?: string;
  };
  /** null for superusers only, empty for everyone, else a filter. */
  createRule?: string | null;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule?: string | null;
  emailChangeToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  fields?: ApiFieldInput[];
  fileToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  id?: string;
  indexes?: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule?: string | null;
  /** Who may change the e-mail address and password of any record: null for superusers only, else a filter. */
  manageRule?: string | null;
  mfa?: {
    /** In seconds. */
    duration?: number;
    enabled?: boolean;
    /** Which records need a second factor: empty for all, else a filter. */
    rule?: string;
  };
  name: string;
  oauth2?: {
    enabled?: boolean;
    /** The fields that a provider's user info is written to; empty for none. */
    mappedFields?: {
      avatarURL?: string;
      id?: string;
      name?: string;
      username?: string;
    };
    providers?: {
      authURL?: string;
      clientId?: string;
      /** Kept if it is not sent. */
      clientSecret?: string;
      displayName?: string;
      extra?: { [key: string]: unknown };
      name?: string;
      /** null for the provider's default. */
      pkce?: boolean | null;
      tokenURL?: string;
      userInfoURL?: string;
    }[];
  };
  otp?: {
    /** In seconds. */
    duration?: number;
    emailTemplate?: {
      body?: string;
      subject?: string;
    };
    enabled?: boolean;
    /** In digits. */
    length?: number;
  };
  passwordAuth?: {
    enabled?: boolean;
    /** Fields with a unique index that a record may sign in by. */
    identityFields?: string[];
  };
  passwordResetToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  resetPasswordTemplate?: {
    body?: string;
    subject?: string;
  };
  system?: boolean;
  type?: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule?: string | null;
  verificationTemplate?: {
    body?: string;
    subject?: string;
  };
  verificationToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  /** The SELECT statement of a view. Its fields are derived from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule?: string | null;
};

/** What comes back from: What creating a collection would do. */
export type PreviewNewCollectionAnswer = ApiSchemaPreview;

/** What comes back from: Get a collection. */
export type ViewCollectionAnswer = ApiCollection;

/** What is sent to: Update a collection. */
export type UpdateCollectionBody = {
  authAlert?: {
    emailTemplate?: {
      body?: string;
      subject?: string;
    };
    enabled?: boolean;
  };
  /** Which records may sign in: null for none, empty for all, else a filter. */
  authRule?: string | null;
  authToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  confirmEmailChangeTemplate?: {
    body?: string;
    subject?: string;
  };
  /** null for superusers only, empty for everyone, else a filter. */
  createRule?: string | null;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule?: string | null;
  emailChangeToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  fields?: ApiFieldInput[];
  fileToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  id?: string;
  indexes?: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule?: string | null;
  /** Who may change the e-mail address and password of any record: null for superusers only, else a filter. */
  manageRule?: string | null;
  mfa?: {
    /** In seconds. */
    duration?: number;
    enabled?: boolean;
    /** Which records need a second factor: empty for all, else a filter. */
    rule?: string;
  };
  name?: string;
  oauth2?: {
    enabled?: boolean;
    /** The fields that a provider's user info is written to; empty for none. */
    mappedFields?: {
      avatarURL?: string;
      id?: string;
      name?: string;
      username?: string;
    };
    providers?: {
      authURL?: string;
      clientId?: string;
      /** Kept if it is not sent. */
      clientSecret?: string;
      displayName?: string;
      extra?: { [key: string]: unknown };
      name?: string;
      /** null for the provider's default. */
      pkce?: boolean | null;
      tokenURL?: string;
      userInfoURL?: string;
    }[];
  };
  otp?: {
    /** In seconds. */
    duration?: number;
    emailTemplate?: {
      body?: string;
      subject?: string;
    };
    enabled?: boolean;
    /** In digits. */
    length?: number;
  };
  passwordAuth?: {
    enabled?: boolean;
    /** Fields with a unique index that a record may sign in by. */
    identityFields?: string[];
  };
  passwordResetToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  resetPasswordTemplate?: {
    body?: string;
    subject?: string;
  };
  system?: boolean;
  type?: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule?: string | null;
  verificationTemplate?: {
    body?: string;
    subject?: string;
  };
  verificationToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  /** The SELECT statement of a view. Its fields are derived from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule?: string | null;
};

/** What comes back from: Update a collection. */
export type UpdateCollectionAnswer = ApiCollection;

/** What comes back from: Sums, averages and counts over what a filter selects. */
export type AggregateRecordsAnswer = {
  totalItems: number;
  values: { [key: string]: number | string | null };
};

/** What comes back from: Download records as a file. */
export type ExportRecordsAnswer = { [key: string]: unknown }[];

/** What is sent to: What changing a collection would do to its records. */
export type PreviewCollectionBody = {
  authAlert?: {
    emailTemplate?: {
      body?: string;
      subject?: string;
    };
    enabled?: boolean;
  };
  /** Which records may sign in: null for none, empty for all, else a filter. */
  authRule?: string | null;
  authToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  confirmEmailChangeTemplate?: {
    body?: string;
    subject?: string;
  };
  /** null for superusers only, empty for everyone, else a filter. */
  createRule?: string | null;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule?: string | null;
  emailChangeToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  fields?: ApiFieldInput[];
  fileToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  id?: string;
  indexes?: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule?: string | null;
  /** Who may change the e-mail address and password of any record: null for superusers only, else a filter. */
  manageRule?: string | null;
  mfa?: {
    /** In seconds. */
    duration?: number;
    enabled?: boolean;
    /** Which records need a second factor: empty for all, else a filter. */
    rule?: string;
  };
  name?: string;
  oauth2?: {
    enabled?: boolean;
    /** The fields that a provider's user info is written to; empty for none. */
    mappedFields?: {
      avatarURL?: string;
      id?: string;
      name?: string;
      username?: string;
    };
    providers?: {
      authURL?: string;
      clientId?: string;
      /** Kept if it is not sent. */
      clientSecret?: string;
      displayName?: string;
      extra?: { [key: string]: unknown };
      name?: string;
      /** null for the provider's default. */
      pkce?: boolean | null;
      tokenURL?: string;
      userInfoURL?: string;
    }[];
  };
  otp?: {
    /** In seconds. */
    duration?: number;
    emailTemplate?: {
      body?: string;
      subject?: string;
    };
    enabled?: boolean;
    /** In digits. */
    length?: number;
  };
  passwordAuth?: {
    enabled?: boolean;
    /** Fields with a unique index that a record may sign in by. */
    identityFields?: string[];
  };
  passwordResetToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  resetPasswordTemplate?: {
    body?: string;
    subject?: string;
  };
  system?: boolean;
  type?: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule?: string | null;
  verificationTemplate?: {
    body?: string;
    subject?: string;
  };
  verificationToken?: {
    /** In seconds. */
    duration?: number;
    /** Kept if it is not sent. */
    secret?: string;
  };
  /** The SELECT statement of a view. Its fields are derived from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule?: string | null;
};

/** What comes back from: What changing a collection would do to its records. */
export type PreviewCollectionAnswer = ApiSchemaPreview;

/** What is sent to: The parts of a rule or filter, and what is wrong with it. */
export type ParseRuleBody = {
  rule: string;
};

/** What comes back from: The parts of a rule or filter, and what is wrong with it. */
export type ParseRuleAnswer = {
  error: ApiRuleFault | null;
  tree: ApiRuleNode | null;
  warnings: ApiRuleFault[];
};

/** What is sent to: Try a rule for one caller and one record, and explain it. */
export type TestRuleBody = {
  body?: { [key: string]: unknown };
  caller?: "guest" | "superuser" | {
    collection: string;
    id: string;
  };
  context?: "default" | "oauth2" | "otp" | "password" | "realtime" | "protectedFile" | "expand" | "batch";
  headers?: { [key: string]: string };
  kind: "list" | "view" | "create" | "update" | "delete" | "manage" | "auth" | "mfa";
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE" | "HEAD";
  query?: { [key: string]: string };
  record?: string;
  /** Instead of the stored rule; null for superusers only. */
  rule?: string | null;
};

/** What comes back from: Try a rule for one caller and one record, and explain it. */
export type TestRuleAnswer = {
  allowed: boolean;
  because: "superuser" | "open" | "closed" | "rule" | "missing";
  isComplete: boolean;
  /** Of create and update: what is wrong with the body. */
  issues?: { [key: string]: unknown };
  reason: string | null;
  rule: string | null;
  status: number | null;
  tree: ApiRuleNode | null;
  warnings: ApiRuleFault[];
};

/** What comes back from: List scheduled jobs. */
export type ListCronsAnswer = {
  /** Whether it runs once for the runs that it has missed. */
  catchUp?: boolean;
  expression: string;
  id: string;
  lastRun?: {
    error: string;
    milliseconds: number;
    started: ApiDateTime;
  };
  lastSuccess?: {
    error: string;
    milliseconds: number;
    started: ApiDateTime;
  };
  /** Whether it runs now. */
  running?: boolean;
  /** The time zone of the expression. UTC if there is none. */
  zone?: string;
}[];

/** What comes back from: Which actions are open to whom, and what may surprise. */
export type ShowExposureAnswer = ApiExposure;

/** What comes back from: Get a short-lived token for protected files. */
export type MakeFileTokenAnswer = {
  token: string;
};

/** What comes back from: Check that the server works. */
export type CheckHealthAnswer = {
  code: number;
  data: {
    canBackup?: boolean;
    disk?: {
      /** In bytes; null if it is unknown. */
      freeBytes: number | null;
      isFull: boolean;
      /** In bytes. */
      reserveBytes: number;
    };
    logs?: {
      /** The name of the damaged request log that was set aside since the server started; null if there was none. */
      damagedFile: string | null;
    };
    /** A header of a reverse proxy that was sent; empty if none was. */
    possibleProxyHeader?: string;
    /** The address of the client as the server sees it. */
    realIP?: string;
  };
  message: string;
};

/** What comes back from: Your imports. */
export type ListImportsAnswer = {
  items: ApiImportSummary[];
};

/** What comes back from: Upload a file to import. */
export type CreateImportAnswer = ApiImport;

/** What comes back from: An import. */
export type ShowImportAnswer = ApiImport;

/** What is sent to: Read the file in another way. */
export type RereadImportBody = {
  collection?: string | null;
  delimiter?: string | null;
  encoding?: string | null;
  format?: string | null;
  nulls?: string[];
  sheet?: string | null;
};

/** What comes back from: Read the file in another way. */
export type RereadImportAnswer = ApiImport;

/** What is sent to: Try an import or carry it out. */
export type RunImportBody = {
  dryRun?: boolean;
  plan: {
    badRows?: "stop" | "skip";
    collection: string;
    columns: {
      action: "field" | "id" | "skip";
      column?: string;
      dates?: "dmy" | "mdy" | null;
      decimal?: "." | "," | null;
      field?: string | null;
      isNew?: boolean;
      options?: { [key: string]: unknown };
      reason?: string;
      relation?: {
        collection: string;
        field?: string | null;
      } | null;
      type?: string | null;
    }[];
    isNew?: boolean;
    /** The column that finds the record, for `update` and `upsert`. */
    key?: string | null;
    mode?: "create" | "update" | "upsert";
  };
};

/** What comes back from: What undoing an import would do and lose. */
export type InspectUndoAnswer = ApiImportUndoPreview;

/** What is sent to: Undo an import. */
export type UndoImportBody = {
  force?: boolean;
};

/** What comes back from: Undo an import. */
export type UndoImportAnswer = {
  collectionDeleted: boolean;
  deleted: number;
  fieldsRemoved: string[];
  restored: number;
};

/** What comes back from: List the endpoints that receive webhooks. */
export type ListInboundAnswer = {
  items: ApiInbound[];
};

/** What is sent to: Add an endpoint that receives webhooks. */
export type CreateInboundBody = {
  algorithm?: "sha256" | "sha1" | "sha512";
  collection: string;
  enabled?: boolean;
  encoding?: "hex" | "base64";
  eventPath?: string;
  header?: string;
  idField?: string;
  idPath?: string;
  mapping?: {
    field: string;
    /** A JSON path, such as `$.data.id`. */
    path?: string;
    /** A constant in place of a path. Any JSON. */
    value?: unknown;
  }[];
  /** The end of the address: small letters, digits, hyphens. */
  name: string;
  onlyEvents?: string[];
  prefix?: string;
  provider: "standard" | "svix" | "stripe" | "github" | "gitlab" | "shopify" | "slack" | "paddle" | "square" | "twilio" | "discord" | "mailgun" | "paypal" | "hmac";
  rawField?: string;
  rememberDays?: number;
  secrets: (string | {
    /** A stored secret, which is kept. */
    id: string;
  })[];
  toleranceSeconds?: number;
  /** A record with the same value in this field is changed. */
  updateBy?: string;
  url?: string;
};

/** What comes back from: Add an endpoint that receives webhooks. */
export type CreateInboundAnswer = ApiInbound;

/** What is sent to: Show what would be stored, without storing it. */
export type PreviewInboundBody = ({
  algorithm?: "sha256" | "sha1" | "sha512";
  collection?: string;
  enabled?: boolean;
  encoding?: "hex" | "base64";
  eventPath?: string;
  header?: string;
  idField?: string;
  idPath?: string;
  mapping?: {
    field: string;
    /** A JSON path, such as `$.data.id`. */
    path?: string;
    /** A constant in place of a path. Any JSON. */
    value?: unknown;
  }[];
  /** The end of the address: small letters, digits, hyphens. */
  name?: string;
  onlyEvents?: string[];
  prefix?: string;
  provider?: "standard" | "svix" | "stripe" | "github" | "gitlab" | "shopify" | "slack" | "paddle" | "square" | "twilio" | "discord" | "mailgun" | "paypal" | "hmac";
  rawField?: string;
  rememberDays?: number;
  secrets?: (string | {
    /** A stored secret, which is kept. */
    id: string;
  })[];
  toleranceSeconds?: number;
  /** A record with the same value in this field is changed. */
  updateBy?: string;
  url?: string;
}) & ({
  contentType?: string;
  headers?: { [key: string]: string };
  /** A stored endpoint, whose values count where they are left out. */
  id?: string;
  /** The body of a request. */
  sample?: string;
});

/** What comes back from: Show what would be stored, without storing it. */
export type PreviewInboundAnswer = ApiInboundPreview;

/** What comes back from: Get an endpoint that receives webhooks. */
export type ViewInboundAnswer = ApiInbound;

/** What is sent to: Change an endpoint that receives webhooks. */
export type UpdateInboundBody = {
  algorithm?: "sha256" | "sha1" | "sha512";
  collection?: string;
  enabled?: boolean;
  encoding?: "hex" | "base64";
  eventPath?: string;
  header?: string;
  idField?: string;
  idPath?: string;
  mapping?: {
    field: string;
    /** A JSON path, such as `$.data.id`. */
    path?: string;
    /** A constant in place of a path. Any JSON. */
    value?: unknown;
  }[];
  /** The end of the address: small letters, digits, hyphens. */
  name?: string;
  onlyEvents?: string[];
  prefix?: string;
  provider?: "standard" | "svix" | "stripe" | "github" | "gitlab" | "shopify" | "slack" | "paddle" | "square" | "twilio" | "discord" | "mailgun" | "paypal" | "hmac";
  rawField?: string;
  rememberDays?: number;
  secrets?: (string | {
    /** A stored secret, which is kept. */
    id: string;
  })[];
  toleranceSeconds?: number;
  /** A record with the same value in this field is changed. */
  updateBy?: string;
  url?: string;
};

/** What comes back from: Change an endpoint that receives webhooks. */
export type UpdateInboundAnswer = ApiInbound;

/** What comes back from: Receive a webhook of another service. */
export type ReceiveInboundAnswer = {
  duplicate?: boolean;
  ignored?: boolean;
  ok?: boolean;
  record?: string;
};

/** What comes back from: Remove the jobs that are not running. */
export type DeleteJobsAnswer = {
  deleted: number;
};

/** What comes back from: List the jobs in the queue. */
export type ListJobsAnswer = {
  items: {
    attempts: number;
    created: ApiDateTime;
    due: ApiDateTime;
    /** Why the last attempt failed. */
    error: string;
    id: string;
    maxAttempts: number;
    name: string;
    /** Any JSON. */
    payload: unknown;
    priority: "high" | "normal" | "low";
    state: "waiting" | "running" | "failed";
    uniqueKey: string;
  }[];
  page: number;
  perPage: number;
  /** -1 with `skipTotal`. */
  totalItems: number;
  /** -1 with `skipTotal`. */
  totalPages: number;
};

/** What is sent to: Add a job. */
export type EnqueueJobBody = {
  /** In seconds. */
  delay?: number;
  maxAttempts?: number;
  name: string;
  /** Any JSON, at most 1 MiB. */
  payload?: unknown;
  priority?: "high" | "normal" | "low";
  uniqueKey?: string;
};

/** What comes back from: Add a job. */
export type EnqueueJobAnswer = {
  attempts: number;
  created: ApiDateTime;
  due: ApiDateTime;
  /** Why the last attempt failed. */
  error: string;
  id: string;
  maxAttempts: number;
  name: string;
  /** Any JSON. */
  payload: unknown;
  priority: "high" | "normal" | "low";
  state: "waiting" | "running" | "failed";
  uniqueKey: string;
};

/** What comes back from: Count the jobs of each name. */
export type ListJobNamesAnswer = {
  failed: number;
  hasWorker: boolean;
  name: string;
  running: number;
  waiting: number;
}[];

/** What is sent to: Make jobs due now. */
export type RetryJobsBody = {
  name?: string;
  state?: "waiting" | "running" | "failed";
};

/** What comes back from: Make jobs due now. */
export type RetryJobsAnswer = {
  retried: number;
};

/** What comes back from: Get a job. */
export type ViewJobAnswer = {
  attempts: number;
  created: ApiDateTime;
  due: ApiDateTime;
  /** Why the last attempt failed. */
  error: string;
  id: string;
  maxAttempts: number;
  name: string;
  /** Any JSON. */
  payload: unknown;
  priority: "high" | "normal" | "low";
  state: "waiting" | "running" | "failed";
  uniqueKey: string;
};

/** What comes back from: Make a job due now. */
export type RetryJobAnswer = {
  attempts: number;
  created: ApiDateTime;
  due: ApiDateTime;
  /** Why the last attempt failed. */
  error: string;
  id: string;
  maxAttempts: number;
  name: string;
  /** Any JSON. */
  payload: unknown;
  priority: "high" | "normal" | "low";
  state: "waiting" | "running" | "failed";
  uniqueKey: string;
};

/** What comes back from: List the request log. */
export type ListLogsAnswer = {
  items: ApiLogEntry[];
  page: number;
  perPage: number;
  /** -1 with `skipTotal`. */
  totalItems: number;
  /** -1 with `skipTotal`. */
  totalPages: number;
};

/** What comes back from: Count the log entries of each hour. */
export type CountLogsAnswer = {
  date: ApiDateTime;
  total: number;
}[];

/** What comes back from: Get a log entry. */
export type ViewLogAnswer = ApiLogEntry;

/** What comes back from: This document. */
export type ShowOpenapiAnswer = { [key: string]: unknown };

/** What is sent to: Set the subscriptions of a stream. */
export type SubscribeRealtimeBody = {
  clientId: string;
  subscriptions: string[];
};

/** What comes back from: List the scripts with their handlers. */
export type ListScriptsAnswer = {
  /** Whether files can be changed and texts run over the API. */
  editable: boolean;
  files: {
    handlers: {
      calls: number;
      errors: number;
      kind: "event" | "route" | "job" | "cron";
      lastError: {
        at: ApiDateTime;
        column: number;
        file: string;
        /** From 1; 0 if not known. */
        line: number;
        message: string;
      } | null;
      line: number;
      maxMilliseconds: number;
      /** `before_create`, `GET /path`, or the name of a job or cron. */
      name: string;
      /** The collections of an event; `*` for all. */
      targets: string[];
      totalMilliseconds: number;
    }[];
    kind: "script" | "module" | "test" | "template";
    modified: ApiDateTime;
    name: string;
    /** In bytes. */
    size: number;
  }[];
  folder: string;
  loadedAt: ApiDateTime;
  problem: {
    at: ApiDateTime;
    column: number;
    file: string;
    /** From 1; 0 if not known. */
    line: number;
    message: string;
  } | null;
  /** Whether files that change are loaded while the server runs. */
  watching: boolean;
};

/** What is sent to: Look for mistakes in a text. */
export type CheckScriptBody = {
  name: string;
  /** At most 1 MiB. */
  text: string;
};

/** What comes back from: Look for mistakes in a text. */
export type CheckScriptAnswer = {
  handlers: {
    calls: number;
    errors: number;
    kind: "event" | "route" | "job" | "cron";
    lastError: {
      at: ApiDateTime;
      column: number;
      file: string;
      /** From 1; 0 if not known. */
      line: number;
      message: string;
    } | null;
    line: number;
    maxMilliseconds: number;
    /** `before_create`, `GET /path`, or the name of a job or cron. */
    name: string;
    /** The collections of an event; `*` for all. */
    targets: string[];
    totalMilliseconds: number;
  }[];
  problem: {
    at: ApiDateTime;
    column: number;
    file: string;
    /** From 1; 0 if not known. */
    line: number;
    message: string;
  } | null;
  warnings: {
    at: ApiDateTime;
    column: number;
    file: string;
    /** From 1; 0 if not known. */
    line: number;
    message: string;
  }[];
};

/** What comes back from: Read a file. */
export type ViewScriptAnswer = {
  /** Of the text. */
  hash: string;
  kind: "script" | "module" | "test" | "template";
  name: string;
  text: string;
};

/** What is sent to: Create, replace or rename a file. */
export type WriteScriptBody = {
  /** The name of the file that gets this name and text. `hash` is that of its text. */
  from?: string;
  /** Of the text that was read. Left out for a new file. */
  hash?: string;
  /** At most 1 MiB. */
  text: string;
};

/** What comes back from: Create, replace or rename a file. */
export type WriteScriptAnswer = {
  /** Of the text. */
  hash: string;
  kind: "script" | "module" | "test" | "template";
  name: string;
  text: string;
};

/** What is sent to: Run a text with all rights. */
export type RunScriptBody = {
  keep?: boolean;
  /** At most 1 MiB. */
  text: string;
};

/** What comes back from: Run a text with all rights. */
export type RunScriptAnswer = {
  milliseconds: number;
  output: string[];
  problem: {
    at: ApiDateTime;
    column: number;
    file: string;
    /** From 1; 0 if not known. */
    line: number;
    message: string;
  } | null;
  /** Any JSON. */
  value: unknown;
};

/** What comes back from: Versions, sizes and the check of the running server. */
export type ShowServerAnswer = {
  check: ApiDatabaseCheck;
  disk: {
    /** In bytes; null if it is unknown. */
    freeBytes: number | null;
    isFull: boolean;
    /** In bytes. */
    reserveBytes: number;
  };
  /** The database engine and its version. */
  engine: string;
  migrations: {
    count: number;
    latest: string;
  };
  sizes: {
    /** In bytes; null if they are in a bucket. */
    backups: number | null;
    /** In bytes. */
    database: number;
    /** In bytes; null if they are in a bucket. */
    files: number | null;
    /** False if there were too many files to count. */
    isComplete: boolean;
    /** In bytes. */
    requestLog: number;
    /** The part of the database that is free for further rows, in bytes. */
    unused: number;
    /** In bytes. */
    writeAheadLog: number;
  };
  started: ApiDateTime;
  /** In seconds. */
  uptime: number;
  version: string;
};

/** What comes back from: Check the database for damage. */
export type StartCheckAnswer = ApiDatabaseCheck;

/** What comes back from: Get the settings, without secrets. */
export type ShowSettingsAnswer = ApiSettings;

/** What is sent to: Change some of the settings. */
export type UpdateSettingsBody = {
  backups?: {
    cron?: string;
    cronMaxKeep?: number;
    s3?: {
      accessKey?: string;
      bucket?: string;
      enabled?: boolean;
      endpoint?: string;
      forcePathStyle?: boolean;
      region?: string;
      /** Kept if it is not sent. */
      secret?: string;
    };
  };
  batch?: {
    enabled?: boolean;
    maxBodySize?: number;
    maxRequests?: number;
    timeout?: number;
  };
  logs?: {
    logAuthId?: boolean;
    logIP?: boolean;
    maxDataSize?: number;
    maxDays?: number;
    minLevel?: number;
  };
  mailLinks?: {
    baseURL?: string;
  };
  meta?: {
    accentColor?: string;
    appName?: string;
    appURL?: string;
    hideControls?: boolean;
    senderAddress?: string;
    senderName?: string;
  };
  openapi?: {
    public?: boolean;
  };
  rateLimits?: {
    enabled?: boolean;
    excludedIPs?: string[];
    rules?: {
      audience?: string;
      duration?: number;
      label?: string;
      maxRequests?: number;
    }[];
  };
  s3?: {
    accessKey?: string;
    bucket?: string;
    enabled?: boolean;
    endpoint?: string;
    forcePathStyle?: boolean;
    region?: string;
    /** Kept if it is not sent. */
    secret?: string;
  };
  smtp?: {
    authMethod?: string;
    enabled?: boolean;
    host?: string;
    localName?: string;
    /** Kept if it is not sent. */
    password?: string;
    port?: number;
    tls?: boolean;
    username?: string;
  };
  superuserIPs?: string[];
  trustedProxy?: {
    headers?: string[];
    useLeftmostIP?: boolean;
  };
};

/** What comes back from: Change some of the settings. */
export type UpdateSettingsAnswer = ApiSettings;

/** What is sent to: Generate a client secret for signing in with Apple. */
export type GenerateAppleClientSecretBody = {
  clientId: string;
  duration: number;
  keyId: string;
  privateKey: string;
  teamId: string;
};

/** What comes back from: Generate a client secret for signing in with Apple. */
export type GenerateAppleClientSecretAnswer = {
  secret: string;
};

/** What is sent to: Send a test mail. */
export type TestEmailBody = {
  collection?: string;
  email: string;
  template: string;
};

/** What is sent to: Test the storage of files or backups. */
export type TestS3Body = {
  filesystem: "storage" | "backups";
};

/** What is sent to: Run an SQL statement. */
export type RunSqlBody = {
  query: string;
};

/** What comes back from: Run an SQL statement. */
export type RunSqlAnswer = {
  affectedRows: number;
  columns: {
    name: string;
    nullable: boolean;
    type: string;
  }[];
  /** In milliseconds. */
  execTime: number;
  rows: ((string | null)[])[];
};

/** What comes back from: List the endpoints of webhooks. */
export type ListWebhooksAnswer = {
  items: ApiWebhook[];
};

/** What is sent to: Add an endpoint. */
export type CreateWebhookBody = {
  changed?: string[];
  concurrency?: number;
  contentType?: string;
  enabled?: boolean;
  events: string[];
  expand?: string;
  fields?: string;
  filter?: string;
  format?: "json" | "slack" | "discord" | "teams" | "email" | "template";
  /** Values are shown as ***. */
  headers?: { [key: string]: string };
  name: string;
  order?: "record" | "none";
  signature?: "v1" | "v1a";
  template?: string;
  timeoutSeconds?: number;
  /** Shown without what follows the host. */
  url: string;
};

/** What comes back from: Add an endpoint. */
export type CreateWebhookAnswer = {
  changed: string[];
  concurrency: number;
  contentType: string;
  created: ApiDateTime;
  disabledReason: "" | "gone" | "failing";
  enabled: boolean;
  events: string[];
  expand: string;
  fields: string;
  filter: string;
  format: "json" | "slack" | "discord" | "teams" | "email" | "template";
  /** Values are shown as ***. */
  headers: { [key: string]: string };
  health: {
    failed24h: number;
    /** A time in UTC, or empty. */
    failingSince: string;
    /** A time in UTC, or empty. */
    lastAt: string;
    lastStatus: number;
    /** A time in UTC, or empty. */
    nextTry: string;
    state: "ok" | "failing" | "paused" | "idle";
    succeeded24h: number;
    waiting: number;
  };
  id: string;
  name: string;
  order: "record" | "none";
  publicKey: string;
  secret: string;
  secrets: {
    created: ApiDateTime;
    /** A time in UTC, or empty. */
    expires: string;
  }[];
  signature: "v1" | "v1a";
  template: string;
  timeoutSeconds: number;
  updated: ApiDateTime;
  /** Shown without what follows the host. */
  url: string;
};

/** What comes back from: List deliveries. */
export type ListWebhookDeliveriesAnswer = {
  items: ApiWebhookDelivery[];
  page: number;
  perPage: number;
  /** -1 with `skipTotal`. */
  totalItems: number;
  /** -1 with `skipTotal`. */
  totalPages: number;
};

/** What comes back from: Get a delivery. */
export type ViewWebhookDeliveryAnswer = {
  attemptCount: number;
  attempts: ApiWebhookAttempt[];
  collection: string;
  created: ApiDateTime;
  error: string;
  event: string;
  /** A time in UTC, or empty. */
  finished: string;
  id: string;
  /** A time in UTC, or empty. */
  nextTry: string;
  /** Any JSON. */
  payload: unknown;
  record: string;
  state: "waiting" | "running" | "succeeded" | "failed";
  status: number;
  test: boolean;
  webhook: string;
};

/** What comes back from: Send a delivery again. */
export type ReplayWebhookDeliveryAnswer = {
  attemptCount: number;
  attempts: ApiWebhookAttempt[];
  collection: string;
  created: ApiDateTime;
  error: string;
  event: string;
  /** A time in UTC, or empty. */
  finished: string;
  id: string;
  /** A time in UTC, or empty. */
  nextTry: string;
  /** Any JSON. */
  payload: unknown;
  record: string;
  state: "waiting" | "running" | "succeeded" | "failed";
  status: number;
  test: boolean;
  webhook: string;
};

/** What is sent to: Show what would be sent, without sending it. */
export type PreviewWebhookBody = ({
  changed?: string[];
  concurrency?: number;
  contentType?: string;
  enabled?: boolean;
  events?: string[];
  expand?: string;
  fields?: string;
  filter?: string;
  format?: "json" | "slack" | "discord" | "teams" | "email" | "template";
  /** Values are shown as ***. */
  headers?: { [key: string]: string };
  name?: string;
  order?: "record" | "none";
  signature?: "v1" | "v1a";
  template?: string;
  timeoutSeconds?: number;
  /** Shown without what follows the host. */
  url?: string;
}) & ({
  event?: string;
  id?: string;
  record?: string;
});

/** What comes back from: Show what would be sent, without sending it. */
export type PreviewWebhookAnswer = {
  body: string;
  headers: { [key: string]: string };
  matches: boolean;
};

/** What comes back from: Get an endpoint. */
export type ViewWebhookAnswer = ApiWebhook;

/** What is sent to: Change an endpoint. */
export type UpdateWebhookBody = {
  changed?: string[];
  concurrency?: number;
  contentType?: string;
  enabled?: boolean;
  events?: string[];
  expand?: string;
  fields?: string;
  filter?: string;
  format?: "json" | "slack" | "discord" | "teams" | "email" | "template";
  /** Values are shown as ***. */
  headers?: { [key: string]: string };
  name?: string;
  order?: "record" | "none";
  signature?: "v1" | "v1a";
  template?: string;
  timeoutSeconds?: number;
  /** Shown without what follows the host. */
  url?: string;
};

/** What comes back from: Change an endpoint. */
export type UpdateWebhookAnswer = ApiWebhook;

/** What is sent to: Send deliveries of an endpoint again. */
export type ReplayWebhookBody = {
  since?: string;
  state?: "failed" | "all";
};

/** What comes back from: Send deliveries of an endpoint again. */
export type ReplayWebhookAnswer = {
  replayed: number;
};

/** What is sent to: Replace the secret of an endpoint. */
export type RotateWebhookBody = {
  headers?: { [key: string]: string };
  overlapHours?: number;
  signature?: "v1" | "v1a";
  url?: string;
};

/** What comes back from: Replace the secret of an endpoint. */
export type RotateWebhookAnswer = {
  changed: string[];
  concurrency: number;
  contentType: string;
  created: ApiDateTime;
  disabledReason: "" | "gone" | "failing";
  enabled: boolean;
  events: string[];
  expand: string;
  fields: string;
  filter: string;
  format: "json" | "slack" | "discord" | "teams" | "email" | "template";
  /** Values are shown as ***. */
  headers: { [key: string]: string };
  health: {
    failed24h: number;
    /** A time in UTC, or empty. */
    failingSince: string;
    /** A time in UTC, or empty. */
    lastAt: string;
    lastStatus: number;
    /** A time in UTC, or empty. */
    nextTry: string;
    state: "ok" | "failing" | "paused" | "idle";
    succeeded24h: number;
    waiting: number;
  };
  id: string;
  name: string;
  order: "record" | "none";
  publicKey: string;
  secret: string;
  secrets: {
    created: ApiDateTime;
    /** A time in UTC, or empty. */
    expires: string;
  }[];
  signature: "v1" | "v1a";
  template: string;
  timeoutSeconds: number;
  updated: ApiDateTime;
  /** Shown without what follows the host. */
  url: string;
};

/** What is sent to: Send an event that has not happened. */
export type TestWebhookBody = {
  event?: string;
  record?: string;
};

/** What comes back from: Send an event that has not happened. */
export type TestWebhookAnswer = {
  attemptCount: number;
  attempts: ApiWebhookAttempt[];
  collection: string;
  created: ApiDateTime;
  error: string;
  event: string;
  /** A time in UTC, or empty. */
  finished: string;
  id: string;
  /** A time in UTC, or empty. */
  nextTry: string;
  /** Any JSON. */
  payload: unknown;
  record: string;
  state: "waiting" | "running" | "succeeded" | "failed";
  status: number;
  test: boolean;
  webhook: string;
};
