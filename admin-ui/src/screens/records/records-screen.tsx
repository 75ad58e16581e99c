/** The records of one collection, as a sheet. Which of them, in what order and which one is open, the address says. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { collectionsQuery, findCollection } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { recordsQuery } from "#api/records.ts";
import type { Collection } from "#api/types.ts";
import { kindOf } from "#fields/registry.ts";
import { visibleFields } from "#fields/visible-fields.ts";
import { toFilter } from "#lib/filter-text.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { usePageTitle } from "#ui/use-page-title.ts";
import { useColumnPreferences } from "./column-preferences.ts";
import { EmptyPage, NoMatches, NoRecords } from "./empty.tsx";
import { Pager } from "./pager.tsx";
import { RecordPanel } from "./record-panel.tsx";
import { RecordTable } from "./record-table.tsx";
import { Toolbar } from "./toolbar.tsx";
import { useCollectionName, usePlace } from "./use-place.ts";

export function RecordsScreen() {
  const name = useCollectionName();
  usePageTitle(name);
  const collections = useQuery(collectionsQuery());
  if (collections.isPending) return <Loading />;
  if (!collections.data) return <Trouble error={collections.error} />;
  const collection = findCollection(collections.data, name);
  if (!collection) {
    return (
      <div className="p-6">
        <Notice>There is no collection called “{name}”. It may have been renamed or removed.</Notice>
      </div>
    );
  }
  // A fresh screen per collection: nothing typed or scrolled carries over.
  return <Records key={collection.id} collection={collection} />;
}

function Records({ collection }: { collection: Collection }) {
  const place = usePlace();
  const fields = visibleFields(collection);
  const filter = toFilter(place.filter ?? "", searchedFields(collection), namesOf(collection));
  const query = { filter, sort: place.sort ?? "", page: place.page ?? 1 };
  const records = useQuery(recordsQuery(collection, query));
  const columns = useColumnPreferences(collection.name, fields);
  const cache = useQueryClient();
  // The collection itself may have changed too. And it answers superusers only, so a sign-in that has ended shows.
  const refresh = () => {
    cache.invalidateQueries({ queryKey: keys.collections() });
    cache.invalidateQueries({ queryKey: keys.records(collection.name) });
  };
  return (
    <>
      <Toolbar
        collection={collection}
        fields={fields}
        columns={columns}
        isFetching={records.isFetching}
        onRefresh={refresh}
      />
      <div className="flex min-h-0 flex-1 flex-col">
        {records.isPending && <Loading />}
        {records.error && <Trouble error={records.error} filter={place.filter} />}
        {!records.error && records.data && records.data.length > 0 && (
          <RecordTable collection={collection} fields={fields} columns={columns} records={records.data} />
        )}
        {!records.error && records.data?.length === 0 && <Empty collection={collection} />}
      </div>
      <Pager collection={collection} filter={filter} shown={records.error ? 0 : (records.data?.length ?? 0)} />
      <RecordPanel collection={collection} fields={fields} neighbours={records.data ?? []} />
    </>
  );
}

function Empty({ collection }: { collection: Collection }) {
  const place = usePlace();
  if (place.page) return <EmptyPage onFirstPage={() => place.go({ page: undefined })} />;
  if (place.filter) return <NoMatches typed={place.filter} onClear={() => place.go({ filter: undefined })} />;
  return <NoRecords collection={collection} />;
}

/** A refused filter is the visitor's to mend; the server does not say what exactly is wrong with it. */
function Trouble({ error, filter }: { error: unknown; filter?: string }) {
  const problem = explain(error);
  const isFilter = problem.kind === "invalid" && filter !== undefined;
  return (
    <div className="p-4 sm:px-6">
      <Notice tone="danger">
        {isFilter
          ? "This filter is not understood. Check the names of the fields, and put texts into quotes: name = 'Ana'."
          : problem.message}
      </Notice>
    </div>
  );
}

function searchedFields(collection: Collection): string[] {
  const fields = visibleFields(collection).filter((field) => kindOf(field).isSearched && !field.primaryKey);
  return fields.map(({ name }) => name);
}

function namesOf(collection: Collection): string[] {
  return collection.fields.map(({ name }) => name);
}
