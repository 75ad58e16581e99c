/** By what the rows are sorted, in order. The heads of the columns do the same one by one. */

import { ArrowDown, ArrowDownUp, ArrowUp, Plus, X } from "lucide-react";
import type { Collection, Field } from "#api/types.ts";
import { parseSort, type Sort, withoutSort, writeSort } from "#lib/sort-text.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { Popover } from "#ui/popover.tsx";
import { words } from "#words/words.ts";
import { sortedField, sortPath } from "./sort-path.ts";

type SortMenuProps = {
  fields: readonly Field[];
  collections: readonly Collection[];
  sort: string | undefined;
  onChange: (sort: string | undefined) => void;
};

const SELECT = "h-8 min-w-0 flex-1 rounded-lg border border-line bg-surface px-2 text-sm";
const UNSORTABLE = new Set(["json", "file", "geoPoint", "editor"]);

export function SortMenu({ fields, collections, sort, onChange }: SortMenuProps) {
  const { grid } = words();
  const sorts = parseSort(sort);
  const set = (next: readonly Sort[]) => onChange(writeSort(next));
  const put = (index: number, next: Sort) => set(sorts.map((old, at) => (at === index ? next : old)));
  const free = fields
    .filter(({ name, type }) => !UNSORTABLE.has(type) && !sorts.some(({ field }) => sortedField(field) === name))
    .map((field) => ({ name: field.name, path: sortPath(field, collections) }));
  const [first] = free;
  return (
    <Popover
      title={grid.sort}
      trigger={
        <Button
          title={grid.sort}
          icon={ArrowDownUp}
          className={sorts.length > 0 ? "border-moss! bg-moss-wash! text-moss-strong!" : undefined}
        >
          <span className="max-[89rem]:sr-only">{grid.sort}</span>
          {sorts.length > 0 && <span className="tabular-nums">{sorts.length}</span>}
        </Button>
      }
    >
      <div className="flex w-80 max-w-[calc(100vw-3rem)] flex-col gap-2">
        {sorts.length === 0 && <p className="text-sm text-ink-soft">{grid.notSorted}</p>}
        {sorts.map((entry, index) => (
          <div key={entry.field} className="flex items-center gap-1.5">
            <select
              aria-label={grid.column}
              value={entry.field}
              onChange={(event) => put(index, { ...entry, field: event.target.value })}
              className={SELECT}
            >
              <option value={entry.field}>{sortedField(entry.field)}</option>
              {free.map(({ name, path }) => (
                <option key={path} value={path}>
                  {name}
                </option>
              ))}
            </select>
            <IconButton
              label={entry.isDescending ? grid.sortedDown : grid.sortedUp}
              icon={entry.isDescending ? ArrowDown : ArrowUp}
              look="plain"
              className="size-8!"
              onClick={() => put(index, { ...entry, isDescending: !entry.isDescending })}
            />
            <IconButton
              label={grid.unsort}
              icon={X}
              className="size-8!"
              onClick={() => set(withoutSort(sorts, entry.field))}
            />
          </div>
        ))}
        {first && (
          <Button
            look="quiet"
            icon={Plus}
            className="h-8! self-start px-2!"
            onClick={() => set([...sorts, { field: first.path, isDescending: false }])}
          >
            {grid.addSort}
          </Button>
        )}
      </div>
    </Popover>
  );
}
