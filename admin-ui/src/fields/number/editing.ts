import { losesDigits, readNumber, writeNumber } from "#lib/grid/read-number.ts";
import { locale } from "#lib/locale.ts";
import { type FieldEditing, read, unreadable } from "../field-editing.ts";
import { asText } from "../values.ts";

export const numberEditing: FieldEditing = {
  mode: "line",
  toText: (value) => (typeof value === "number" ? writeNumber(value, locale()) : asText(value)),
  fromText: (text) => {
    const number = readNumber(text, locale());
    if (number === null) return unreadable("number");
    return losesDigits(text, locale()) ? unreadable("digits") : read(number);
  },
  emptyValue: () => 0,
};
