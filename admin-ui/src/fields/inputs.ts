/** How values are typed in, for every type of field, by the name the server gives it. */

import type { Field } from "#api/types.ts";
import { autodateInput } from "./autodate/input.tsx";
import { boolInput } from "./bool/input.tsx";
import { dateInput } from "./date/input.tsx";
import { editorInput } from "./editor/input.tsx";
import { emailInput } from "./email/input.tsx";
import type { FieldInput } from "./field-input.ts";
import { fileInput } from "./file/input.tsx";
import { geoPointInput } from "./geo-point/input.tsx";
import { jsonInput } from "./json/input.tsx";
import { numberInput } from "./number/input.tsx";
import { passwordInput } from "./password/input.tsx";
import { relationInput } from "./relation/input.tsx";
import { selectInput } from "./select/input.tsx";
import { textInput } from "./text/input.tsx";
import { unknownInput } from "./unknown/input.tsx";
import { urlInput } from "./url/input.tsx";

const INPUTS: Record<string, FieldInput> = {
  text: textInput,
  editor: editorInput,
  number: numberInput,
  bool: boolInput,
  email: emailInput,
  url: urlInput,
  date: dateInput,
  autodate: autodateInput,
  select: selectInput,
  relation: relationInput,
  file: fileInput,
  json: jsonInput,
  geoPoint: geoPointInput,
  password: passwordInput,
};

export function inputOf(field: Field): FieldInput {
  return INPUTS[field.type] ?? unknownInput;
}
