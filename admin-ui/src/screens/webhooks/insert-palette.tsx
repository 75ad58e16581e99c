/** Buttons that put something about the record or the event into the message. */

import { ChevronDown } from "lucide-react";
import { useState } from "react";
import type { Insert } from "#lib/webhooks/inserts.ts";
import { Menu, MenuItem } from "#ui/menu.tsx";
import { words } from "#words/words.ts";
import type { InsertGroup } from "./record-inserts.ts";

type InsertPaletteProps = {
  /** Of the record. */
  groups: readonly InsertGroup[];
  onInsert: (insert: Insert) => void;
  onInsertLink: () => void;
  /** Where the focus goes when something was chosen from a menu; `null` for back to its button. */
  focusAfterChoice: () => HTMLElement | null;
};

const SHOWN = 14;
const CHIP =
  "inline-flex h-7 max-w-full items-center gap-1 truncate rounded-full border border-line bg-raised px-2.5 text-[13px] text-ink-soft hover:bg-sunken hover:text-ink";

export function InsertPalette({ groups, onInsert, onInsertLink, focusAfterChoice }: InsertPaletteProps) {
  const texts = words().webhooks;
  const [showsAll, setShowsAll] = useState(false);
  const general: Insert[] = [
    { label: texts.inserts.collection, expression: "collection" },
    { label: texts.inserts.action, expression: "action" },
    { label: texts.inserts.timestamp, expression: "timestamp" },
    { label: texts.inserts.app, expression: "app.name" },
  ];
  const shown = showsAll ? groups : groups.slice(0, SHOWN);
  const hidden = groups.length - shown.length;
  const chip = (insert: Insert) => (
    <button
      key={insert.expression}
      type="button"
      aria-label={texts.insertIt(insert.label)}
      title={`{{ ${insert.expression} }}`}
      onClick={() => onInsert(insert)}
      className={CHIP}
    >
      {insert.label}
    </button>
  );
  return (
    <fieldset className="flex min-w-0 flex-wrap items-center gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">{texts.insert}</legend>
      {shown.map((group) =>
        group.inserts === undefined ? (
          chip(group)
        ) : (
          <Menu
            key={group.label}
            align="start"
            focusAfterChoice={focusAfterChoice}
            trigger={
              <button type="button" aria-label={texts.insertFrom(group.label)} className={CHIP}>
                {group.label}
                <ChevronDown className="size-3.5" aria-hidden />
              </button>
            }
          >
            {group.inserts.map((insert) => (
              <MenuItem key={insert.expression} onSelect={() => onInsert(insert)}>
                {insert.label}
              </MenuItem>
            ))}
          </Menu>
        ),
      )}
      {general.map(chip)}
      <button type="button" aria-label={texts.insertIt(texts.inserts.record)} onClick={onInsertLink} className={CHIP}>
        {texts.inserts.record}
      </button>
      {hidden > 0 && (
        <button
          type="button"
          onClick={() => setShowsAll(true)}
          className="h-7 rounded-full px-2 text-[13px] text-moss-strong hover:underline"
        >
          {texts.moreFields(hidden)}
        </button>
      )}
    </fieldset>
  );
}
