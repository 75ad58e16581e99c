/** The list of a choice. Typing narrows it down, Enter and a click choose. */

import { Check } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { Badge } from "#ui/badge.tsx";
import { words } from "#words/words.ts";
import { CellPopover } from "../cell-popover.tsx";
import type { EditorProps, Then } from "../field-editing.ts";
import { asList } from "../values.ts";

export function SelectEditor({ field, value, typed, label, onValue, onCancel }: EditorProps) {
  const { grid, common } = words();
  const id = useId();
  const isMultiple = (field.maxSelect ?? 1) > 1;
  const [chosen, setChosen] = useState(() => asList(value));
  const [search, setSearch] = useState(typed?.trim() ?? "");
  const [wanted, setWanted] = useState(0);
  const choices = matching(field.values ?? [], search);
  // The last entry takes the choice away.
  const canEmpty = search === "" && !field.required && chosen.length > 0;
  const count = choices.length + (canEmpty ? 1 : 0);
  const active = Math.max(0, Math.min(wanted, count - 1));

  const save = (list: string[], then: Then) => onValue(isMultiple ? list : (list[0] ?? ""), then);
  const leave = (then: Then) => {
    const before = asList(value);
    if (before.length === chosen.length && before.every((choice, index) => choice === chosen[index])) onCancel();
    else save(chosen, then);
  };
  const pick = (index: number, then: Then) => {
    const choice = choices[index];
    if (choice === undefined) save([], then);
    else if (!isMultiple) save([choice], then);
    else setChosen(chosen.includes(choice) ? chosen.filter((other) => other !== choice) : [...chosen, choice]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setWanted(active + 1);
    else if (event.key === "ArrowUp") setWanted(Math.max(0, active - 1));
    else if (event.key === "Enter" && event.ctrlKey) leave("stay");
    else if (event.key === "Enter" && count > 0) pick(active, "stay");
    else if (event.key === "Tab")
      isMultiple || count === 0
        ? leave(event.shiftKey ? "left" : "right")
        : pick(active, event.shiftKey ? "left" : "right");
    else return;
    event.preventDefault();
  };
  return (
    <CellPopover label={label} onLeave={() => leave("stay")} onCancel={onCancel}>
      <input
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={count > 0 ? `${id}-${active}` : undefined}
        aria-label={label}
        placeholder={grid.findChoice}
        autoComplete="off"
        spellCheck={false}
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setWanted(0);
        }}
        onKeyDown={onKeyDown}
        className="mb-1.5 h-8 w-full rounded-lg border border-line bg-surface px-2.5 text-sm placeholder:text-ink-soft focus-visible:outline-offset-0"
      />
      {count === 0 && <p className="px-2 py-1 text-sm text-ink-soft">{grid.noChoice}</p>}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        aria-multiselectable={isMultiple}
        className="max-h-64 overflow-y-auto"
      >
        {Array.from({ length: count }, (_, index) => {
          const choice = choices[index];
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the search box above keeps the focus and has the keys
            <div
              key={choice ?? ""}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={choice !== undefined && chosen.includes(choice)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(index, "stay")}
              className={classNames(
                "flex cursor-pointer items-center gap-2 rounded-lg px-2 py-1 text-sm",
                index === active ? "bg-sunken" : "hover:bg-sunken/60",
              )}
            >
              <span className="min-w-0 flex-1 truncate">
                {choice === undefined ? <span className="text-ink-soft">{common.none}</span> : <Badge text={choice} />}
              </span>
              {choice !== undefined && chosen.includes(choice) && (
                <Check className="size-4 shrink-0 text-moss-strong" aria-hidden />
              )}
            </div>
          );
        })}
      </div>
    </CellPopover>
  );
}

/** What begins with the words comes first. */
function matching(choices: readonly string[], search: string): string[] {
  const word = search.trim().toLowerCase();
  const begins = choices.filter((choice) => choice.toLowerCase().startsWith(word));
  const contains = choices.filter((choice) => !begins.includes(choice) && choice.toLowerCase().includes(word));
  return [...begins, ...contains];
}
