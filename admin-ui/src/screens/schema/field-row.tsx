/** One field in the list of fields: its name at a glance, and behind it everything that can be chosen about it. */

import { ChevronDown, Copy, GripVertical, Lock, Trash2, Undo2 } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { kindOf } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { typeLabel } from "./describe.ts";
import type { DraftField } from "./draft.ts";
import { FieldSettings } from "./field-settings.tsx";
import type { Editor } from "./use-editor.ts";

type FieldRowProps = {
  editor: Editor;
  item: DraftField;
  isOpen: boolean;
  isUnique: boolean;
  isDragged: boolean;
  onToggle: () => void;
  onMove: (by: number) => void;
  onDragStart: (event: PointerEvent) => void;
  onRemove: () => void;
  onRestore: () => void;
  onDuplicate: () => void;
};

export function FieldRow(props: FieldRowProps) {
  const { editor, item, isOpen, isDragged, onToggle } = props;
  const say = words().schema;
  const { field, key } = item;
  const { icon: Icon } = kindOf(field);
  const errors = editor.errorsOf(`fields.${key}`);
  const hasErrors = Object.keys(errors).length > 0;
  const name = field.name || say.unnamed;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // What can be chosen about it would be below the edge.
    if (isOpen) row.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  if (item.isRemoved) return <RemovedRow name={name} onRestore={props.onRestore} />;
  return (
    <li
      ref={row}
      data-drag-row={key}
      className={classNames(
        "scroll-mt-6 scroll-mb-6 rounded-xl border bg-raised",
        hasErrors ? "border-danger" : "border-line",
        isDragged && "opacity-50",
      )}
    >
      <div className="flex items-center gap-1 px-1.5 py-1">
        <Handle name={name} isFixed={field.system} onMove={props.onMove} onDragStart={props.onDragStart} />
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={onToggle}
          className="flex min-w-0 flex-1 items-center gap-2.5 rounded-lg px-1.5 py-2 text-left"
        >
          <Icon className="size-4 shrink-0 text-ink-soft" aria-hidden />
          <span className={classNames("truncate font-medium", !field.name && "text-ink-soft italic")}>{name}</span>
          <span className="hidden truncate text-sm text-ink-soft sm:inline">{typeLabel(field.type)}</span>
          <Marks item={item} isUnique={props.isUnique} />
          <ChevronDown
            className={classNames("size-4 shrink-0 text-ink-soft transition-transform", isOpen && "rotate-180")}
            aria-hidden
          />
        </button>
        {!field.system && (
          <>
            <IconButton
              label={say.duplicateField(name)}
              icon={Copy}
              onClick={props.onDuplicate}
              className="hidden sm:inline-flex"
            />
            <IconButton label={say.removeField(name)} icon={Trash2} onClick={props.onRemove} />
          </>
        )}
      </div>
      {isOpen && (
        <div className="border-t border-line px-4 py-4 sm:px-5">
          <FieldSettings editor={editor} item={item} errors={errors} />
        </div>
      )}
    </li>
  );
}

type HandleProps = {
  name: string;
  isFixed: boolean;
  onMove: (by: number) => void;
  onDragStart: (event: PointerEvent) => void;
};

function Handle({ name, isFixed, onMove, onDragStart }: HandleProps) {
  const say = words().schema;
  if (isFixed) return <Lock className="mx-2.5 size-4 shrink-0 text-ink-soft" aria-hidden />;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    onMove(event.key === "ArrowUp" ? -1 : 1);
  };
  return (
    <button
      type="button"
      data-handle
      aria-label={say.moveField(name)}
      title={say.moveHint}
      onKeyDown={onKeyDown}
      onPointerDown={onDragStart}
      className="flex size-9 shrink-0 touch-none cursor-grab! items-center justify-center rounded-lg text-ink-soft hover:bg-sunken hover:text-ink active:cursor-grabbing!"
    >
      <GripVertical className="size-4" aria-hidden />
    </button>
  );
}

function Marks({ item, isUnique }: { item: DraftField; isUnique: boolean }) {
  const { badges } = words().schema;
  const { field, stored } = item;
  const marks = [
    !stored && !field.system && badges.fresh,
    field.required && !field.system && badges.required,
    isUnique && !field.system && badges.unique,
    field.presentable && badges.presentable,
    field.hidden && badges.hidden,
  ].filter((mark) => mark !== false && mark !== undefined);
  return (
    <span className="ml-auto flex min-w-0 shrink flex-wrap justify-end gap-1">
      {marks.map((mark) => (
        <span key={mark} className="rounded-md bg-sunken px-1.5 text-xs leading-5 text-ink-soft">
          {mark}
        </span>
      ))}
    </span>
  );
}

function RemovedRow({ name, onRestore }: { name: string; onRestore: () => void }) {
  const say = words().schema;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-xl border border-dashed border-danger/60 bg-danger-wash px-4 py-2 text-sm text-danger">
      <span className="min-w-0 flex-1">
        <span className="font-medium">{say.removedField(name)}</span>, {say.removedLead}
      </span>
      <Button icon={Undo2} onClick={onRestore} aria-label={say.bringBack(name)}>
        {words().common.undo}
      </Button>
    </li>
  );
}
