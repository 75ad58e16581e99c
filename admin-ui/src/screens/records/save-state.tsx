/** Is everything saved? Says so below the title, and leads to what is not. */

import { CircleAlert, CloudCheck, CloudUpload } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Button } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import type { RowEditor } from "./row-editor.ts";

/** With so many rows to save, one may want to stop. */
const MANY = 25;

type SaveStateProps = { editor: RowEditor; onShowRefused: (keys: readonly string[]) => void };

export function SaveState({ editor, onShowRefused }: SaveStateProps) {
  const { grid, common } = words();
  const { unsaved, refused, waiting } = useSyncExternalStore(
    (listener) => editor.unsaved.subscribeToAll(listener),
    () => editor.unsaved.progress(),
  );
  const left = unsaved - refused;
  const showRefused = () => onShowRefused(editor.unsaved.keys().filter((key) => isRefused(editor, key)));
  return (
    <div role="status" className="flex min-w-8 items-center gap-1.5 overflow-hidden text-xs text-ink-soft">
      {refused > 0 && (
        <button
          type="button"
          onClick={showRefused}
          title={grid.notSaved(refused)}
          className="flex min-w-0 items-center gap-1.5 rounded-md font-medium text-danger underline decoration-danger/40 -outline-offset-2 hover:decoration-current"
        >
          <CircleAlert className="size-3.5 shrink-0" aria-hidden />
          <span className="truncate">{grid.notSaved(refused)}</span>
        </button>
      )}
      {waiting !== null && left > 0 && (
        <span className="flex min-w-0 items-center gap-1.5 text-danger">
          <CircleAlert className="size-3.5 shrink-0" aria-hidden />
          <span className="truncate">{grid.notSavedYet}</span>
          {/* Over the sheet and not above it, so that nothing moves, and in nobody's way. */}
          {waiting !== "" && (
            <span className="pointer-events-none fixed inset-x-4 bottom-24 z-30 mx-auto w-fit max-w-2xl rounded-xl border border-danger/30 bg-danger-wash px-4 py-2.5 text-sm shadow-lg">
              {grid.keepsTrying(waiting)}
            </span>
          )}
        </span>
      )}
      {waiting === null && left > 0 && (
        <span className="flex min-w-0 items-center gap-1.5 whitespace-nowrap tabular-nums">
          <CloudUpload className="size-3.5 shrink-0" aria-hidden />
          <span className="truncate">{left > MANY ? grid.savingLeft(left) : common.saving}</span>
        </span>
      )}
      {left > MANY && (
        <Button look="quiet" className="h-4.5! px-1! text-xs!" onClick={() => editor.cancel()}>
          {grid.stop}
        </Button>
      )}
      {unsaved === 0 && (
        <span className="flex min-w-0 items-center gap-1.5 whitespace-nowrap" title={grid.savesItself}>
          <CloudCheck className="size-3.5 shrink-0" aria-hidden />
          <span className="truncate">{grid.allSaved}</span>
        </span>
      )}
    </div>
  );
}

function isRefused(editor: RowEditor, key: string): boolean {
  const row = editor.unsaved.row(key);
  return row !== undefined && Object.keys(row.refused).length > 0;
}
