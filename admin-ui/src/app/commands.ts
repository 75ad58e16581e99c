/** What the search of everything offers besides records. */

import {
  FileInput,
  House,
  LogOut,
  type LucideIcon,
  Moon,
  Plus,
  ScanEye,
  Settings2,
  Sun,
  Table2,
  UsersRound,
} from "lucide-react";
import { signOut } from "#api/session.ts";
import type { Collection } from "#api/types.ts";
import { paths } from "#lib/paths.ts";
import { chooseTheme } from "#lib/theme.ts";
import { words } from "#words/words.ts";
import { serverPlaces, settingsPlaces } from "./navigation.ts";

export type Command = {
  key: string;
  label: string;
  /** What kind of thing it is, in a word. */
  detail?: string;
  icon?: LucideIcon;
  path?: string;
  act?: () => void;
};

const ICONS = { base: Table2, auth: UsersRound, view: ScanEye };

export function collectionCommands(collections: readonly Collection[]): Command[] {
  const texts = words().palette;
  const own = collections.filter(({ system }) => !system);
  const builtIn = collections.filter(({ system }) => system);
  return [...own, ...builtIn].flatMap(({ name, type }) => [
    { key: `collection ${name}`, label: name, detail: texts.collection, icon: ICONS[type], path: paths.records(name) },
    {
      key: `structure ${name}`,
      label: texts.structureOf(name),
      detail: texts.structure,
      icon: Settings2,
      path: paths.editCollection(name),
    },
  ]);
}

export function staticCommands(): Command[] {
  const texts = words().palette;
  const places = [...serverPlaces(), ...settingsPlaces()];
  return [
    { key: "overview", label: words().app.overview, detail: texts.screen, icon: House, path: paths.home() },
    ...places.map(({ path, label, icon }) => ({ key: path, label, detail: texts.screen, icon, path })),
    {
      key: "new",
      label: words().overview.newCollection,
      detail: texts.action,
      icon: Plus,
      path: paths.newCollection(),
    },
    { key: "import", label: words().imports.title, detail: texts.action, icon: FileInput, path: paths.import() },
    { key: "light", label: texts.light, detail: texts.action, icon: Sun, act: () => chooseTheme("light") },
    { key: "dark", label: texts.dark, detail: texts.action, icon: Moon, act: () => chooseTheme("dark") },
    { key: "sign-out", label: words().app.signOut, detail: texts.action, icon: LogOut, act: signOut },
  ];
}

/** Every typed word has to begin a word of the label. Case and accents do not count. */
export function matches(label: string, typed: string): boolean {
  const words = ` ${plain(label).replace(/[^\p{L}\p{N}]+/gu, " ")}`;
  return plain(typed)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .every((word) => words.includes(` ${word}`));
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
