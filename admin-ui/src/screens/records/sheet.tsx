/** A collection's toolbar, grid and panel, and how they work together. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { findingsOf } from "#api/findings.ts";
import { keys } from "#api/keys.ts";
import { usePendingDeletions } from "#api/pending-deletions.ts";
import { ownKey } from "#api/session.ts";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { filterFields } from "#fields/filter/filter-fields.ts";
import { FilterWords } from "#fields/filter/filter-words.tsx";
import { FilterProblem } from "#fields/filter-problem.tsx";
import { EvenDecimals, useEvenDecimals } from "#fields/number/even-decimals.ts";
import { searchFilter } from "#fields/search-filter.ts";
import { visibleFields } from "#fields/visible-fields.ts";
import { countConditions, type Group, isGroup } from "#lib/filter/model.ts";
import { readFilter } from "#lib/filter/read.ts";
import { selectCell } from "#lib/grid/ranges.ts";
import { paths, type RecordsPlace } from "#lib/paths.ts";
import { parseSort } from "#lib/sort-text.ts";
import { Loading } from "#ui/loading.tsx";
import { usePastSearches } from "#ui/use-past-searches.ts";
import { words } from "#words/words.ts";
import { ColumnMenu } from "./column-menu.tsx";
import { NoMatches, NoRecords } from "./empty.tsx";
import { AddFieldDialog, RenameFieldDialog } from "./field-dialogs.tsx";
import { FileMenu } from "./file-menu.tsx";
import { FilterPanel } from "./filter-panel.tsx";
import { Grid } from "./grid.tsx";
import { type GridNow, selectedRange } from "./grid-now.ts";
import { useLayout } from "./layout.ts";
import { OrderNotice } from "./order-notice.tsx";
import { RecordPanel } from "./record-panel/record-panel.tsx";
import { SaveState } from "./save-state.tsx";
import { SearchBox } from "./search-box.tsx";
import { selectedRecords } from "./selected-records.ts";
import { SortMenu } from "./sort-menu.tsx";
import { Toolbar } from "./toolbar.tsx";
import { messageOf, Trouble } from "./trouble.tsx";
import { useDeletion } from "./use-deletion.tsx";
import { useKeptTyping } from "./use-kept-typing.ts";
import { usePlace } from "./use-place.ts";
import { useRowEditor } from "./use-row-editor.ts";
import { type Question, useAnswered, useRows } from "./use-rows.ts";
import { ViewMenu } from "./view-menu.tsx";

/** So many ids fit into an address. */
const MAX_SHOWN_REFUSED = 50;

type SheetProps = { collection: Collection; collections: readonly Collection[] };

export function Sheet({ collection, collections }: SheetProps) {
  const place = usePlace();
  const cache = useQueryClient();
  const { grid } = words();
  const fields = useMemo(() => visibleFields(collection), [collection]);
  const layout = useLayout(collection.name, fields);
  const asked = useQuestion(collection, collections, place);
  const { first, answered, isOutdated } = useAnswered(collection, asked);
  const { editor, state } = useRowEditor(collection);
  useEffect(() => {
    if (!answered) return;
    editor.setQuestion(answered);
    void editor.settle();
  }, [answered, editor]);
  useEffect(() => {
    if (first.data) editor.noticeAnswer(first.data);
  }, [first.data, editor]);
  const hidden = usePendingDeletions(collection.name);
  const rows = useRows(collection, answered ?? asked, state.added, hidden);
  const { remove, dialog } = useDeletion(collection, collections, editor);
  useKeptTyping();
  const latest = useRef<(() => GridNow) | null>(null);
  const [filterFor, setFilterFor] = useState<Field | null>(null);
  const [isFiltering, setFiltering] = useState(false);
  const past = usePastSearches(ownKey(`searches_${collection.id}`));
  const [renamed, setRenamed] = useState<Field | null>(null);
  const [isAdding, setAdding] = useState(false);

  const canWrite = collection.type !== "view";
  const dayOnly = useDayOnly(first.data);
  const evenDecimals = useEvenDecimals(first.data);
  const asFilter = useMemo(() => filterFields(fields, collections, dayOnly), [fields, collections, dayOnly]);
  const filter = readFilter(place.where ?? "", asFilter);
  const sorts = useMemo(() => parseSort(place.sort), [place.sort]);
  const filtered = useMemo(() => namesIn(filter), [filter]);
  const canAddColumns = canWrite && !collection.system;
  const isEmpty = rows.count === 0 && first.data !== undefined && !isOutdated;
  const isNarrowed = Boolean(place.filter || place.where);
  // Rows that could not be asked for once more stay, with what is typed into them.
  const hasNoAnswer = first.error !== null && first.data === undefined;
  const isTypedWrong = Boolean(place.filter) && findingsOf(first.error).filter !== undefined;

  const editField = ({ name }: Field) => {
    location.hash = paths.editCollection(collection.name, { field: name });
  };
  const deleteRows = async (now: GridNow) => {
    const selected = canWrite ? await selectedRecords(now) : null;
    for (const key of selected?.unsavedKeys ?? []) editor.discardRow(key);
    const range = selectedRange(now);
    if (!range || !selected || selected.records.length === 0) return;
    // The cursor stays where they were, and the rows that move up are not selected.
    remove(selected.records, () => now.select(selectCell({ row: range.top, column: -1 }), false));
  };
  const showRefused = (keys: readonly string[]) => {
    const now = latest.current?.();
    if (now && keys.some((key) => showRow(now, key))) return;
    // They are further down, or the filter leaves them out.
    const where = keys.slice(0, MAX_SHOWN_REFUSED).map((id) => `id = "${id}"`);
    place.go({ where: where.join(" || "), filter: undefined });
  };
  const refresh = () => {
    cache.invalidateQueries({ queryKey: keys.collections() });
    void editor.reload();
  };
  return (
    <>
      <Toolbar
        collection={collection}
        isFetching={first.isFetching}
        onRefresh={refresh}
        onNew={canWrite ? () => place.go({ create: "empty", record: undefined }) : undefined}
        search={
          <SearchBox
            committed={place.filter ?? ""}
            onCommit={(filter) => place.adjust({ filter: filter || undefined })}
            past={past}
            onFilter={(where) => place.go({ where })}
            showFilter={(where) => <FilterWords text={where} tools={{ fields, filterFields: asFilter, collections }} />}
          />
        }
        state={
          canWrite ? (
            <>
              <SaveState editor={editor} onShowRefused={showRefused} />
              <OrderNotice misplaced={state.misplaced.size} onSort={() => void editor.reload()} />
            </>
          ) : (
            <span className="text-xs text-ink-soft">{grid.viewReadOnly}</span>
          )
        }
      >
        <FilterPanel
          fields={fields}
          filterFields={asFilter}
          collections={collections}
          where={place.where ?? ""}
          onChange={(where) => place.adjust({ where: where || undefined })}
          isOpen={isFiltering}
          onOpenChange={(isOpen) => {
            setFiltering(isOpen);
            if (!isOpen) setFilterFor(null);
            if (!isOpen && place.where) past.remember({ kind: "built", text: place.where });
          }}
          problem={first.error && place.where ? messageOf({ error: first.error, filter: asked.filter }) : null}
          startField={filterFor}
        />
        <SortMenu fields={fields} collections={collections} sort={place.sort} onChange={(sort) => place.go({ sort })} />
        <ViewMenu layout={layout} />
        <FileMenu
          collection={collection.name}
          filter={(answered ?? asked).filter}
          sort={(answered ?? asked).sort}
          canImport={canWrite}
        />
      </Toolbar>
      <div className="flex min-h-0 flex-1 flex-col">
        {!answered && first.isPending && <Loading />}
        {first.error && !isTypedWrong && (
          <Trouble error={first.error} filter={asked.filter || undefined} sort={place.sort} />
        )}
        {first.error && isTypedWrong && (
          <div className="p-4 sm:px-6">
            <FilterProblem
              error={first.error}
              sent={asked.filter}
              typed={place.filter ?? ""}
              onType={(filter) => place.go({ filter })}
            />
          </div>
        )}
        {isEmpty && isNarrowed && (
          <NoMatches
            typed={place.filter}
            isExpression={searchFilter(collection, place.filter) === place.filter?.trim()}
            onClear={() => place.go({ filter: undefined, where: undefined })}
          />
        )}
        {isEmpty && !isNarrowed && <NoRecords collection={collection} />}
        {answered && !hasNoAnswer && (!isEmpty || (canWrite && !isNarrowed)) && (
          <EvenDecimals value={evenDecimals}>
            <Grid
              collection={collection}
              collections={collections}
              layout={layout}
              rows={rows}
              question={answered}
              sorts={sorts}
              filtered={filtered}
              editor={editor}
              deleting={state.deleting}
              misplaced={state.misplaced}
              isOutdated={isOutdated}
              canWrite={canWrite}
              openId={place.record}
              onOpenRecord={(record) => place.go({ record, create: undefined })}
              columnMenu={(column) => (
                <ColumnMenu
                  collection={collection}
                  collections={collections}
                  column={column}
                  layout={layout}
                  place={place}
                  onRename={setRenamed}
                  onEditField={editField}
                  onFilter={(field) => {
                    setFilterFor(field);
                    // The menu gives the focus back when it closes; the panel takes it after that.
                    setTimeout(() => setFiltering(true), 150);
                  }}
                />
              )}
              onAddColumn={canAddColumns ? () => setAdding(true) : null}
              onReady={(now) => {
                latest.current = now;
              }}
              onDeleteRows={(now) => void deleteRows(now)}
            />
          </EvenDecimals>
        )}
      </div>
      <RecordPanel
        collection={collection}
        fields={fields}
        neighbours={neighboursOf(rows, place.record)}
        place={place}
        onDelete={(record, onStart) =>
          remove([record], () => {
            onStart();
            place.go({ record: undefined, create: undefined });
          })
        }
      />
      {dialog}
      {isAdding && (
        <AddFieldDialog collection={collection} collections={collections} onClose={() => setAdding(false)} />
      )}
      {renamed && <RenameFieldDialog collection={collection} field={renamed} onClose={() => setRenamed(null)} />}
    </>
  );
}

/** The search box and the filter are asked for together. */
function useQuestion(
  collection: Collection,
  collections: readonly Collection[],
  { filter: typed, where = "", sort = "" }: RecordsPlace,
): Question {
  const searched = searchFilter(collection, typed, collections);
  const filter = searched !== "" && where !== "" ? `(${where}) && (${searched})` : where || searched;
  return useMemo(() => ({ filter, sort }), [filter, sort]);
}

/** Dates whose loaded values are all days are taken as days. */
function useDayOnly(records: StoredRecord[] | undefined) {
  return useMemo(() => {
    return ({ name }: Field) =>
      (records ?? []).every((record) => !record[name] || String(record[name]).endsWith(" 00:00:00.000Z"));
  }, [records]);
}

function namesIn(group: Group | null): ReadonlySet<string> {
  if (!group || countConditions(group) === 0) return new Set();
  return new Set(group.items.flatMap((item) => (isGroup(item) ? [...namesIn(item)] : [item.field])));
}

/** The panel steps through the loaded records around the open one. */
function neighboursOf(rows: ReturnType<typeof useRows>, open: string | undefined): StoredRecord[] {
  const AROUND = 50;
  const index = open === undefined ? -1 : rows.indexOf(open);
  if (index < 0) return [];
  const records: StoredRecord[] = [];
  for (let at = Math.max(0, index - AROUND); at < Math.min(rows.count, index + AROUND); at++) {
    const record = rows.at(at)?.record;
    if (record) records.push(record);
  }
  return records;
}

/** Moves the cursor to what was refused. Returns whether the row is among those that are loaded. */
function showRow(now: GridNow, key: string): boolean {
  const row = now.rows.indexOf(key);
  if (row < 0) return false;
  const refused = now.editor.unsaved.row(key)?.refused ?? {};
  const column = now.columns.findIndex(({ field }) => field.name in refused);
  now.select(selectCell({ row, column: Math.max(0, column) }));
  return true;
}
