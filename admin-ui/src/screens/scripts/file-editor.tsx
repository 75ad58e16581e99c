/** One file: its text, whether it is saved, what is wrong with it, and what it handles. */

import { useQuery } from "@tanstack/react-query";
import { FileQuestion, PencilLine, Save, Trash2, Undo2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import type { Scripts } from "#api/scripts.ts";
import { completeRhai } from "#lib/rhai/complete.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { CodeEditor, type CodePlace } from "#ui/code-editor.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";
import { Conflict } from "./conflict.tsx";
import type { Drafts } from "./drafts.ts";
import { Handlers } from "./handlers.tsx";
import { RenameDialog } from "./rename-dialog.tsx";
import { useCheck } from "./use-check.ts";
import { useFile } from "./use-file.ts";

type FileEditorProps = {
  name: string;
  /** Where to look first. */
  line: number | undefined;
  scripts: Scripts;
  drafts: Drafts;
  onGone: () => void;
  onRenamed: (name: string) => void;
};

export function FileEditor({ name, line, scripts, drafts, onGone, onRenamed }: FileEditorProps) {
  const texts = words().scripts;
  const info = scripts.files.find((one) => one.name === name);
  const file = useFile(name, info?.modified, drafts, onGone);
  const check = useCheck(name, file.text);
  const { data: collections = [] } = useQuery(collectionsQuery());
  const [place, setPlace] = useState<CodePlace | undefined>(line === undefined ? undefined : { line, column: 1 });
  useEffect(() => setPlace(line === undefined ? undefined : { line, column: 1 }), [line]);
  const [isRenaming, setRenaming] = useState(false);
  useSaveKey(file.save);

  const isTemplate = name.startsWith("templates/");
  const isReadOnly = !scripts.editable;
  if (file.isPending) return <Loading />;
  if (file.isMissing && !file.draft) {
    return <EmptyState icon={FileQuestion} title={texts.missing(name)} lead={texts.missingLead} />;
  }
  return (
    <>
      <section aria-label={name} className="flex min-w-0 flex-col gap-3">
        <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h2 className="min-w-0 flex-1 basis-40 font-mono text-sm font-medium break-all">{name}</h2>
          {!isReadOnly && (
            <div className="ml-auto flex items-center gap-1">
              <p role="status" className="mr-2 text-sm text-ink-soft">
                {file.draft ? texts.unsaved : words().common.saved}
              </p>
              {file.draft && <IconButton label={texts.discard} icon={Undo2} onClick={file.discard} />}
              {file.stored && (
                <>
                  <IconButton label={texts.rename} icon={PencilLine} onClick={() => setRenaming(true)} />
                  <IconButton
                    label={words().common.delete}
                    icon={Trash2}
                    disabled={file.isDeleting}
                    onClick={file.remove}
                  />
                </>
              )}
              <Button
                look="primary"
                icon={Save}
                disabled={!file.draft || file.isSaving || file.isConflicting}
                title={texts.saveKey}
                onClick={file.save}
                className="ml-1"
              >
                {file.isSaving ? words().common.saving : words().common.save}
              </Button>
            </div>
          )}
        </header>
        {file.problem && <Notice tone="danger">{file.problem.message}</Notice>}
        {file.isConflicting && (
          <Conflict theirs={file.stored ?? null} onKeepMine={file.keepMine} onTakeTheirs={file.discard} />
        )}
        {file.saveProblem && <Notice tone="danger">{texts.notSaved(file.saveProblem)}</Notice>}
        {file.text !== undefined && (
          <CodeEditor
            label={texts.textOf(name)}
            isLabelHidden
            language={isTemplate ? "html" : "rhai"}
            value={file.text}
            isReadOnly={isReadOnly}
            hasLineNumbers
            minLines={16}
            marks={check.marks}
            error={check.error}
            place={place}
            complete={
              isTemplate
                ? undefined
                : (text, position) => completeRhai(text, position, { collections, isTest: info?.kind === "test" })
            }
            onChange={file.change}
          />
        )}
      </section>
      {file.stored && (
        <RenameDialog
          file={file.stored}
          drafts={drafts}
          isOpen={isRenaming}
          onRenamed={onRenamed}
          onClose={() => setRenaming(false)}
        />
      )}
      {info?.kind === "script" && (
        <section className="flex min-w-0 flex-col gap-2">
          <h2 className="font-semibold">{texts.handlersOfOne}</h2>
          <Handlers files={[info]} onLine={(line) => setPlace({ line, column: 1 })} />
        </section>
      )}
    </>
  );
}

/** Ctrl+S, wherever the focus is. */
function useSaveKey(save: () => void): void {
  const latest = useRef(save);
  latest.current = save;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
