import { words } from "#words/words.ts";
import type { EditorProps } from "../field-editing.ts";
import { TextAreaPopover } from "../text-area-popover.tsx";

export function JsonEditor({ value, text, typed, label, onText, onCancel }: EditorProps) {
  return (
    <TextAreaPopover
      label={label}
      text={isJson(text) ? JSON.stringify(value, null, 2) : text}
      typed={typed}
      isCode
      below={(draft) =>
        draft.trim() !== "" && !isJson(draft) && <span className="text-danger">{words().grid.unreadable.json}</span>
      }
      onSave={(draft) => onText(draft, "stay")}
      onCancel={onCancel}
    />
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
