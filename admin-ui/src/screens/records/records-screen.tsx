/** The records of one collection, as a sheet. Which of them, in what order and which one is open, the address says. */

import { useQuery } from "@tanstack/react-query";
import { collectionsQuery, findCollection } from "#api/collections.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { usePageTitle } from "#ui/use-page-title.ts";
import { words } from "#words/words.ts";
import { Sheet } from "./sheet.tsx";
import { Trouble } from "./trouble.tsx";
import { useCollectionName } from "./use-place.ts";

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
        <Notice>{words().grid.noCollection(name)}</Notice>
      </div>
    );
  }
  // A fresh screen per collection: nothing typed or scrolled carries over.
  return <Sheet key={collection.id} collection={collection} collections={collections.data} />;
}
