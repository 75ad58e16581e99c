import type { Words } from "../en/index.ts";
import { app } from "./app.ts";
import { common } from "./common.ts";
import { errors } from "./errors.ts";
import { fieldTypes } from "./field-types.ts";
import { mailLinks } from "./mail-links.ts";
import { overview } from "./overview.ts";
import { welcome } from "./welcome.ts";

export const es: Words = { app, common, errors, fieldTypes, mailLinks, overview, welcome };
