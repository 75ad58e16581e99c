/** Rich text is typed here as plain text. One that has formatting is changed in the record's panel, which keeps it. */

import { Button } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { CellPopover } from "../cell-popover.tsx";
import type { EditorProps } from "../field-editing.ts";
import { TextAreaPopover } from "../text-area-popover.tsx";
import { asText } from "../values.ts";
import { plainTextOf } from "./plain-text.ts";

export function LongTextEditor({ value, typed, label, onText, onCancel, onOpenRecord }: EditorProps) {
  const { grid } = words();
  const { text, isWhole } = plainTextOf(asText(value));
  if (isWhole) {
    return (
      <TextAreaPopover
        label={label}
        text={text}
        typed={typed}
        onSave={(draft) => onText(draft, "stay")}
        onCancel={onCancel}
      />
    );
  }
  return (
    <CellPopover label={label} onLeave={onCancel} onCancel={onCancel}>
      <div className="flex w-96 max-w-full flex-col gap-3 p-1.5">
        <p className="max-h-48 overflow-y-auto text-sm whitespace-pre-wrap">{text}</p>
        <p className="text-sm text-ink-soft">{grid.hasFormatting}</p>
        <Button look="primary" className="self-start" onClick={onOpenRecord}>
          {grid.openRecord}
        </Button>
      </div>
    </CellPopover>
  );
}
