/** What the search of everything offers besides records. */

import { Archive, FileInput, House, Inbox, Languages, LogOut, MailCheck, Monitor, Moon, Plus, Sun } from "lucide-react";
import type { Collection } from "#api/types.ts";
import { paths } from "#lib/paths.ts";
import { chooseTheme, THEMES } from "#lib/theme.ts";
import { matchRank } from "#lib/word-match.ts";
import { chooseLanguage, currentLanguage, LANGUAGES, type Language, words } from "#words/words.ts";
import { collectionCommands } from "./collection-commands.ts";
import type { Command } from "./command.ts";
import { makeBackup } from "./command-actions.ts";
import { serverPlaces, settingsPlaces } from "./navigation.ts";
import { requestSignOut } from "./sign-out.tsx";

const MAX_MINOR = 8;
const MAX_SHOWN = 40;

/** The best first; equally good ones in the order of `allCommands`. */
export function findCommands(commands: readonly Command[], typed: string): Command[] {
  if (typed.trim() === "") return commands.filter(({ isMinor }) => !isMinor);
  const ranked = commands.flatMap((command) => {
    const rank = matchRank(command.label, command.terms ?? "", typed);
    return rank === null ? [] : [{ command, rank: rank + (command.isMinor ? 0.5 : 0) }];
  });
  const sorted = ranked.sort((one, other) => one.rank - other.rank).map(({ command }) => command);
  const minor = new Set(sorted.filter(({ isMinor }) => isMinor).slice(0, MAX_MINOR));
  return sorted.filter((command) => !command.isMinor || minor.has(command)).slice(0, MAX_SHOWN);
}

/** `current`: the collection that is open. The collections are in the order in which they are wanted. */
export function allCommands(collections: readonly Collection[], current: string | undefined): Command[] {
  return [...collectionCommands(collections, current), ...placeCommands(), ...actionCommands()];
}

function placeCommands(): Command[] {
  const { palette, app, inbound } = words();
  return [
    {
      key: "overview",
      label: app.overview,
      terms: palette.terms.overview,
      detail: palette.screen,
      icon: House,
      path: paths.home(),
    },
    ...[...serverPlaces(), ...settingsPlaces()].map(({ path, label, icon, key }) => ({
      key: path,
      label,
      terms: palette.terms[key],
      detail: palette.screen,
      icon,
      path,
    })),
    {
      key: "inbound",
      label: inbound.list,
      terms: palette.terms.inbound,
      detail: palette.screen,
      icon: Inbox,
      path: paths.inboundList(),
    },
  ];
}

function actionCommands(): Command[] {
  const { palette, app, overview, imports, server, settings, webhooks, inbound } = words();
  const { terms } = palette;
  const actions: Command[] = [
    { key: "backup", label: server.backups.create, icon: Archive, path: paths.backups(), act: makeBackup },
    { key: "new", label: overview.newCollection, terms: terms.newCollection, icon: Plus, path: paths.newCollection() },
    { key: "new-inbound", label: inbound.add, terms: terms.inbound, icon: Plus, path: paths.newInbound() },
    { key: "new-webhook", label: webhooks.add, terms: terms.webhooks, icon: Plus, path: paths.newWebhook() },
    { key: "import", label: imports.title, terms: terms.import, icon: FileInput, path: paths.import() },
    {
      key: "test-mail",
      label: settings.mail.testSend,
      terms: terms.mail,
      icon: MailCheck,
      path: paths.settings("mail"),
    },
    ...themeCommands(),
    ...languageCommands(),
    { key: "sign-out", label: app.signOut, terms: terms.signOut, icon: LogOut, act: requestSignOut },
  ];
  return actions.map((action) => ({ detail: palette.action, ...action }));
}

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };

function themeCommands(): Command[] {
  const { app, palette } = words();
  return THEMES.map((theme) => ({
    key: `theme ${theme}`,
    label: `${app.theme}: ${app.themes[theme]}`,
    terms: palette.terms.theme,
    icon: THEME_ICONS[theme],
    act: () => chooseTheme(theme),
  }));
}

function languageCommands(): Command[] {
  const { app, palette } = words();
  const others: Language[] = (["en", "de", "es"] as const).filter((language) => language !== currentLanguage());
  return others.map((language) => ({
    key: `language ${language}`,
    label: `${app.language}: ${LANGUAGES[language]}`,
    terms: palette.terms.language,
    icon: Languages,
    act: () => chooseLanguage(language),
  }));
}
