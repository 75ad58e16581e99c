/** The first thing one sees after signing in: what is there, how much of it, and how to bring in more. */

import { useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { countQuery } from "#api/records.ts";
import type { Collection } from "#api/types.ts";
import { CollectionIcon, collectionKind } from "#fields/collection-icon.tsx";
import { asHref, paths } from "#lib/paths.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { usePageTitle } from "#ui/use-page-title.ts";
import { words } from "#words/words.ts";
import { FirstSteps } from "./first-steps.tsx";
import { SamplesNotice } from "./samples-notice.tsx";
import { ServerState } from "./server-state.tsx";

export function CollectionsScreen() {
  usePageTitle(words().overview.title);
  const collections = useQuery(collectionsQuery());
  return (
    <div className="overflow-y-auto">
      <div className="mx-auto flex max-w-5xl flex-col gap-8 px-4 py-8 sm:px-8 sm:py-12">
        <Heading isNew={collections.data?.every(({ system, type }) => system || type !== "base") ?? false} />
        {collections.isPending && <Loading />}
        {collections.error && !collections.data && <Notice tone="danger">{explain(collections.error).message}</Notice>}
        {collections.data && <Overview collections={collections.data.filter(({ system }) => !system)} />}
      </div>
    </div>
  );
}

function Heading({ isNew }: { isNew: boolean }) {
  const texts = words().overview;
  return (
    <header>
      <h1 className="text-2xl font-semibold tracking-tight">{isNew ? texts.begin : texts.heading}</h1>
      <p className="mt-1 text-ink-soft">{isNew ? texts.beginLead : texts.lead}</p>
    </header>
  );
}

function Overview({ collections }: { collections: Collection[] }) {
  const isNew = !collections.some(({ type }) => type === "base");
  return (
    <>
      <SamplesNotice collections={collections} />
      {isNew && <FirstSteps />}
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {collections.map((collection) => (
          <li key={collection.id}>
            <CollectionCard collection={collection} />
          </li>
        ))}
      </ul>
      {!isNew && (
        <details className="rounded-2xl border border-line">
          <summary className="rounded-2xl px-5 py-4 font-medium">{words().overview.add}</summary>
          <div className="border-t border-line p-5">
            <FirstSteps />
          </div>
        </details>
      )}
      <ServerState />
    </>
  );
}

function CollectionCard({ collection }: { collection: Collection }) {
  const { name, type } = collection;
  const count = useQuery(countQuery(name));
  return (
    <a
      href={asHref(paths.records(name))}
      className="flex h-full flex-col gap-3 rounded-2xl border border-line bg-surface p-4 shadow-xs transition-colors hover:border-moss hover:bg-raised"
    >
      <span className="flex items-center gap-2.5">
        <span className="flex size-8 items-center justify-center rounded-lg bg-moss-wash text-moss-strong">
          <CollectionIcon type={type} />
        </span>
        <span className="truncate font-medium">{name}</span>
      </span>
      <span className="flex flex-wrap justify-between gap-x-3 text-sm text-ink-soft">
        <span>{collectionKind(type)}</span>
        <span className="tabular-nums">{count.data === undefined ? "" : words().common.records(count.data)}</span>
      </span>
    </a>
  );
}
