/** The records of one collection, as a sheet. Which of them, in what order and which one is open, the address says. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { collectionsQuery, findCollection } from "#api/collections.ts";
import { keys } from "#api/keys.ts";
import { usePendingDeletions } from "#api/pending-deletions.ts";
import { recordsQuery } from "#api/records.ts";
import type { Collection } from "#api/types.ts";
import { searchFilter } from "#fields/search-filter.ts";
import { visibleFields } from "#fields/visible-fields.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { usePageTitle } from "#ui/use-page-title.ts";
import { useColumnPreferences } from "./column-preferences.ts";
import { EmptyPage, NoMatches, NoRecords } from "./empty.tsx";
import { Pager } from "./pager.tsx";
import { RecordPanel } from "./record-panel/record-panel.tsx";
import { RecordTable } from "./record-table.tsx";
import { Toolbar } from "./toolbar.tsx";
import { Trouble } from "./trouble.tsx";
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
  const fields = useMemo(() => visibleFields(collection), [collection]);
  const columns = useColumnPreferences(collection.name, fields);
  const filter = searchFilter(collection, place.filter);
  const query = { filter, sort: place.sort ?? "", page: place.page ?? 1 };
  const pending = usePendingDeletions(collection.name);
  const { data, error, isPending, isFetching, isPlaceholderData } = useQuery(recordsQuery(collection, query));
  const records = useMemo(() => data?.filter(({ id }) => !pending.has(id)), [data, pending]);
  const refresh = useRefresh(collection);
  return (
    <>
      <Toolbar collection={collection} fields={fields} columns={columns} isFetching={isFetching} onRefresh={refresh} />
      <div className="flex min-h-0 flex-1 flex-col">
        {isPending && <Loading />}
        {error && <Trouble error={error} filter={place.filter} sort={place.sort} />}
        {records && records.length > 0 && (
          <RecordTable
            collection={collection}
            fields={fields}
            columns={columns}
            records={records}
            isOutdated={isPlaceholderData}
          />
        )}
        {records?.length === 0 && <Empty collection={collection} />}
      </div>
      <Pager collection={collection} filter={filter} shown={records?.length ?? 0} />
      <RecordPanel collection={collection} fields={fields} neighbours={records ?? []} place={place} />
    </>
  );
}

function Empty({ collection }: { collection: Collection }) {
  const place = usePlace();
  if (place.page) return <EmptyPage onFirstPage={() => place.go({ page: undefined })} />;
  if (place.filter) return <NoMatches typed={place.filter} onClear={() => place.go({ filter: undefined })} />;
  return <NoRecords collection={collection} />;
}

/**
 * Loads the collection again as well: its fields may have changed. And it answers superusers only, so a sign-in that
 * has ended is noticed even where the records are open to everybody.
 */
function useRefresh(collection: Collection): () => void {
  const cache = useQueryClient();
  return () => {
    cache.invalidateQueries({ queryKey: keys.collections() });
    cache.invalidateQueries({ queryKey: keys.records(collection.name) });
  };
}
