/** Generated from the server's OpenAPI document by `npm run api-types`. Not to be edited by hand. */

/** A moment in UTC; empty for none. */
export type ApiDateTime = string;

/** What comes back from: List backups. */
export type ListBackupsAnswer = {
  key: string;
  modified: ApiDateTime;
  size: number;
}[];

/** What is sent to: Make a backup. */
export type CreateBackupBody = {
  name?: string;
};

/** What is sent to: Several writes, all or none. */
export type SendBatchBody = {
  requests: {
    body?: { [key: string]: unknown };
    headers?: { [key: string]: string };
    method: "POST" | "PUT" | "PATCH" | "DELETE";
    url: string;
  }[];
};

/** What comes back from: Several writes, all or none. */
export type SendBatchAnswer = {
  body: { [key: string]: unknown } | null;
  status: number;
}[];

/** What comes back from: List collections. */
export type ListCollectionsAnswer = {
  items: {
    /** null for superusers only, empty for everyone, else a filter. */
    createRule?: string | null;
    /** null for superusers only, empty for everyone, else a filter. */
    deleteRule?: string | null;
    fields?: { [key: string]: unknown }[];
    id?: string;
    indexes?: string[];
    /** null for superusers only, empty for everyone, else a filter. */
    listRule?: string | null;
    name?: string;
    system?: boolean;
    type?: "base" | "auth" | "view";
    /** null for superusers only, empty for everyone, else a filter. */
    updateRule?: string | null;
    /** The SELECT of a view; its fields follow from it. */
    viewQuery?: string;
    /** null for superusers only, empty for everyone, else a filter. */
    viewRule?: string | null;
  }[];
  page: number;
  perPage: number;
  /** -1 where it was not counted. */
  totalItems: number;
  /** -1 where it was not counted. */
  totalPages: number;
};

/** What is sent to: Create a collection. */
export type CreateCollectionBody = {
  /** null for superusers only, empty for everyone, else a filter. */
  createRule?: string | null;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule?: string | null;
  fields?: {
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
  }[];
  id?: string;
  indexes?: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule?: string | null;
  name: string;
  system?: boolean;
  type?: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule?: string | null;
  /** The SELECT of a view; its fields follow from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule?: string | null;
};

/** What comes back from: Create a collection. */
export type CreateCollectionAnswer = {
  /** null for superusers only, empty for everyone, else a filter. */
  createRule?: string | null;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule?: string | null;
  fields?: { [key: string]: unknown }[];
  id?: string;
  indexes?: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule?: string | null;
  name?: string;
  system?: boolean;
  type?: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule?: string | null;
  /** The SELECT of a view; its fields follow from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule?: string | null;
};

/** What is sent to: Lay definitions over those that are there. */
export type ImportCollectionsBody = {
  collections: { [key: string]: unknown }[];
  deleteMissing?: boolean;
};

/** What is sent to: What a view's query would give. */
export type TryViewBody = {
  query: string;
};

/** What comes back from: What a view's query would give. */
export type TryViewAnswer = {
  fields: { [key: string]: unknown }[];
  sample: { [key: string]: unknown }[];
};

/** What comes back from: Providers to sign in with. */
export type ListOauth2ProvidersAnswer = { [key: string]: unknown }[];

/** What comes back from: What rules and filters may name, for editors. */
export type ListRuleWordsAnswer = { [key: string]: unknown };

/** What comes back from: One blank collection of each type. */
export type ShowScaffoldsAnswer = { [key: string]: unknown };

/** What comes back from: One collection. */
export type ViewCollectionAnswer = {
  /** null for superusers only, empty for everyone, else a filter. */
  createRule?: string | null;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule?: string | null;
  fields?: { [key: string]: unknown }[];
  id?: string;
  indexes?: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule?: string | null;
  name?: string;
  system?: boolean;
  type?: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule?: string | null;
  /** The SELECT of a view; its fields follow from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule?: string | null;
};

/** What is sent to: Change a collection. */
export type UpdateCollectionBody = {
  /** null for superusers only, empty for everyone, else a filter. */
  createRule?: string | null;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule?: string | null;
  fields?: {
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
  }[];
  id?: string;
  indexes?: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule?: string | null;
  name?: string;
  system?: boolean;
  type?: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule?: string | null;
  /** The SELECT of a view; its fields follow from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule?: string | null;
};

/** What comes back from: Change a collection. */
export type UpdateCollectionAnswer = {
  /** null for superusers only, empty for everyone, else a filter. */
  createRule?: string | null;
  /** null for superusers only, empty for everyone, else a filter. */
  deleteRule?: string | null;
  fields?: { [key: string]: unknown }[];
  id?: string;
  indexes?: string[];
  /** null for superusers only, empty for everyone, else a filter. */
  listRule?: string | null;
  name?: string;
  system?: boolean;
  type?: "base" | "auth" | "view";
  /** null for superusers only, empty for everyone, else a filter. */
  updateRule?: string | null;
  /** The SELECT of a view; its fields follow from it. */
  viewQuery?: string;
  /** null for superusers only, empty for everyone, else a filter. */
  viewRule?: string | null;
};

/** What comes back from: Sums, averages and counts over what a filter selects. */
export type AggregateRecordsAnswer = {
  totalItems: number;
  values: { [key: string]: number | string | null };
};

/** What is sent to: The parts of a rule or filter, and what is wrong with it. */
export type ParseRuleBody = {
  rule: string;
};

/** What comes back from: The parts of a rule or filter, and what is wrong with it. */
export type ParseRuleAnswer = {
  error: {
    length: number;
    message: string;
    offset: number;
    suggestion?: string;
  } | null;
  tree: { [key: string]: unknown } | null;
  warnings: {
    length: number;
    message: string;
    offset: number;
    suggestion?: string;
  }[];
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
  issues?: { [key: string]: unknown };
  reason: string | null;
  rule: string | null;
  status: number | null;
  tree: { [key: string]: unknown } | null;
  warnings: {
    length: number;
    message: string;
    offset: number;
    suggestion?: string;
  }[];
};

/** What comes back from: List jobs. */
export type ListCronsAnswer = {
  expression: string;
  id: string;
}[];

/** What comes back from: A short-lived token for protected files. */
export type MakeFileTokenAnswer = {
  token: string;
};

/** What comes back from: Whether the server is well. */
export type CheckHealthAnswer = {
  code: number;
  data: { [key: string]: unknown };
  message: string;
};

/** What comes back from: List the request log. */
export type ListLogsAnswer = {
  items: {
    created: ApiDateTime;
    data: { [key: string]: unknown };
    id: string;
    level: number;
    message: string;
  }[];
  page: number;
  perPage: number;
  /** -1 where it was not counted. */
  totalItems: number;
  /** -1 where it was not counted. */
  totalPages: number;
};

/** What comes back from: How many entries each hour has. */
export type CountLogsAnswer = {
  date: ApiDateTime;
  total: number;
}[];

/** What comes back from: One entry. */
export type ViewLogAnswer = {
  created: ApiDateTime;
  data: { [key: string]: unknown };
  id: string;
  level: number;
  message: string;
};

/** What comes back from: This document. */
export type ShowOpenapiAnswer = { [key: string]: unknown };

/** What is sent to: Say which changes to listen to. */
export type SubscribeRealtimeBody = {
  clientId: string;
  subscriptions: string[];
};

/** What comes back from: The settings, without secrets. */
export type ShowSettingsAnswer = {
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
  };
  smtp?: {
    authMethod?: string;
    enabled?: boolean;
    host?: string;
    localName?: string;
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
  };
  smtp?: {
    authMethod?: string;
    enabled?: boolean;
    host?: string;
    localName?: string;
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
export type UpdateSettingsAnswer = {
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
  };
  smtp?: {
    authMethod?: string;
    enabled?: boolean;
    host?: string;
    localName?: string;
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

/** What is sent to: A secret to sign in with Apple. */
export type GenerateAppleClientSecretBody = {
  clientId: string;
  duration: number;
  keyId: string;
  privateKey: string;
  teamId: string;
};

/** What comes back from: A secret to sign in with Apple. */
export type GenerateAppleClientSecretAnswer = {
  secret: string;
};

/** What is sent to: Send a mail to try. */
export type TestEmailBody = {
  collection?: string;
  email: string;
  template: string;
};

/** What is sent to: Try the storage of files or backups. */
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
  columns: { [key: string]: unknown }[];
  execTime: number;
  rows: { [key: string]: unknown }[];
};
