/** A short list whose items can be put into another order: by dragging, or with two buttons each. */

import { ChevronDown, ChevronUp, GripVertical } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { moveItem } from "#lib/move-item.ts";
import { words } from "#words/words.ts";

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
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const list = useRef<HTMLUListElement>(null);

  const move = (from: number, to: number) => {
    if (to >= 0 && to < items.length) onOrder?.(moveItem(items, from, to));
  };
  const drop = (event: DragEvent, to: number) => {
    if (dragged === null) return;
    event.preventDefault();
    event.stopPropagation();
    move(dragged, to);
    setDragged(null);
    setOver(null);
  };
  return (
    <ul ref={list} className="flex flex-col gap-1">
      {items.map((item, index) => (
        <li
          key={keyOf(item)}
          onDragOver={(event) => {
            if (dragged === null) return;
            event.preventDefault();
            setOver(index);
          }}
          onDrop={(event) => drop(event, index)}
          className={classNames(
            "flex min-h-10 items-center gap-1 rounded-lg border bg-raised py-0.5 pr-1 text-sm",
            onOrder ? "pl-0.5" : "pl-3",
            over === index && dragged !== null && dragged !== index ? "border-moss" : "border-line",
            dragged === index && "opacity-50",
          )}
        >
          {onOrder && (
            <span
              draggable
              aria-hidden
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = "move";
                event.dataTransfer.setData("text/plain", nameOf(item));
                setDragged(index);
              }}
              onDragEnd={() => {
                setDragged(null);
                setOver(null);
              }}
              className="flex h-8 w-5 shrink-0 cursor-grab items-center justify-center text-ink-soft"
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
