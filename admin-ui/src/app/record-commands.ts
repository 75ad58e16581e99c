/** Records that were found, as lines of the search of everything. */

import { ListFilter, Rows3 } from "lucide-react";
import { type FoundRecord, PER_COLLECTION } from "#api/search.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { searchedFields } from "#fields/search-filter.ts";
import { asText } from "#fields/values.ts";
import { htmlToText } from "#lib/html-text.ts";
import { paths } from "#lib/paths.ts";
import { withoutAccents } from "#lib/word-match.ts";
import { words } from "#words/words.ts";
import type { Command } from "./command.ts";

/** Around the place that fits. */
const LETTERS_BEFORE = 20;
const LETTERS = 80;

export function recordCommands(found: readonly FoundRecord[], collections: readonly Collection[], wanted: string) {
  const records = found.flatMap(({ collection: name, record }): Command[] => {
    const collection = collections.find((one) => one.name === name);
    if (!collection) return [];
    const label = recordName(record, collection.fields);
    return [
      {
        key: `record ${name} ${record.id}`,
        label,
        note: noteOf(record, collection, label, wanted),
        detail: name,
        icon: Rows3,
        path: paths.records(name, { record: record.id }),
      },
    ];
  });
  return [...records, ...allCommands(found, wanted)];
}

/** The way to those that there is no room for here. */
function allCommands(found: readonly FoundRecord[], wanted: string): Command[] {
  const counts = new Map<string, number>();
  for (const { collection } of found) counts.set(collection, (counts.get(collection) ?? 0) + 1);
  const full = [...counts].filter(([, count]) => count >= PER_COLLECTION);
  return full.map(([name]) => ({
    key: `all ${name}`,
    label: words().palette.allIn(name, wanted),
    icon: ListFilter,
    path: paths.records(name, { filter: wanted }),
  }));
}

/** Why it was found, where its name does not tell: `city: Mountain View`. */
function noteOf(record: StoredRecord, collection: Collection, label: string, wanted: string): string | undefined {
  const text = withoutAccents(wanted);
  if (text.split(/\s+/).every((word) => withoutAccents(label).includes(word))) return undefined;
  const { texts, numbers = [] } = searchedFields(collection);
  const types = new Map(collection.fields.map(({ name, type }) => [name, type]));
  for (const name of [...texts, ...numbers]) {
    const raw = asText(record[name]);
    const value = types.get(name) === "editor" ? htmlToText(raw) : raw;
    const at = withoutAccents(value).indexOf(text);
    if (at >= 0) return `${name}: ${excerpt(value, at)}`;
  }
  return undefined;
}

function excerpt(value: string, at: number): string {
  const from = at <= LETTERS_BEFORE ? 0 : at - LETTERS_BEFORE;
  const part = value.slice(from, from + LETTERS).replace(/\s+/g, " ");
  return `${from > 0 ? "…" : ""}${part}${from + LETTERS < value.length ? "…" : ""}`;
}
