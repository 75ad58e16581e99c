import { type FieldEditing, read, unreadable } from "../field-editing.ts";

/** In the languages of the dashboard and as spreadsheets write them. */
const YES = new Set(["true", "yes", "y", "1", "x", "✓", "✔", "on", "wahr", "ja", "verdadero", "sí", "si"]);
const NO = new Set(["false", "no", "n", "0", "-", "✗", "off", "falsch", "nein", "falso"]);

export const boolEditing: FieldEditing = {
  mode: "toggle",
  toText: (value) => (value === true ? "TRUE" : "FALSE"),
  fromText: (text) => {
    const word = text.trim().toLowerCase();
    if (YES.has(word)) return read(true);
    return NO.has(word) ? read(false) : unreadable("yesNo");
  },
  emptyValue: () => false,
};
