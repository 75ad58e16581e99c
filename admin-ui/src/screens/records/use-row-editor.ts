/** The editor of a collection's rows, kept while it has something unsaved, and fed with what others change. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { keys } from "#api/keys.ts";
import { watchRows } from "#api/live-rows.ts";
import { watchSession } from "#api/session.ts";
import type { Collection } from "#api/types.ts";
import { finishOpenEditors } from "#fields/open-editors.ts";
import { RowEditor } from "./row-editor.ts";

/** What was typed and not saved outlives a look at another screen. */
const kept = new Map<string, RowEditor>();

function editorOf(cache: QueryClient, collection: Collection): RowEditor {
  const found = kept.get(collection.id);
  if (found) return found;
  const editor = new RowEditor(cache, collection);
  kept.set(collection.id, editor);
  return editor;
}

/** What is being asked already is not asked again. */
const ONCE = { cancelRefetch: false };

function hasUnsaved(): boolean {
  return [...kept.values()].some(({ unsaved }) => unsaved.keys().length > 0);
}

// Closing the page loses what is kept, whichever screen is shown.
globalThis.addEventListener?.("beforeunload", (event) => {
  finishOpenEditors();
  if (hasUnsaved()) event.preventDefault();
});

// What one person typed is not for the next one.
watchSession((change) => {
  if (change !== "signed-out") return;
  for (const { unsaved } of kept.values()) unsaved.close();
  kept.clear();
});

export function useRowEditor(collection: Collection) {
  const cache = useQueryClient();
  const [editor] = useState(() => editorOf(cache, collection));
  const state = useSyncExternalStore(editor.subscribe, editor.state);
  useEffect(() => editor.setCollection(collection), [editor, collection]);
  useEffect(() => {
    kept.set(collection.id, editor);
    return () => {
      if (editor.close()) kept.delete(collection.id);
    };
  }, [editor, collection.id]);
  useEffect(() => {
    const onMissed = () => {
      void editor.reload();
      cache.invalidateQueries({ queryKey: ["records"] }, ONCE);
    };
    return watchRows(collection, (change) => editor.takeLive(change), onMissed);
  }, [cache, editor, collection]);
  useEffect(() => {
    // While the sheet was not shown, nobody told what others changed.
    cache.invalidateQueries({ queryKey: keys.records(collection.name) }, ONCE);
  }, [cache, collection.name]);
  return { editor, state };
}
