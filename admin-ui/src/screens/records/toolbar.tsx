/** Above the grid: what it is, whether it is saved, the search box, and what to show of it. */

import { CodeXml, Plus, RefreshCw, Settings2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Collection } from "#api/types.ts";
import { CollectionIcon, collectionKind } from "#fields/collection-icon.tsx";
import { classNames } from "#lib/class-names.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";

type ToolbarProps = {
  collection: Collection;
  /** Below the title. */
  state: ReactNode;
  search: ReactNode;
  /** Buttons for what is shown. */
  children: ReactNode;
  isFetching: boolean;
  onRefresh: () => void;
  /** Absent where nothing can be added. */
  onNew?: () => void;
};

export function Toolbar({ collection, state, search, children, isFetching, onRefresh, onNew }: ToolbarProps) {
  const { grid, common } = words();
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-1.5 sm:px-5">
      <div className="flex min-w-0 flex-1 basis-60 items-center gap-2.5 md:basis-36">
        <span
          title={collectionKind(collection.type)}
          className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-moss-wash text-moss-strong"
        >
          <CollectionIcon type={collection.type} />
        </span>
        <div className="min-w-0 flex-1">
          <h1 title={collection.name} className="truncate text-lg font-semibold tracking-tight">
            {collection.name}
          </h1>
          <div className="-mt-0.5 flex h-4.5 items-center gap-3">{state}</div>
        </div>
      </div>
      <div className="order-last w-full max-md:pb-1 md:order-none md:w-52 min-[89rem]:w-60">{search}</div>
      <div className="ml-auto flex flex-wrap justify-end gap-1.5 md:ml-0">
        {children}
        <a
          href={asHref(paths.editCollection(collection.name))}
          aria-label={words().schema.setUp(collection.name)}
          title={words().schema.setUp(collection.name)}
          className="inline-flex size-9 items-center justify-center rounded-lg border max-sm:hidden border-line bg-raised text-ink shadow-xs hover:bg-sunken"
        >
          <Settings2 className="size-4.5" aria-hidden />
        </a>
        <a
          href={asHref(paths.api(collection.name))}
          aria-label={words().apiPage.title(collection.name)}
          title={words().apiPage.title(collection.name)}
          className="inline-flex size-9 items-center justify-center rounded-lg border max-sm:hidden border-line bg-raised text-ink shadow-xs hover:bg-sunken"
        >
          <CodeXml className="size-4.5" aria-hidden />
        </a>
        <IconButton
          label={common.reload}
          icon={RefreshCw}
          look="plain"
          onClick={onRefresh}
          // What others change comes by itself; a phone has no room for more.
          className={classNames("max-sm:hidden", isFetching && "[&>svg]:animate-spin")}
        />
        {onNew && (
          <Button title={grid.newRecord} look="primary" icon={Plus} onClick={onNew}>
            <span className="max-lg:sr-only">{grid.newRecord}</span>
          </Button>
        )}
      </div>
    </header>
  );
}
