/** Definitions from a file: first what they would change, then the change itself. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileJson, X } from "lucide-react";
import { useMemo, useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { importCollections, importPreviewQuery } from "#api/schema.ts";
import type { Collection } from "#api/types.ts";
import { classNames } from "#lib/class-names.ts";
import { type ImportStep, planImport } from "#lib/schema/compare.ts";
import { type DefinitionsFile, parseDefinitions } from "#lib/schema/import-file.ts";
import { Button } from "#ui/button.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { FileDrop } from "#ui/file-drop.tsx";
import { Notice } from "#ui/notice.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { useDelayed } from "#ui/use-delayed.ts";
import { words } from "#words/words.ts";
import { ChangeList } from "./change-list.tsx";
import { Effects } from "./review-dialog.tsx";

const PAUSE_MS = 400;

export function ImportTab({ collections }: { collections: Collection[] }) {
  const say = words().structure;
  const cache = useQueryClient();
  const [text, setText] = useState("");
  const [deleteMissing, setDeleteMissing] = useState(false);
  const read = useDelayed(text, PAUSE_MS);
  const file = useMemo(() => parseDefinitions(read), [read]);
  const incoming = "definitions" in file ? file.definitions : null;
  const plan = useMemo(
    () => (incoming ? planImport(collections, incoming, deleteMissing) : []),
    [collections, incoming, deleteMissing],
  );
  const body = { collections: incoming ?? [], deleteMissing };
  const preview = useQuery({ ...importPreviewQuery(body), enabled: incoming !== null });
  const isSettled = read === text;
  const isChange = plan.some(({ action }) => action !== "keep");
  const apply = useMutation({
    mutationFn: () => importCollections(body),
    onSuccess: async () => {
      setText("");
      toastDone(say.applied);
      await cache.invalidateQueries({ queryKey: keys.collections() });
    },
  });
  // What could not be looked at may lose something.
  const loses = preview.data?.losesData ?? preview.isError;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-ink-soft">{say.importLead}</p>
      {text.trim() === "" ? (
        <FileDrop
          icon={FileJson}
          title={say.drop}
          buttonLabel={say.file}
          hint={say.formats}
          accept="application/json,.json"
          onFile={(chosen) => chosen.text().then(setText)}
        />
      ) : (
        <div>
          <Button icon={X} onClick={() => setText("")}>
            {say.otherFile}
          </Button>
        </div>
      )}
      <div className="[&_.cm-editor]:max-h-80 [&_.cm-scroller]:overflow-auto [&_textarea]:max-h-80">
        <CodeEditor label={say.paste} language="json" value={text} minLines={5} onChange={setText} />
      </div>
      {read.trim() !== "" && "problem" in file && <Notice tone="danger">{fileProblem(file)}</Notice>}
      <SwitchField
        label={say.deleteMissing}
        hint={say.deleteMissingHint}
        isOn={deleteMissing}
        onChange={setDeleteMissing}
      />
      {incoming && !isChange && <Notice>{say.nothingChanges}</Notice>}
      {incoming && isChange && (
        <>
          <Plan plan={plan} />
          {preview.isPending && preview.isFetching && <p className="text-sm text-ink-soft">{say.looking}</p>}
          {preview.data && <Effects preview={preview.data} isOfSeveral />}
          {preview.error && <Notice tone="danger">{importProblem(preview.error)}</Notice>}
          {apply.error && <Notice tone="danger">{importProblem(apply.error)}</Notice>}
          <div>
            <Button
              look={loses ? "danger" : "primary"}
              disabled={!isSettled || apply.isPending || preview.isPending || preview.data?.isAllowed === false}
              onClick={() => apply.mutate()}
            >
              {apply.isPending ? words().common.oneMoment : loses ? say.applyAndLose : say.apply}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

function fileProblem(file: Exclude<DefinitionsFile, { definitions: unknown }>): string {
  const { unreadable } = words().structure;
  switch (file.problem) {
    case "json":
      return unreadable.json(file.line, file.column);
    case "unnamed":
      return unreadable.unnamed(file.at);
    case "old":
      return unreadable.old;
    default:
      return unreadable[file.problem];
  }
}

/** The server tells in one text what is wrong with which collection. */
function importProblem(error: unknown): React.ReactNode {
  const { message, fields } = explain(error);
  return (
    <>
      <p>{message}</p>
      {fields.collections && <p className="whitespace-pre-wrap">{fields.collections}</p>}
    </>
  );
}

const TONES: Record<ImportStep["action"], string> = {
  create: "bg-moss-wash text-moss-strong",
  change: "bg-straw-wash text-straw",
  keep: "bg-sunken text-ink-soft",
  delete: "bg-danger-wash text-danger",
};

function newFields(changes: ImportStep["changes"]): string[] {
  return changes.flatMap((change) => (change.kind === "field-added" ? [change.field] : []));
}

function Plan({ plan }: { plan: ImportStep[] }) {
  const say = words().structure;
  return (
    <ul className="flex flex-col divide-y divide-line rounded-2xl border border-line bg-surface">
      {plan.map(({ name, action, changes }) => (
        <li key={name} className="flex flex-col gap-1.5 px-4 py-3">
          <p className="flex items-center gap-2">
            <span className="min-w-0 truncate font-medium">{name}</span>
            <span className={classNames("shrink-0 rounded-md px-1.5 text-[13px] leading-6", TONES[action])}>
              {say.steps[action]}
            </span>
          </p>
          {action === "create" && <p className="text-sm break-words text-ink-soft">{newFields(changes).join(", ")}</p>}
          {action === "change" && <ChangeList changes={changes} />}
        </li>
      ))}
    </ul>
  );
}
