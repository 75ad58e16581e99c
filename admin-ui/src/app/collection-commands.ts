/** What the search of everything offers for each collection. */

import { CodeXml, Download, FileInput, KeyRound, Plus, ScanEye, Settings2, Table2, UsersRound } from "lucide-react";
import type { ExportFormat } from "#api/imports.ts";
import type { Collection } from "#api/types.ts";
import { paths } from "#lib/paths.ts";
import { words } from "#words/words.ts";
import type { Command } from "./command.ts";
import { exportRecords } from "./command-actions.ts";

const ICONS = { base: Table2, auth: UsersRound, view: ScanEye };
const FORMATS: readonly [ExportFormat, string][] = [
  ["csv", "CSV"],
  ["xlsx", "Excel"],
  ["json", "JSON"],
];

/** First what can be done in the collection that is open, then where one can go, then what can be done elsewhere. */
export function collectionCommands(collections: readonly Collection[], current: string | undefined): Command[] {
  const texts = words().palette;
  const open = collections.filter(({ name }) => name === current);
  const others = collections.filter(({ name }) => name !== current);
  return [
    ...open.flatMap(actionsIn),
    ...collections.map(({ name, type }) => ({
      key: `collection ${name}`,
      label: name,
      detail: texts.collection,
      icon: ICONS[type],
      path: paths.records(name),
    })),
    ...open.flatMap(structureOf),
    ...others.flatMap((collection) =>
      [...structureOf(collection), ...actionsIn(collection)].map((command) => ({ ...command, isMinor: true })),
    ),
  ];
}

function structureOf({ name, type }: Collection): Command[] {
  const { palette } = words();
  const { terms, structure: detail } = palette;
  const structure: Command = {
    key: `structure ${name}`,
    label: palette.structureOf(name),
    terms: terms.structure,
    detail,
    icon: Settings2,
    path: paths.editCollection(name),
  };
  const signIn: Command = {
    key: `sign-in ${name}`,
    label: palette.signInOf(name),
    terms: terms.signIn,
    detail,
    icon: KeyRound,
    path: paths.editCollection(name, { tab: "signIn" }),
  };
  const api: Command = {
    key: `api ${name}`,
    label: palette.apiOf(name),
    terms: terms.api,
    detail: palette.screen,
    icon: CodeXml,
    path: paths.api(name),
  };
  return type === "auth" ? [structure, signIn, api] : [structure, api];
}

function actionsIn({ name, type, system }: Collection): Command[] {
  const { palette } = words();
  const detail = palette.action;
  const exports = FORMATS.map(
    ([format, label]): Command => ({
      key: `export ${format} ${name}`,
      label: palette.exportOf(name, label),
      terms: palette.terms.export,
      detail,
      icon: Download,
      act: () => void exportRecords(name, format),
      isMinor: true,
    }),
  );
  if (type === "view" || system) return exports;
  return [
    {
      key: `record in ${name}`,
      label: palette.newRecordIn(name),
      terms: palette.terms.newRecord,
      detail,
      icon: Plus,
      path: paths.records(name, { create: "empty" }),
    },
    {
      key: `import into ${name}`,
      label: palette.importInto(name),
      terms: palette.terms.import,
      detail,
      icon: FileInput,
      path: paths.import({ into: name }),
    },
    ...exports,
  ];
}
