/** The screens that are not about one collection: for the sidebar and for the search of everything. */

import {
  AlarmClock,
  Archive,
  Eye,
  FileCode2,
  ListChecks,
  type LucideIcon,
  ScrollText,
  Settings,
  ShieldUser,
  SquareTerminal,
  Waypoints,
  Webhook,
} from "lucide-react";
import { paths } from "#lib/paths.ts";
import type { Words } from "#words/en/index.ts";
import { words } from "#words/words.ts";

export type Place = {
  key: keyof Words["palette"]["terms"];
  path: string;
  label: string;
  icon: LucideIcon;
  /** There are screens below it. */
  hasInner?: boolean;
};

export function serverPlaces(): Place[] {
  const names = words().server.nav;
  return [
    { key: "schema", path: paths.schema(), label: words().structure.title, icon: Waypoints },
    { key: "exposure", path: paths.exposure(), label: names.exposure, icon: Eye },
    { key: "settings", path: paths.settings(), label: names.settings, icon: Settings },
    { key: "team", path: paths.team(), label: names.team, icon: ShieldUser },
    { key: "backups", path: paths.backups(), label: names.backups, icon: Archive },
    { key: "logs", path: paths.logs(), label: names.logs, icon: ScrollText },
    { key: "scripts", path: paths.scripts(), label: names.scripts, icon: FileCode2 },
    { key: "jobs", path: paths.jobs(), label: names.jobs, icon: ListChecks },
    { key: "crons", path: paths.crons(), label: names.crons, icon: AlarmClock },
    { key: "webhooks", path: paths.webhooks(), label: words().webhooks.title, icon: Webhook, hasInner: true },
    { key: "sql", path: paths.sql(), label: names.sql, icon: SquareTerminal },
  ];
}

/** Pages of the settings, for the search of everything. */
export function settingsPlaces(): Place[] {
  const texts = words().settings;
  return (["application", "mail", "storage", "limits", "security", "log"] as const).map((tab) => ({
    key: tab,
    path: paths.settings(tab),
    label: `${texts.title}: ${texts[tab].tab}`,
    icon: Settings,
  }));
}
