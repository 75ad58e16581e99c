/** Above the sheet: what it is, the search box, and what to show of it. */

import { Plus, RefreshCw } from "lucide-react";
import type { Collection, Field } from "#api/types.ts";
import { CollectionIcon, collectionKind } from "#fields/collection-icon.tsx";
import { Button, IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import type { ColumnPreferences } from "./column-preferences.ts";
import { ColumnsMenu } from "./columns-menu.tsx";
import { SearchBox } from "./search-box.tsx";
import { usePlace } from "./use-place.ts";

type ToolbarProps = {
  collection: Collection;
  fields: Field[];
  columns: ColumnPreferences;
  isFetching: boolean;
  onRefresh: () => void;
};

export function Toolbar({ collection, fields, columns, isFetching, onRefresh }: ToolbarProps) {
  const place = usePlace();
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 sm:px-6">
      <div className="flex min-w-0 items-center gap-2.5" title={collectionKind(collection.type)}>
        <span className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-moss-wash text-moss-strong">
          <CollectionIcon type={collection.type} />
        </span>
        <h1 className="truncate text-lg font-semibold tracking-tight">{collection.name}</h1>
      </div>
      <div className="order-last w-full sm:order-none sm:ml-auto sm:w-80">
        <SearchBox
          committed={place.filter ?? ""}
          onCommit={(filter) => place.adjust({ filter: filter || undefined, page: undefined })}
        />
      </div>
      <div className="ml-auto flex gap-1.5 sm:ml-0">
        {collection.type !== "view" && (
          <Button look="primary" icon={Plus} onClick={() => place.go({ create: "empty", record: undefined })}>
            {words().recordPanel.newRecord}
          </Button>
        )}
        <ColumnsMenu fields={fields} columns={columns} />
        <IconButton
          label="Load again"
          icon={RefreshCw}
          look="plain"
          onClick={onRefresh}
          className={isFetching ? "[&>svg]:animate-spin" : undefined}
        />
      </div>
    </header>
  );
}
