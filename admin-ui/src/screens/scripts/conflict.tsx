/** Somebody else has changed or removed a file that is being edited. What was typed stays until a choice is made. */

import { useState } from "react";
import type { ScriptFile } from "#api/scripts.ts";
import { Button } from "#ui/button.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { words } from "#words/words.ts";

type ConflictProps = {
  /** The file as it is now. `null`: it was removed. */
  theirs: ScriptFile | null;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
};

export function Conflict({ theirs, onKeepMine, onTakeTheirs }: ConflictProps) {
  const texts = words().scripts;
  const [isShown, setShown] = useState(false);
  return (
    <div role="alert" className="flex flex-col gap-2.5 rounded-2xl bg-straw-wash px-5 py-3 text-sm text-straw">
      <p>{theirs ? texts.changedMeanwhile : texts.removedMeanwhile}</p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={onKeepMine}>{texts.keepMine}</Button>
        {theirs && <Button onClick={() => setShown(true)}>{texts.showTheirs}</Button>}
        <Button onClick={onTakeTheirs}>{theirs ? texts.takeTheirs : texts.dropMine}</Button>
      </div>
      {theirs && (
        <Dialog isOpen={isShown} title={texts.theirs(theirs.name)} isWide onClose={() => setShown(false)}>
          <CodeEditor
            label={texts.theirs(theirs.name)}
            isLabelHidden
            language={theirs.kind === "template" ? "html" : "rhai"}
            value={theirs.text}
            isReadOnly
            hasLineNumbers
            minLines={8}
            onChange={() => undefined}
          />
        </Dialog>
      )}
    </div>
  );
}
