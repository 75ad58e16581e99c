/**
 * The box in which a cell's text is typed. Enter, Tab and a click elsewhere keep it, Escape does not. When a typed key
 * has opened it, the arrows leave it too, as in a spreadsheet; opened by Enter or F2 they move inside the text.
 */

import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import type { EditorProps, Then } from "./field-editing.ts";
import { useOpenEditor } from "./open-editors.ts";

type LineEditorProps = EditorProps & {
  isRightAligned?: boolean;
  /** Shown under the box: what becomes of the text. */
  below?: (text: string, onText: (text: string) => void) => ReactNode;
};

const ARROWS: Record<string, Then> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

export function LineEditor({ text, typed, label, onText, onCancel, isRightAligned, below }: LineEditorProps) {
  const [draft, setDraft] = useState(typed ?? text);
  const box = useRef<HTMLTextAreaElement>(null);
  const isOver = useRef(false);

  useLayoutEffect(() => {
    const input = box.current;
    input?.focus({ preventScroll: true });
    input?.setSelectionRange(input.value.length, input.value.length);
  }, []);

  const finish = (then: Then) => {
    if (isOver.current) return;
    isOver.current = true;
    if (draft === text && typed === null) onCancel();
    else onText(draft, then);
  };
  useOpenEditor(() => finish("stay"));
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    const then = destination(event, typed !== null);
    if (event.key === "Escape") {
      isOver.current = true;
      event.preventDefault();
      onCancel();
    } else if (then) {
      event.preventDefault();
      if (then !== "stay" && draft === text && typed === null) {
        // Nothing was changed, but the cursor goes on.
        isOver.current = true;
        onText(text, then);
      } else finish(then);
    } else if (event.key === "Enter") {
      event.preventDefault();
      insertLineEnd(event.currentTarget, setDraft);
    }
  };
  return (
    <div className="absolute top-0 left-0 z-30 min-h-full w-full">
      <textarea
        ref={box}
        aria-label={label}
        rows={1}
        spellCheck={false}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={(event) => {
          // The help below the box belongs to it.
          if (!event.currentTarget.parentElement?.contains(event.relatedTarget)) finish("stay");
        }}
        className={classNames(
          "field-sizing-content block max-h-60 min-h-full w-max max-w-[min(36rem,90vw)] min-w-full resize-none overflow-auto bg-raised px-3 py-1.5 text-sm leading-6 shadow-lg outline-2 -outline-offset-2 outline-moss focus-visible:-outline-offset-2",
          isRightAligned && "text-right",
        )}
      />
      {below?.(draft, (chosen) => {
        setDraft(chosen);
        box.current?.focus();
      })}
    </div>
  );
}

/** Alt+Enter breaks the line. */
function destination(event: KeyboardEvent, arrowsLeave: boolean): Then | undefined {
  if (event.key === "Enter" && !event.altKey) return event.shiftKey ? "up" : "down";
  if (event.key === "Tab") return event.shiftKey ? "left" : "right";
  return arrowsLeave && !event.shiftKey && !event.altKey ? ARROWS[event.key] : undefined;
}

function insertLineEnd(input: HTMLTextAreaElement, setDraft: (text: string) => void): void {
  const { selectionStart, selectionEnd, value } = input;
  setDraft(`${value.slice(0, selectionStart)}\n${value.slice(selectionEnd)}`);
  requestAnimationFrame(() => input.setSelectionRange(selectionStart + 1, selectionStart + 1));
}
