/** How values of one type of field are changed in a grid, and how they travel as text. `editing.ts` lists them all. */

import type { ComponentType } from "react";
import type { Collection, Field, StoredRecord } from "#api/types.ts";

/** Where the cursor goes when an editor closes. */
export type Then = "stay" | "up" | "down" | "left" | "right";

export type EditorProps = {
  field: Field;
  /** With what is not saved yet. */
  record: StoredRecord;
  value: unknown;
  /** The value as text. */
  text: string;
  /** The key that opened the editor, which takes the place of the value; `null` when the value itself is edited. */
  typed: string | null;
  label: string;
  /** Reads the text as a value, keeps it and closes. */
  onText: (text: string, then: Then) => void;
  /** Keeps a value and closes. `known`: records it points to, so that their names can be shown at once. */
  onValue: (value: unknown, then: Then, known?: StoredRecord[]) => void;
  onCancel: () => void;
  /** Goes on in the record's panel. */
  onOpenRecord: () => void;
};

/** Why a text is no value of this type. */
export type Unreadable = "number" | "digits" | "date" | "yesNo" | "choice" | "json" | "place" | "file" | "readOnly";

/** `names`: records of another collection by name or id, which have to be looked up. */
export type Reading =
  | { status: "read"; value: unknown }
  | { status: "unreadable"; why: Unreadable }
  | { status: "names"; names: string[] };

export type TextContext = { field: Field; record: StoredRecord; collections: readonly Collection[] };

export type FieldEditing = {
  /**
   * `line`: typed in a line. `toggle`: Space switches it. `own`: the type's own editor. `panel`: in the record's panel
   * only. `none`: nobody can change it.
   */
  mode: "line" | "toggle" | "own" | "panel" | "none";
  Editor?: ComponentType<EditorProps>;
  /** For the clipboard, so that spreadsheets understand it. */
  toText: (value: unknown, context: TextContext) => string;
  /** The empty text is not asked for: it stands for `emptyValue`. */
  fromText: (text: string, field: Field) => Reading;
  emptyValue: (field: Field) => unknown;
};

export function read(value: unknown): Reading {
  return { status: "read", value };
}

export function unreadable(why: Unreadable): Reading {
  return { status: "unreadable", why };
}
