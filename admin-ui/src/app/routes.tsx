/** Every address of the dashboard. The part after `#` is the path, because the contract fixes addresses of that form. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { isSignedIn, keepsScreens } from "#api/session.ts";
import {
  type DeliveriesPlace,
  type ImportPlace,
  type InboundPlace,
  type JobsPlace,
  type LogsPlace,
  type NewCollectionPlace,
  paths,
  type RecordsPlace,
  type SchemaPlace,
  type ScriptsPlace,
  type WebhookPlace,
} from "#lib/paths.ts";
import { parseQuery, writeQuery } from "#lib/query-text.ts";
import { createNumberedHistory } from "./history.ts";
import { NotFoundScreen } from "./not-found-screen.tsx";
import { Shell } from "./shell.tsx";
import { TroubleScreen } from "./trouble-screen.tsx";

const root = createRootRoute({ component: Outlet, errorComponent: TroubleScreen, notFoundComponent: NotFoundScreen });

// Open to everybody.

const signIn = createRoute({
  getParentRoute: () => root,
  path: "sign-in",
  component: lazyRouteComponent(() => import("#screens/welcome/sign-in.tsx"), "SignInScreen"),
  validateSearch: (search: Record<string, unknown>): { next?: string } => ({ next: text(search.next) }),
  beforeLoad: () => {
    if (isSignedIn()) throw redirect({ href: paths.home() });
  },
});

const installer = createRoute({
  getParentRoute: () => root,
  path: "pbinstall/$token",
  component: lazyRouteComponent(() => import("#screens/welcome/installer.tsx"), "InstallerScreen"),
});

const confirmVerification = createRoute({
  getParentRoute: () => root,
  path: "auth/confirm-verification/$token",
  component: lazyRouteComponent(
    () => import("#screens/mail-links/confirm-verification.tsx"),
    "ConfirmVerificationScreen",
  ),
});

const confirmPasswordReset = createRoute({
  getParentRoute: () => root,
  path: "auth/confirm-password-reset/$token",
  component: lazyRouteComponent(
    () => import("#screens/mail-links/confirm-password-reset.tsx"),
    "ConfirmPasswordResetScreen",
  ),
});

const confirmEmailChange = createRoute({
  getParentRoute: () => root,
  path: "auth/confirm-email-change/$token",
  component: lazyRouteComponent(
    () => import("#screens/mail-links/confirm-email-change.tsx"),
    "ConfirmEmailChangeScreen",
  ),
});

const oauth2Success = createRoute({
  getParentRoute: () => root,
  path: "auth/oauth2-redirect-success",
  component: lazyRouteComponent(() => import("#screens/mail-links/oauth2-finished.tsx"), "OAuth2SuccessScreen"),
});

const oauth2Failure = createRoute({
  getParentRoute: () => root,
  path: "auth/oauth2-redirect-failure",
  component: lazyRouteComponent(() => import("#screens/mail-links/oauth2-finished.tsx"), "OAuth2FailureScreen"),
});

// For superusers: one gate in front of them all.

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: ({ location }) => {
    if (!isSignedIn() && !keepsScreens()) throw redirect({ href: paths.signIn(location.href) });
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    throw redirect({ href: paths.home() });
  },
});

const collections = createRoute({
  getParentRoute: () => inside,
  path: "collections",
  component: lazyRouteComponent(() => import("#screens/collections/collections-screen.tsx"), "CollectionsScreen"),
});

const records = createRoute({
  getParentRoute: () => inside,
  path: "collections/$name",
  validateSearch: (search: Record<string, unknown>): RecordsPlace => ({
    filter: text(search.filter),
    sort: text(search.sort),
    where: text(search.where),
    record: text(search.record),
    create: search.create === "empty" || search.create === "copy" ? search.create : undefined,
  }),
  component: lazyRouteComponent(() => import("#screens/records/records-screen.tsx"), "RecordsScreen"),
});

const schema = createRoute({
  getParentRoute: () => inside,
  path: "schema",
  validateSearch: (search: Record<string, unknown>): SchemaPlace => ({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import("#screens/schema/structure-screen.tsx"), "StructureScreen"),
});

const editCollection = createRoute({
  getParentRoute: () => inside,
  path: "schema/$name",
  validateSearch: (search: Record<string, unknown>): SchemaPlace => ({
    tab: text(search.tab),
    field: text(search.field),
  }),
  component: lazyRouteComponent(() => import("#screens/schema/edit-screen.tsx"), "EditCollectionScreen"),
});

const newCollection = createRoute({
  getParentRoute: () => inside,
  path: "new-collection",
  validateSearch: (search: Record<string, unknown>): NewCollectionPlace & SchemaPlace => ({
    type: text(search.type),
    copy: text(search.copy),
    tab: text(search.tab),
  }),
  component: lazyRouteComponent(() => import("#screens/schema/new-screen.tsx"), "NewCollectionScreen"),
});

const importFile = createRoute({
  getParentRoute: () => inside,
  path: "import",
  validateSearch: (search: Record<string, unknown>): ImportPlace => ({ into: text(search.into), id: text(search.id) }),
  component: lazyRouteComponent(() => import("#screens/import/import-screen.tsx"), "ImportScreen"),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: "settings",
  validateSearch: (search: Record<string, unknown>): { tab?: string } => ({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import("#screens/settings/settings-screen.tsx"), "SettingsScreen"),
});

const team = createRoute({
  getParentRoute: () => inside,
  path: "team",
  component: lazyRouteComponent(() => import("#screens/team/team-screen.tsx"), "TeamScreen"),
});

const backups = createRoute({
  getParentRoute: () => inside,
  path: "backups",
  component: lazyRouteComponent(() => import("#screens/backups/backups-screen.tsx"), "BackupsScreen"),
});

const exposure = createRoute({
  getParentRoute: () => inside,
  path: "exposure",
  component: lazyRouteComponent(() => import("#screens/exposure/exposure-screen.tsx"), "ExposureScreen"),
});

const logs = createRoute({
  getParentRoute: () => inside,
  path: "logs",
  validateSearch: (search: Record<string, unknown>): LogsPlace => ({
    filter: text(search.filter),
    trouble: search.trouble === true || search.trouble === "true" ? true : undefined,
    page: pageNumber(search.page),
  }),
  component: lazyRouteComponent(() => import("#screens/logs/logs-screen.tsx"), "LogsScreen"),
});

const crons = createRoute({
  getParentRoute: () => inside,
  path: "crons",
  component: lazyRouteComponent(() => import("#screens/crons/crons-screen.tsx"), "CronsScreen"),
});

const scripts = createRoute({
  getParentRoute: () => inside,
  path: "scripts",
  validateSearch: (search: Record<string, unknown>): ScriptsPlace => ({
    tab: search.tab === "log" || search.tab === "console" ? search.tab : undefined,
    file: text(search.file),
    line: pageNumber(search.line),
  }),
  component: lazyRouteComponent(() => import("#screens/scripts/scripts-screen.tsx"), "ScriptsScreen"),
});

const jobs = createRoute({
  getParentRoute: () => inside,
  path: "jobs",
  validateSearch: (search: Record<string, unknown>): JobsPlace => ({
    state: JOB_STATES.find((state) => state === search.state),
    name: text(search.name),
    page: pageNumber(search.page),
  }),
  component: lazyRouteComponent(() => import("#screens/jobs/jobs-screen.tsx"), "JobsScreen"),
});

const webhooks = createRoute({
  getParentRoute: () => inside,
  path: "webhooks",
  component: lazyRouteComponent(() => import("#screens/webhooks/webhooks-screen.tsx"), "WebhooksScreen"),
});

const newWebhook = createRoute({
  getParentRoute: () => inside,
  path: "webhooks/new",
  component: lazyRouteComponent(() => import("#screens/webhooks/new-webhook-screen.tsx"), "NewWebhookScreen"),
});

const deliveries = createRoute({
  getParentRoute: () => inside,
  path: "webhooks/deliveries",
  validateSearch: deliveriesPlace,
  component: lazyRouteComponent(() => import("#screens/webhooks/deliveries-screen.tsx"), "DeliveriesScreen"),
});

const webhook = createRoute({
  getParentRoute: () => inside,
  path: "webhooks/$id",
  validateSearch: (search: Record<string, unknown>): WebhookPlace => ({
    ...deliveriesPlace(search),
    tab: search.tab === "settings" || search.tab === "signature" ? search.tab : undefined,
  }),
  component: lazyRouteComponent(() => import("#screens/webhooks/webhook-screen.tsx"), "WebhookScreen"),
});

const delivery = createRoute({
  getParentRoute: () => inside,
  path: "webhooks/$id/deliveries/$delivery",
  component: lazyRouteComponent(() => import("#screens/webhooks/delivery-screen.tsx"), "DeliveryScreen"),
});

const inboundList = createRoute({
  getParentRoute: () => inside,
  path: "webhooks/inbound",
  component: lazyRouteComponent(() => import("#screens/webhooks/inbound-list-screen.tsx"), "InboundListScreen"),
});

const newInbound = createRoute({
  getParentRoute: () => inside,
  path: "webhooks/inbound/new",
  component: lazyRouteComponent(() => import("#screens/webhooks/inbound/new-inbound-screen.tsx"), "NewInboundScreen"),
});

const inbound = createRoute({
  getParentRoute: () => inside,
  path: "webhooks/inbound/$id",
  validateSearch: (search: Record<string, unknown>): InboundPlace => ({
    tab: search.tab === "settings" ? search.tab : undefined,
  }),
  component: lazyRouteComponent(() => import("#screens/webhooks/inbound/inbound-screen.tsx"), "InboundScreen"),
});

const sql = createRoute({
  getParentRoute: () => inside,
  path: "sql",
  component: lazyRouteComponent(() => import("#screens/sql/sql-screen.tsx"), "SqlScreen"),
});

const api = createRoute({
  getParentRoute: () => inside,
  path: "collections/$name/api",
  validateSearch: (search: Record<string, unknown>): { endpoint?: string } => ({ endpoint: text(search.endpoint) }),
  component: lazyRouteComponent(() => import("#screens/api-page/api-screen.tsx"), "ApiScreen"),
});

const DELIVERY_STATES = ["waiting", "running", "succeeded", "failed"] as const;

function deliveriesPlace(search: Record<string, unknown>): DeliveriesPlace {
  return {
    webhook: text(search.webhook),
    state: DELIVERY_STATES.find((state) => state === search.state),
    event: text(search.event),
    record: text(search.record),
    search: text(search.search),
    page: pageNumber(search.page),
  };
}

const JOB_STATES = ["waiting", "running", "failed"] as const;

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function pageNumber(value: unknown): number | undefined {
  const page = Number(value);
  return Number.isSafeInteger(page) && page > 1 ? page : undefined;
}

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([
      signIn,
      installer,
      confirmVerification,
      confirmPasswordReset,
      confirmEmailChange,
      oauth2Success,
      oauth2Failure,
      inside.addChildren([
        home,
        collections,
        records,
        schema,
        api,
        editCollection,
        newCollection,
        importFile,
        settings,
        team,
        backups,
        exposure,
        logs,
        scripts,
        jobs,
        crons,
        webhooks,
        newWebhook,
        deliveries,
        webhook,
        delivery,
        inboundList,
        newInbound,
        inbound,
        sql,
      ]),
    ]),
    history: createNumberedHistory(),
    parseSearch: parseQuery,
    stringifySearch: writeQuery,
    defaultPreload: false,
  });
}
