/**
 * Finds records of a collection by their words and chooses among them: a search box over a list, for a popover. The
 * focus stays in the box; the arrow keys move through the list, Enter chooses, as soon as the list is about what was typed.
 */

import { useQuery } from "@tanstack/react-query";
import { Check, Plus } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { candidatesQuery } from "#api/candidates.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { classNames } from "#lib/class-names.ts";
import { words } from "#words/words.ts";
import { FilterProblem } from "../filter-problem.tsx";
import { recordName } from "../record-name.ts";
import { recordNotes } from "../record-notes.ts";
import { searchFilter } from "../search-filter.ts";

const PAUSE_MS = 200;

type RelationPickerProps = {
  target: Collection;
  /** Ids that are chosen now. */
  chosen: readonly string[];
  /** Chooses a record, or takes one that is chosen back. */
  onToggle: (record: StoredRecord) => void;
  /** Makes a new record out of what was typed. */
  onCreate?: (typed: string) => void;
  /** Stands in the box when it opens. */
  typedAtFirst?: string;
};

export function RelationPicker({ target, chosen, onToggle, onCreate, typedAtFirst = "" }: RelationPickerProps) {
  const { inputs } = words();
  const listId = useId();
  const [typed, setTyped] = useState(typedAtFirst);
  const [active, setActive] = useState(0);
  const asked = usePaused(typed);
  const filter = searchFilter(target, asked);
  const { data: found, error, isPending, isPlaceholderData } = useQuery(candidatesQuery(target, filter));
  const records = found ?? [];
  const notes = recordNotes(records, target.fields);
  const canCreate = onCreate !== undefined;
  const count = records.length + (canCreate ? 1 : 0);
  const current = Math.min(active, Math.max(count - 1, 0));
  // Until then the list is about what was typed before.
  const isAnswered = asked === typed && !isPending && !isPlaceholderData;
  const [isEntered, setEntered] = useState(false);

  const choose = (index: number) => {
    const record = records[index];
    if (record) onToggle(record);
    else if (index === records.length) onCreate?.(typed.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const move = moves[event.key];
    if (move !== undefined) setActive(Math.max(0, Math.min(count - 1, current + move)));
    else if (event.key === "Enter") setEntered(true);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    if (!isEntered || !isAnswered) return;
    setEntered(false);
    choose(current);
  });
  return (
    <div className="flex w-80 max-w-full flex-col gap-2">
      <input
        // The popover was opened to type.
        // biome-ignore lint/a11y/noAutofocus: see above
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={count > 0 ? `${listId}-${current}` : undefined}
        aria-label={inputs.findIn(target.name)}
        placeholder={inputs.findIn(target.name)}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={({ target: box }) => {
          setTyped(box.value);
          setActive(0);
          setEntered(false);
        }}
        onKeyDown={onKeyDown}
        className="h-9 w-full rounded-lg border border-line bg-surface px-3 text-sm placeholder:text-ink-soft focus-visible:outline-offset-0"
      />
      {error && !found && <FilterProblem error={error} sent={filter} typed={asked} onType={setTyped} />}
      {found?.length === 0 && <p className="px-2 py-1 text-sm text-ink-soft">{inputs.nothingFound}</p>}
      <div
        id={listId}
        role="listbox"
        aria-label={target.name}
        aria-multiselectable
        className="max-h-64 overflow-y-auto"
      >
        {records.map((record, index) => (
          <Option
            key={record.id}
            id={`${listId}-${index}`}
            isActive={index === current}
            isChosen={chosen.includes(record.id)}
            onChoose={() => choose(index)}
          >
            <RecordLine name={recordName(record, target.fields)} note={notes.get(record.id) ?? ""} />
          </Option>
        ))}
        {canCreate && (
          <Option
            id={`${listId}-${records.length}`}
            isActive={current === records.length}
            isChosen={false}
            onChoose={() => choose(records.length)}
          >
            <span className="flex min-w-0 flex-1 items-center gap-2 text-moss-strong">
              <Plus className="size-4 shrink-0" aria-hidden />
              <span className="truncate">
                {typed.trim() === "" ? inputs.createIn(target.name) : inputs.createNamed(typed.trim())}
              </span>
            </span>
          </Option>
        )}
      </div>
    </div>
  );
}

type OptionProps = {
  id: string;
  isActive: boolean;
  isChosen: boolean;
  onChoose: () => void;
  children: React.ReactNode;
};

/** The keyboard reaches it through the search box, which keeps the focus. */
function Option({ id, isActive, isChosen, onChoose, children }: OptionProps) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) line.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      ref={line}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
      className={classNames(
        "flex cursor-pointer items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm",
        isActive ? "bg-sunken" : "hover:bg-sunken/60",
      )}
    >
      {children}
      {isChosen && <Check className="size-4 shrink-0 text-moss-strong" aria-hidden />}
    </div>
  );
}

function RecordLine({ name, note }: { name: string; note: string }) {
  return (
    <span className="flex min-w-0 flex-1 items-baseline gap-2">
      <span className="truncate">{name}</span>
      {note !== name && <span className="ml-auto max-w-1/2 shrink-0 truncate text-xs text-ink-soft">{note}</span>}
    </span>
  );
}

/** What was typed, once typing pauses. */
function usePaused(typed: string): string {
  const [paused, setPaused] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return paused;
}
