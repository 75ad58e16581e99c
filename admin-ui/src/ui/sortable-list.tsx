/** A short list whose items can be put into another order: by dragging a handle, or with two buttons each. */

import { ChevronDown, ChevronUp, GripVertical } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "#lib/class-names.ts";
import { moveItem } from "#lib/move-item.ts";
import { words } from "#words/words.ts";
import { useRowDrag } from "./use-row-drag.ts";

type SortableListProps<Item> = {
  items: readonly Item[];
  keyOf: (item: Item) => string;
  /** What the item is called, for the names of its buttons. */
  nameOf: (item: Item) => string;
  /** Absent where the order means nothing. */
  onOrder?: (items: Item[]) => void;
  children: (item: Item) => ReactNode;
};

export function SortableList<Item>({ items, keyOf, nameOf, onOrder, children }: SortableListProps<Item>) {
  const move = (from: number, to: number) => {
    if (from >= 0 && to >= 0 && to < items.length) onOrder?.(moveItem(items, from, to));
  };
  const indexOf = (key: string) => items.findIndex((item) => keyOf(item) === key);
  const drag = useRowDrag((dragged, target) => move(indexOf(dragged), indexOf(target)));
  return (
    <ul className="flex flex-col gap-1">
      {items.map((item, index) => (
        <li
          key={keyOf(item)}
          data-drag-row={keyOf(item)}
          className={classNames(
            "flex min-h-10 items-center gap-1 rounded-lg border bg-raised py-0.5 pr-1 text-sm",
            onOrder ? "pl-0.5" : "pl-3",
            drag.draggedKey === keyOf(item) ? "border-moss opacity-60" : "border-line",
          )}
        >
          {onOrder && (
            <span
              aria-hidden
              onPointerDown={(event) => drag.start(event, keyOf(item))}
              className="flex h-9 w-6 shrink-0 cursor-grab touch-none items-center justify-center text-ink-soft select-none active:cursor-grabbing"
            >
              <GripVertical className="size-4" />
            </span>
          )}
          {children(item)}
          {onOrder && (
            <span className="flex shrink-0">
              <Step
                label={words().inputs.earlier(nameOf(item))}
                isOff={index === 0}
                onStep={() => move(index, index - 1)}
                icon={ChevronUp}
              />
              <Step
                label={words().inputs.later(nameOf(item))}
                isOff={index === items.length - 1}
                onStep={() => move(index, index + 1)}
                icon={ChevronDown}
              />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

type StepProps = { label: string; isOff: boolean; onStep: () => void; icon: typeof ChevronUp };

/** Stays reachable at the end of its way, so that the keyboard's place is not lost. */
function Step({ label, isOff, onStep, icon: Icon }: StepProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-disabled={isOff || undefined}
      onClick={isOff ? undefined : onStep}
      className="flex h-7 w-6 items-center justify-center rounded-md text-ink-soft not-aria-disabled:hover:bg-sunken not-aria-disabled:hover:text-ink aria-disabled:opacity-40"
    >
      <Icon className="size-4" aria-hidden />
    </button>
  );
}
