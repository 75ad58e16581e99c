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
import { words } from "#words/words.ts";

export type Place = {
  path: string;
  label: string;
  icon: LucideIcon;
  /** There are screens below it. */
  hasInner?: boolean;
};

export function serverPlaces(): Place[] {
  const names = words().server.nav;
  return [
    { path: paths.schema(), label: words().structure.title, icon: Waypoints },
    { path: paths.exposure(), label: names.exposure, icon: Eye },
    { path: paths.settings(), label: names.settings, icon: Settings },
    { path: paths.team(), label: names.team, icon: ShieldUser },
    { path: paths.backups(), label: names.backups, icon: Archive },
    { path: paths.logs(), label: names.logs, icon: ScrollText },
    { path: paths.scripts(), label: names.scripts, icon: FileCode2 },
    { path: paths.jobs(), label: names.jobs, icon: ListChecks },
    { path: paths.crons(), label: names.crons, icon: AlarmClock },
    { path: paths.webhooks(), label: words().webhooks.title, icon: Webhook, hasInner: true },
    { path: paths.sql(), label: names.sql, icon: SquareTerminal },
  ];
}

/** Pages of the settings, for the search of everything. */
export function settingsPlaces(): Place[] {
  const texts = words().settings;
  return (["application", "mail", "storage", "limits", "security", "log"] as const).map((tab) => ({
    path: paths.settings(tab),
    label: `${texts.title}: ${texts[tab].tab}`,
    icon: Settings,
  }));
}
