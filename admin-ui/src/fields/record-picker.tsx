/** Chooses one record of a collection by searching for it. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { recordSearchQuery } from "#api/records.ts";
import type { Collection } from "#api/types.ts";
import { FilterProblem } from "#fields/filter-problem.tsx";
import { recordName } from "#fields/record-name.ts";
import { recordNotes } from "#fields/record-notes.ts";
import { searchFilter } from "#fields/search-filter.ts";
import { classNames } from "#lib/class-names.ts";
import { SearchInput } from "#ui/search-input.tsx";
import { useDelayed } from "#ui/use-delayed.ts";
import { words } from "#words/words.ts";

type RecordPickerProps = {
  label: string;
  collection: Collection;
  /** The id of the chosen record; empty for none. */
  value: string;
  error?: string;
  onChange: (id: string) => void;
};

const PAUSE_MS = 250;

export function RecordPicker({ label, collection, value, error, onChange }: RecordPickerProps) {
  const say = words().rules;
  const [typed, setTyped] = useState("");
  const asked = useDelayed(typed, PAUSE_MS);
  const filter = searchFilter(collection, asked);
  const { data: records, error: problem } = useQuery({
    ...recordSearchQuery(collection.name, filter),
    placeholderData: keepPreviousData,
  });
  const notes = recordNotes(records ?? [], collection.fields);
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">{label}</legend>
      <SearchInput label={say.recordPlaceholder} value={typed} onChange={setTyped} />
      {problem && !records && <FilterProblem error={problem} sent={filter} typed={asked} onType={setTyped} />}
      {records?.length === 0 && <p className="px-1 text-sm text-ink-soft">{say.noRecords}</p>}
      <ul className="flex max-h-44 flex-col gap-0.5 overflow-y-auto">
        {records?.map((record) => (
          <li key={record.id}>
            <label
              className={classNames(
                "flex items-center gap-2 rounded-lg px-2 py-1 text-sm has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-moss",
                record.id === value ? "bg-moss-wash text-moss-strong" : "hover:bg-sunken",
              )}
            >
              <input
                type="radio"
                name={`${label}-${collection.id}`}
                className="sr-only"
                checked={record.id === value}
                onChange={() => onChange(record.id)}
              />
              <span className="min-w-0 flex-1 truncate">{recordName(record, collection.fields)}</span>
              <span className="max-w-1/2 shrink-0 truncate text-xs text-ink-soft">{notes.get(record.id)}</span>
            </label>
          </li>
        ))}
      </ul>
      {error && <p className="text-sm text-danger">{error}</p>}
    </fieldset>
  );
}
