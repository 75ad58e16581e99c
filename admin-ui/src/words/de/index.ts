import type { Words } from "../en/index.ts";
import { app } from "./app.ts";
import { common } from "./common.ts";
import { errors } from "./errors.ts";
import { fieldOptions } from "./field-options.ts";
import { fieldTypes } from "./field-types.ts";
import { mailLinks } from "./mail-links.ts";
import { overview } from "./overview.ts";
import { rules } from "./rules.ts";
import { schema } from "./schema.ts";
import { welcome } from "./welcome.ts";

export const de: Words = { app, common, errors, fieldOptions, fieldTypes, mailLinks, overview, rules, schema, welcome };
