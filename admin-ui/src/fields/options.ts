/** The options of every type of field, by the name the server gives it. In the order in which they are offered. */

import { autodateOptions } from "./autodate/options.tsx";
import { dateOptions } from "./date/options.tsx";
import { editorOptions } from "./editor/options.tsx";
import { domainOptions } from "./email/options.tsx";
import type { FieldOptions } from "./field-options.ts";
import { fileOptions } from "./file/options.tsx";
import { jsonOptions } from "./json/options.tsx";
import { numberOptions } from "./number/options.tsx";
import { passwordOptions } from "./password/options.tsx";
import { relationOptions } from "./relation/options.tsx";
import { selectOptions } from "./select/options.tsx";
import { textOptions } from "./text/options.tsx";

const OPTIONS: Record<string, FieldOptions> = {
  text: textOptions,
  editor: editorOptions,
  number: numberOptions,
  bool: { defaults: {} },
  select: selectOptions,
  date: dateOptions,
  relation: relationOptions,
  file: fileOptions,
  email: domainOptions,
  url: domainOptions,
  geoPoint: { defaults: {} },
  json: jsonOptions,
  autodate: autodateOptions,
  password: passwordOptions,
};

export const FIELD_TYPES: readonly string[] = Object.keys(OPTIONS);

export function optionsOf(type: string): FieldOptions {
  return OPTIONS[type] ?? { defaults: {} };
}
