/** One search for everything: collections, records by their name, screens, settings and actions. */

import { Dialog } from "@base-ui/react/dialog";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import type { SearchedCollection } from "#api/search.ts";
import type { Collection } from "#api/types.ts";
import { namingFields } from "#fields/record-name.ts";
import { searchedFields } from "#fields/search-filter.ts";
import { classNames } from "#lib/class-names.ts";
import { useDelayed } from "#ui/use-delayed.ts";
import { words } from "#words/words.ts";
import type { Command } from "./command.ts";
import { allCommands, findCommands } from "./commands.ts";
import { collectionAt, recentCollections, recentFirst } from "./recent-collections.ts";
import { recordCommands } from "./record-commands.ts";
import { useFoundRecords } from "./use-found-records.ts";

/** Typing is faster than the server's answers are useful. */
const WAIT_MS = 200;
const SUPERUSERS = "_superusers";

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
  const cache = useQueryClient();
  const { commands, isSearching, isComplete } = useCommands(typed);
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
    command.act?.(cache);
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
        {isSearching ? texts.searching : commands.length === 0 ? texts.none : isComplete ? texts.keys : texts.partial}
      </p>
    </>
  );
}

function useCommands(typed: string) {
  const router = useRouter();
  const [{ current, recent }] = useState(() => {
    const current = collectionAt(router.state.location.pathname);
    return { current, recent: [...(current === undefined ? [] : [current]), ...recentCollections()] };
  });
  const { data } = useQuery(collectionsQuery());
  const collections = useMemo(() => {
    const own = recentFirst(data?.filter(({ system }) => !system) ?? [], [...new Set(recent)]);
    return [...own, ...(data?.filter(({ system }) => system) ?? [])];
  }, [data, recent]);
  // Of what Steading keeps for itself, only people are searched for.
  const searched = useMemo(
    () => collections.filter(({ system, name }) => !system || name === SUPERUSERS).map(asSearched),
    [collections],
  );
  const wanted = useDelayed(typed.trim(), WAIT_MS);
  const { found, isOver, isComplete } = useFoundRecords(searched, wanted);
  const known = findCommands(allCommands(collections, current), typed);
  return {
    commands: [...known, ...recordCommands(found, collections, wanted)],
    isSearching: !isOver || wanted !== typed.trim(),
    isComplete,
  };
}

function asSearched(collection: Collection): SearchedCollection {
  return {
    name: collection.name,
    fields: searchedFields(collection),
    nameFields: namingFields(collection.fields),
  };
}

type OptionProps = { id: string; command: Command; isActive: boolean; onPoint: () => void; onChoose: () => void };

function Option({ id, command: { label, note, detail, icon: Icon }, isActive, onPoint, onChoose }: OptionProps) {
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
      <span className="flex min-w-0 flex-1 items-baseline gap-2">
        <span className={classNames("truncate", note !== undefined && "max-w-3/5 shrink-0")}>{label}</span>
        {note !== undefined && (
          <span className={classNames("truncate text-[13px]", !isActive && "text-ink-soft")}>{note}</span>
        )}
      </span>
      {detail && <span className={classNames("shrink-0", !isActive && "text-ink-soft")}>{detail}</span>}
    </div>
  );
}
