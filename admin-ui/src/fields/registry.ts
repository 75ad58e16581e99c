/** Every type of field, by the name the server gives it. A new type is a folder and a line here. */

import type { Field } from "#api/types.ts";
import { words } from "#words/words.ts";
import { autodate } from "./autodate/index.ts";
import { bool } from "./bool/index.ts";
import { date } from "./date/index.ts";
import { editor } from "./editor/index.ts";
import { email } from "./email/index.ts";
import type { FieldKind } from "./field-kind.ts";
import { file } from "./file/index.ts";
import { geoPoint } from "./geo-point/index.ts";
import { json } from "./json/index.ts";
import { number } from "./number/index.ts";
import { password } from "./password/index.ts";
import { relation } from "./relation/index.ts";
import { select } from "./select/index.ts";
import { text } from "./text/index.ts";
import { unknown } from "./unknown/index.ts";
import { url } from "./url/index.ts";

const KINDS: Record<string, FieldKind> = {
  text,
  editor,
  number,
  bool,
  email,
  url,
  date,
  autodate,
  select,
  relation,
  file,
  json,
  geoPoint,
  password,
};

export function kindOf(field: Field): FieldKind {
  return KINDS[field.type] ?? unknown;
}

/** The type of a field in plain words, as in "Yes or no". */
export function fieldTypeName(type: string): string {
  const names: Record<string, string> = words().fieldTypes.field;
  return names[type] ?? words().fieldTypes.field.unknown;
}
