import type { Words } from "../en/index.ts";
import { apiPage } from "./api-page.ts";
import { app } from "./app.ts";
import { authOptions } from "./auth-options.ts";
import { common } from "./common.ts";
import { deliveries } from "./deliveries.ts";
import { errors } from "./errors.ts";
import { exposure } from "./exposure.ts";
import { fieldOptions } from "./field-options.ts";
import { fieldTypes } from "./field-types.ts";
import { grid } from "./grid.ts";
import { imports } from "./imports.ts";
import { inbound } from "./inbound.ts";
import { inputs } from "./inputs.ts";
import { jobs } from "./jobs.ts";
import { logs } from "./logs.ts";
import { mailLinks } from "./mail-links.ts";
import { overview } from "./overview.ts";
import { palette } from "./palette.ts";
import { people } from "./people.ts";
import { recordPanel } from "./record-panel.ts";
import { rules } from "./rules.ts";
import { schema } from "./schema.ts";
import { scripts } from "./scripts.ts";
import { server } from "./server.ts";
import { settings } from "./settings.ts";
import { structure } from "./structure.ts";
import { webhooks } from "./webhooks.ts";
import { welcome } from "./welcome.ts";

export const es: Words = {
  apiPage,
  app,
  authOptions,
  common,
  deliveries,
  errors,
  exposure,
  fieldOptions,
  fieldTypes,
  grid,
  imports,
  inbound,
  inputs,
  jobs,
  logs,
  mailLinks,
  overview,
  palette,
  people,
  recordPanel,
  rules,
  schema,
  scripts,
  server,
  settings,
  structure,
  webhooks,
  welcome,
};
