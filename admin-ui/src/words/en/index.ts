/** The English catalogue. Its shape is what the others must have. An area is a file; new ones get a line here. */

import { app } from "./app.ts";
import { common } from "./common.ts";
import { errors } from "./errors.ts";
import { fieldTypes } from "./field-types.ts";
import { mailLinks } from "./mail-links.ts";
import { overview } from "./overview.ts";
import { welcome } from "./welcome.ts";

export const en = { app, common, errors, fieldTypes, mailLinks, overview, welcome };

export type Words = typeof en;
