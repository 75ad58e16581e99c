/**
 * A search box that offers earlier searches in a list below it: a combobox with a grid, because each line has a second
 * cell that removes it. The focus stays in the box. The arrow keys go through the list, Enter takes the current cell,
 * Delete removes the current line, and Escape closes the list, or empties the box if it is closed.
 */

import { History, ListFilter, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import type { PastSearch } from "#lib/past-searches.ts";
import { words } from "#words/words.ts";
import { SearchInput, type SearchInputProps } from "./search-input.tsx";
import type { PastSearches } from "./use-past-searches.ts";

type SearchWithHistoryProps = Omit<SearchInputProps, "input" | "children"> & {
  past: PastSearches;
  onChoose: (search: PastSearch) => void;
  /** The box is left, or Enter was pressed in it. */
  onDone: () => void;
  /** How a search is written in the list, if not as it was typed. */
  show?: (search: PastSearch) => ReactNode;
};

/** The line below the last search empties the list. */
type Cell = { line: number; isRemoval: boolean };

export function SearchWithHistory({ past, onChoose, onDone, show, ...box }: SearchWithHistoryProps) {
  const id = useId();
  const [isWanted, setWanted] = useState(false);
  const [active, setActive] = useState<Cell | null>(null);
  const input = useRef<HTMLInputElement>(null);
  // The window lost the focus, and the box with it. It gets it back unasked.
  const isAway = useRef(false);
  const { searches } = past;
  const isOpen = isWanted && searches.length > 0;
  // The list is shorter after a removal.
  const current = active && isOpen ? { ...active, line: Math.min(active.line, searches.length) } : null;

  const close = () => {
    setWanted(false);
    setActive(null);
  };
  const choose = (search: PastSearch) => {
    close();
    onChoose(search);
  };
  const clear = () => {
    close();
    past.clear();
  };
  const forget = (search: PastSearch) => {
    past.forget(search);
    if (searches.length === 1) close();
  };
  const takeCurrent = ({ line, isRemoval }: Cell) => {
    const search = searches[line];
    if (!search) clear();
    else if (isRemoval) forget(search);
    else choose(search);
  };
  const onListKey = (key: string): boolean => {
    const line = current?.line ?? -1;
    const to = (next: number) =>
      setActive(next < 0 ? null : { line: Math.min(next, searches.length), isRemoval: false });
    if (key === "ArrowDown") to(line + 1);
    else if (key === "ArrowUp") to(current ? line - 1 : searches.length);
    else if (key === "Escape") close();
    else if (!current) return false;
    else if (key === "Enter") takeCurrent(current);
    else if (key === "ArrowRight") setActive({ line, isRemoval: line < searches.length });
    else if (key === "ArrowLeft") setActive({ line, isRemoval: false });
    else if (key === "Delete" && searches[line]) forget(searches[line]);
    else return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (isArrow && searches.length > 0) setWanted(true);
    if ((isOpen || (isArrow && searches.length > 0)) && onListKey(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === "Escape" && box.value !== "") {
      event.preventDefault();
      box.onChange("");
    }
    if (event.key === "Enter") {
      close();
      onDone();
    }
  };
  const cellId = ({ line, isRemoval }: Cell) => `${id}-${line}${isRemoval ? "-remove" : ""}`;
  return (
    <SearchInput
      {...box}
      onChange={(value) => {
        close();
        box.onChange(value);
      }}
      input={{
        ref: input,
        // A search box by its type, but only a text box may be a combobox.
        type: "text",
        enterKeyHint: "search",
        autoComplete: "off",
        role: "combobox",
        "aria-haspopup": "grid",
        "aria-expanded": isOpen,
        "aria-controls": isOpen ? id : undefined,
        "aria-activedescendant": current ? cellId(current) : undefined,
        onKeyDown,
        onFocus: () => {
          if (!isAway.current) setWanted(true);
          isAway.current = false;
        },
        onClick: () => setWanted(true),
        onBlur: () => {
          isAway.current = document.activeElement === input.current;
          close();
          onDone();
        },
      }}
    >
      {isOpen && (
        // biome-ignore lint/a11y/noStaticElementInteractions: only keeps the focus where it is
        <div
          onMouseDown={(event) => event.preventDefault()}
          className="absolute top-full right-0 left-0 z-40 mt-1 rounded-xl border border-line bg-raised p-1 text-sm shadow-lg md:left-auto md:w-max md:max-w-[28rem] md:min-w-full"
        >
          {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the pattern of a combobox with a grid */}
          <table id={id} role="grid" aria-label={words().common.pastSearches} className="w-full table-fixed">
            <tbody>
              {searches.map((search, line) => (
                <Line
                  key={`${search.kind} ${search.text}`}
                  search={search}
                  textId={cellId({ line, isRemoval: false })}
                  removeId={cellId({ line, isRemoval: true })}
                  active={current?.line === line ? (current.isRemoval ? "remove" : "text") : null}
                  onChoose={() => choose(search)}
                  onRemove={() => forget(search)}
                >
                  {show?.(search) ?? search.text}
                </Line>
              ))}
              <tr>
                <td colSpan={2} className="border-t border-line pt-1">
                  <button
                    type="button"
                    tabIndex={-1}
                    id={cellId({ line: searches.length, isRemoval: false })}
                    onClick={clear}
                    className={classNames(LINE, "text-ink-soft", current?.line === searches.length && ACTIVE)}
                  >
                    {words().common.clearPastSearches}
                  </button>
                </td>
              </tr>
            </tbody>
          </table>
        </div>
      )}
    </SearchInput>
  );
}

const LINE = "flex h-8 w-full items-center gap-2 rounded-lg px-2 text-left hover:bg-sunken";
const ACTIVE = "bg-moss-wash text-moss-strong outline-2 -outline-offset-2 outline-moss";

type LineProps = {
  search: PastSearch;
  textId: string;
  removeId: string;
  /** Which of its cells is the current one. */
  active: "text" | "remove" | null;
  onChoose: () => void;
  onRemove: () => void;
  children: ReactNode;
};

/** The keyboard reaches its buttons through the box, which keeps the focus. */
function Line({ search, textId, removeId, active, onChoose, onRemove, children }: LineProps) {
  const Icon = search.kind === "built" ? ListFilter : History;
  return (
    <tr>
      <td>
        <button
          type="button"
          tabIndex={-1}
          id={textId}
          title={search.text}
          onClick={onChoose}
          className={classNames(LINE, active === "text" && ACTIVE)}
        >
          <Icon className="size-4 shrink-0 text-ink-soft" aria-hidden />
          <span className="min-w-0 truncate">{children}</span>
        </button>
      </td>
      <td className="w-8">
        <button
          type="button"
          tabIndex={-1}
          id={removeId}
          aria-label={words().common.removePastSearch(search.text)}
          title={words().common.remove}
          onClick={onRemove}
          className={classNames(
            "flex size-8 items-center justify-center rounded-lg text-ink-soft hover:bg-sunken hover:text-ink",
            active === "remove" && ACTIVE,
          )}
        >
          <X className="size-4" aria-hidden />
        </button>
      </td>
    </tr>
  );
}
