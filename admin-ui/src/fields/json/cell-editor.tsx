import { words } from "#words/words.ts";
import type { EditorProps } from "../field-editing.ts";
import { TextAreaPopover } from "../text-area-popover.tsx";

export function JsonEditor({ value, typed, label, onText, onCancel }: EditorProps) {
  const isUnread = typeof value === "string" && !isJson(JSON.stringify(value));
  const text = isUnread ? String(value) : value === null || value === undefined ? "" : JSON.stringify(value, null, 2);
  return (
    <TextAreaPopover
      label={label}
      text={typed === null ? text : typed}
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
