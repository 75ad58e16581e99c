/** The shapes the server sends, as far as the dashboard looks at them. */

export type Field = {
  id: string;
  name: string;
  type: string;
  system: boolean;
  hidden: boolean;
  presentable: boolean;
  help?: string;
  required?: boolean;
  /** select, relation, file: more than one value is allowed above 1. */
  maxSelect?: number;
  /** relation: the collection it points to. */
  collectionId?: string;
  /** file: may be opened with a short-lived token only. */
  protected?: boolean;
  /** text: this is the record's id. */
  primaryKey?: boolean;
  /** text: the server invents a value of this form when none is given. */
  autogeneratePattern?: string;
};

export type CollectionType = "base" | "auth" | "view";

export type Collection = {
  id: string;
  name: string;
  type: CollectionType;
  system: boolean;
  /** Who may create records: nobody but superusers when null, else a condition. */
  createRule: string | null;
  fields: Field[];
};

/** One record: the four fixed keys, and a value for each of the collection's fields. */
export type StoredRecord = {
  id: string;
  collectionId: string;
  collectionName: string;
  expand?: Record<string, StoredRecord | StoredRecord[]>;
  [field: string]: unknown;
};
