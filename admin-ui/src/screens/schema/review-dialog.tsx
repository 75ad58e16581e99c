/** What a change does, in plain words: to the collection, and to the data in it. */

import { TriangleAlert } from "lucide-react";
import { sayFinding } from "#api/findings.ts";
import type { CollectionPreview, SchemaPreview } from "#api/schema.ts";
import { formatNumber } from "#lib/format.ts";
import { compareDefinitions } from "#lib/schema/compare.ts";
import { flattenErrors } from "#lib/schema/flat-errors.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";
import { ChangeList } from "./change-list.tsx";
import { type Draft, definitionOf, readyToSave } from "./draft.ts";

type ReviewDialogProps = {
  draft: Draft;
  preview: SchemaPreview;
  isSaving: boolean;
  onSave: () => void;
  onClose: () => void;
};

export function ReviewDialog({ draft, preview, isSaving, onSave, onClose }: ReviewDialogProps) {
  const say = words().schema;
  const changes = compareDefinitions(draft.stored ?? {}, definitionOf(readyToSave(draft)));
  const { isAllowed, losesData } = preview;
  return (
    <Dialog isOpen title={isAllowed ? say.reviewTitle : say.refusedTitle} isWide onClose={onClose}>
      <div className="flex flex-col gap-4">
        <Effects preview={preview} />
        <ChangeList changes={changes} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{words().common.cancel}</Button>
          <Button look={losesData ? "danger" : "primary"} disabled={isSaving || !isAllowed} onClick={onSave}>
            {isSaving ? words().common.saving : losesData ? say.saveAndLose : words().common.save}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

type EffectsProps = {
  preview: SchemaPreview;
  /** Then fields are named with their collections. */
  isOfSeveral?: boolean;
};

/** What happens to the data. Also shown before an import. */
export function Effects({ preview, isOfSeveral = false }: EffectsProps) {
  const say = words().schema;
  const effects = preview.collections.flatMap((collection) =>
    effectsOf(collection, (field) => (isOfSeveral ? `${collection.name}.${field}` : field)),
  );
  return (
    <>
      {!preview.isAllowed && preview.error && (
        <Notice tone="danger">
          <p>{preview.error.message}</p>
          {reasonsOf(preview.error).map((reason) => (
            <p key={reason} className="break-words whitespace-pre-wrap">
              {reason}
            </p>
          ))}
        </Notice>
      )}
      {effects.length > 0 && (
        <ul className="flex flex-col gap-1.5 rounded-lg bg-danger-wash px-3.5 py-2.5 text-sm text-danger">
          {effects.map((text) => (
            <li key={text} className="flex gap-2.5">
              <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
              <span className="min-w-0 break-words">{text}</span>
            </li>
          ))}
        </ul>
      )}
      {effects.length === 0 && preview.isAllowed && <Notice tone="good">{say.nothingLost}</Notice>}
      <FollowingRules collections={preview.collections} />
      {!preview.isComplete && <p className="text-sm text-ink-soft">{say.previewIncomplete}</p>}
    </>
  );
}

/** An import says in one text what is wrong with which collection. */
function reasonsOf({ data }: NonNullable<SchemaPreview["error"]>): string[] {
  return [...new Set(Object.values(flattenErrors(data)).map(sayFinding))];
}

function effectsOf(collection: CollectionPreview, nameOf: (field: string) => string): string[] {
  const say = words().schema.loses;
  const effects: string[] = [];
  if (collection.action === "delete") {
    effects.push(
      collection.records === null
        ? words().schema.changes.collectionDeleted(collection.name)
        : say.records(collection.name, recordCount(collection.records)),
    );
  }
  for (const field of collection.fields) {
    const { action, dropped, cut, violations } = field;
    const name = nameOf(field.name);
    if (action === "remove" && dropped !== 0) {
      effects.push(typeof dropped === "number" ? say.dropped(name, recordCount(dropped)) : say.droppedUnknown(name));
    } else if (typeof dropped === "number" && dropped > 0) effects.push(say.dropped(name, recordCount(dropped)));
    if (typeof cut === "number" && cut > 0) effects.push(say.cut(name, recordCount(cut)));
    if (violations?.count) effects.push(say.violations(name, recordCount(violations.count, violations.isExact)));
  }
  for (const { duplicates } of collection.indexes) {
    const [example] = duplicates?.examples ?? [];
    if (!duplicates?.records) continue;
    const columns = example ? Object.keys(example.values).map(nameOf).join(", ") : "";
    const shown = example
      ? ` (${say.duplicateExample(Object.values(example.values).map(String).join(", "), example.count)})`
      : "";
    effects.push(say.duplicates(columns, recordCount(duplicates.records, duplicates.isExact)) + shown);
  }
  return effects;
}

/** Other collections that change along. */
function FollowingRules({ collections }: { collections: CollectionPreview[] }) {
  const say = words().schema;
  const lines = collections.flatMap(({ name, rules, isRequested, action }) => {
    const rewritten = rules
      .filter(({ after }) => !isRequested && after !== null)
      .map(({ after }) => say.loses.rewritten(name, after ?? ""));
    return rewritten.length === 0 && !isRequested && action === "update"
      ? [say.changes.collectionFollows(name)]
      : rewritten;
  });
  if (lines.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1 text-sm text-ink-soft">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function recordCount(amount: number, isExact = true): string {
  const text = words().common.records(amount);
  return isExact ? text : words().schema.atLeast(text === "" ? formatNumber(amount) : text);
}
