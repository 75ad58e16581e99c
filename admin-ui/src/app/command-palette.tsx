/** One search for everything: collections, records by their name, screens, settings and actions. */

import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { foundRecordsQuery } from "#api/search.ts";
import { namingFields, recordName } from "#fields/record-name.ts";
import { classNames } from "#lib/class-names.ts";
import { paths } from "#lib/paths.ts";
import { useDelayed } from "#ui/use-delayed.ts";
import { words } from "#words/words.ts";
import { type Command, collectionCommands, matches, staticCommands } from "./commands.ts";

/** Typing is faster than the server's answers are useful. */
const WAIT_MS = 200;
const MIN_LETTERS = 2;

export function CommandPalette({ onClose }: { onClose: () => void }) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-50 bg-black/30 dark:bg-black/55" />
        <Dialog.Popup
          aria-label={words().palette.open}
          className="fixed top-[12dvh] left-1/2 z-50 flex max-h-[70dvh] w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 flex-col overflow-hidden rounded-2xl border border-line bg-surface shadow-2xl outline-none"
        >
          <Palette onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Palette({ onClose }: { onClose: () => void }) {
  const texts = words().palette;
  const router = useRouter();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const { commands, isSearching } = useCommands(typed);
  const current = Math.min(active, commands.length - 1);

  // Before the dialog does it: the next letters belong here.
  useLayoutEffect(() => input.current?.focus(), []);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    if (command.path !== undefined) router.history.push(command.path);
    command.act?.();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setActive((current + step + commands.length) % Math.max(commands.length, 1));
    }
    if (event.key === "Enter") {
      event.preventDefault();
      run(commands[current]);
    }
  };
  return (
    <>
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search className="size-4.5 shrink-0 text-ink-soft" aria-hidden />
        <input
          role="combobox"
          aria-label={texts.label}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={commands.length > 0 ? `${id}-${current}` : undefined}
          placeholder={texts.label}
          value={typed}
          spellCheck={false}
          autoComplete="off"
          ref={input}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className="h-13 min-w-0 flex-1 bg-transparent outline-none placeholder:text-ink-soft"
        />
      </div>
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={texts.results}
        className="min-h-0 overflow-y-auto p-2"
      >
        {commands.map((command, index) => (
          <Option
            key={command.key}
            id={`${id}-${index}`}
            command={command}
            isActive={index === current}
            onPoint={() => setActive(index)}
            onChoose={() => run(command)}
          />
        ))}
      </div>
      <p role="status" className="border-t border-line px-4 py-2 text-sm text-ink-soft">
        {commands.length === 0 && !isSearching ? texts.none : isSearching ? texts.searching : texts.keys}
      </p>
    </>
  );
}

function useCommands(typed: string): { commands: Command[]; isSearching: boolean } {
  const wanted = useDelayed(typed.trim(), WAIT_MS);
  const { data: collections = [] } = useQuery(collectionsQuery());
  const searched = collections.filter(({ system }) => !system);
  const records = useQuery({
    ...foundRecordsQuery(
      searched.map((collection) => ({ name: collection.name, fields: namingFields(collection.fields) })),
      wanted,
    ),
    enabled: wanted.length >= MIN_LETTERS,
  });
  const known = [...collectionCommands(collections), ...staticCommands()].filter(({ label }) => matches(label, typed));
  const found = wanted.length >= MIN_LETTERS ? (records.data ?? []) : [];
  const recordCommands = found.map(({ collection, record }): Command => {
    const fields = collections.find(({ name }) => name === collection)?.fields ?? [];
    return {
      key: `record ${collection} ${record.id}`,
      label: recordName(record, fields),
      detail: collection,
      path: paths.records(collection, { record: record.id }),
    };
  });
  return { commands: [...known, ...recordCommands], isSearching: records.isFetching };
}

type OptionProps = { id: string; command: Command; isActive: boolean; onPoint: () => void; onChoose: () => void };

function Option({ id, command: { label, detail, icon: Icon }, isActive, onPoint, onChoose }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the focus and the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the combobox points to it with aria-activedescendant
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      onPointerMove={onPoint}
      onClick={onChoose}
      className={classNames(
        "flex cursor-default items-center gap-2.5 rounded-lg px-2.5 py-2 text-sm",
        isActive && "bg-moss-wash text-moss-strong",
      )}
    >
      {Icon ? <Icon className="size-4 shrink-0" aria-hidden /> : <span className="size-4 shrink-0" />}
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {detail && <span className={classNames("shrink-0", !isActive && "text-ink-soft")}>{detail}</span>}
    </div>
  );
}
