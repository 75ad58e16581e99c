/** Puts a filter together in words. The text behind it is one click away, and what words cannot say stays text. */

import { Code, ListFilter } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { Field } from "#api/types.ts";
import { FilterGroup, type FilterTools } from "#fields/filter/filter-group.tsx";
import { countConditions, type FilterField, type Group, operatorsOf } from "#lib/filter/model.ts";
import { readFilter } from "#lib/filter/read.ts";
import { writeFilter } from "#lib/filter/write.ts";
import { Button } from "#ui/button.tsx";
import { Popover } from "#ui/popover.tsx";
import { words } from "#words/words.ts";

type FilterPanelProps = FilterTools & {
  /** The filter in the address. */
  where: string;
  onChange: (where: string) => void;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  /** What the server says against the filter. */
  problem: string | null;
  /** The field whose header asked for a filter. */
  startField: Field | null;
};

export function FilterPanel(props: FilterPanelProps) {
  const { grid } = words();
  const { where, isOpen, onOpenChange, filterFields, startField } = props;
  const read = readFilter(where, filterFields);
  const count = where === "" ? 0 : read ? countConditions(read) : 1;
  const builder = useRef<HTMLDivElement>(null);
  const anchor = useMemo(() => (isOpen && startField ? placeOfHead(startField.name) : undefined), [isOpen, startField]);
  return (
    <Popover
      title={grid.filter}
      focusFirst={startField ? () => lastValue(builder.current) : undefined}
      align={anchor ? "start" : "end"}
      anchor={anchor}
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <Button
          title={grid.filter}
          icon={ListFilter}
          className={count > 0 ? "border-moss! bg-moss-wash! text-moss-strong!" : undefined}
        >
          <span className="max-[89rem]:sr-only">{grid.filter}</span>
          {count > 0 && <span className="tabular-nums">{count}</span>}
        </Button>
      }
    >
      {isOpen && (
        <div ref={builder}>
          <Builder {...props} read={read} />
        </div>
      )}
    </Popover>
  );
}

/** A column that asked for a filter has added a condition at the end, whose value is what there is to say. */
function lastValue(builder: HTMLElement | null): HTMLElement | null {
  const inputs = builder?.querySelectorAll<HTMLElement>("[data-condition-value] :is(input, select, button)");
  return inputs?.item(inputs.length - 1) ?? null;
}

/** Where the head of the column is now. It may go while the panel is open: a filter without matches hides the sheet. */
function placeOfHead(name: string) {
  const head = document.querySelector(`[role=columnheader][data-field="${CSS.escape(name)}"]`);
  const box = head?.getBoundingClientRect();
  return box && { getBoundingClientRect: () => box };
}

type BuilderProps = FilterPanelProps & { read: Group | null };

/** Mounted with the panel, so that it begins with what the address says. */
function Builder({ where, read, onChange, filterFields, fields, collections, problem, startField }: BuilderProps) {
  const { grid } = words();
  const [group, setGroup] = useState<Group>(() => begin(read ?? { join: "and", items: [] }, filterFields, startField));
  const [isText, setText] = useState(read === null);
  const [draft, setDraft] = useState(where);
  const change = (next: Group) => {
    setGroup(next);
    const text = writeFilter(next, filterFields);
    setDraft(text);
    if (text !== where) onChange(text);
  };
  const showWords = () => {
    const found = readFilter(draft, filterFields);
    if (!found) return;
    onChange(draft.trim());
    setGroup(found);
    setText(false);
  };
  const isReadable = readFilter(draft, filterFields) !== null;
  return (
    <div className="flex w-[38rem] max-w-[calc(100vw-3rem)] flex-col gap-3">
      {isText ? (
        <form
          className="flex flex-col gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            onChange(draft.trim());
          }}
        >
          <textarea
            aria-label={grid.filterText}
            value={draft}
            rows={4}
            spellCheck={false}
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onChange(draft.trim());
            }}
            className="rounded-lg border border-line-strong bg-surface p-2.5 font-mono text-[13px] leading-6"
          />
          {!isReadable && <p className="text-sm text-ink-soft">{grid.onlyText}</p>}
          <div className="flex flex-wrap justify-between gap-2">
            <Button onClick={showWords} disabled={!isReadable}>
              {grid.inWords}
            </Button>
            <Button type="submit" look="primary">
              {grid.apply}
            </Button>
          </div>
        </form>
      ) : (
        <>
          {group.items.length === 0 && <p className="text-sm text-ink-soft">{grid.noFilter}</p>}
          <FilterGroup group={group} tools={{ fields, filterFields, collections }} isInner={false} onChange={change} />
          <div className="flex flex-wrap justify-between gap-2 border-t border-line pt-2.5">
            <Button look="quiet" icon={Code} className="h-8! px-2!" onClick={() => setText(true)}>
              {grid.asText}
            </Button>
            {group.items.length > 0 && (
              <Button look="quiet" className="h-8! px-2!" onClick={() => change({ join: "and", items: [] })}>
                {grid.clearFilter}
              </Button>
            )}
          </div>
        </>
      )}
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
    </div>
  );
}

function begin(group: Group, fields: readonly FilterField[], startField: Field | null): Group {
  const field = fields.find(({ name }) => name === startField?.name);
  if (!field) return group;
  const condition = { field: field.name, operator: operatorsOf(field)[0] ?? "is", value: "" };
  if (group.join === "and") return { ...group, items: [...group.items, condition] };
  return { join: "and", items: [group, condition] };
}
