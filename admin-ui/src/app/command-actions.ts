/** What the search of everything does by itself. */

import type { QueryClient } from "@tanstack/react-query";
import { explain } from "#api/errors.ts";
import { type ExportFormat, exportAddress } from "#api/imports.ts";
import { keys } from "#api/keys.ts";
import { createBackup } from "#api/server.ts";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

/** Under a name that holds the date. */
export async function makeBackup(cache: QueryClient): Promise<void> {
  const texts = words().server.backups;
  toastDone(texts.creating);
  try {
    await createBackup("");
    toastDone(texts.created);
  } catch (error) {
    toastProblem(explain(error).message);
  } finally {
    cache.invalidateQueries({ queryKey: keys.backups() });
  }
}

/** All records of a collection, as a file. */
export async function exportRecords(collection: string, format: ExportFormat): Promise<void> {
  try {
    window.location.assign(await exportAddress(collection, { format, filter: "", sort: "" }));
  } catch (error) {
    toastProblem(explain(error).message);
  }
}
