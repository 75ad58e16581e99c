/** How an app talks to a collection: every endpoint with code to copy that carries its real names. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { collectionsQuery, findCollection } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import type { Collection } from "#api/types.ts";
import { CollectionIcon } from "#fields/collection-icon.tsx";
import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { usePageTitle } from "#ui/use-page-title.ts";
import { words } from "#words/words.ts";
import { Downloads } from "./downloads.tsx";
import { EndpointNav } from "./endpoint-nav.tsx";
import { EndpointView } from "./endpoint-view.tsx";
import { endpointsOf } from "./endpoints.ts";
import { useContextOf } from "./use-context.ts";

const route = getRouteApi("/inside/collections/$name/api");

export function ApiScreen() {
  const { name } = route.useParams();
  usePageTitle(words().apiPage.title(name));
  const collections = useQuery(collectionsQuery());
  if (collections.isPending) return <Loading />;
  const collection = collections.data && findCollection(collections.data, name);
  if (!collection) {
    return (
      <div className="p-6">
        {collections.error ? (
          <Notice tone="danger">{explain(collections.error).message}</Notice>
        ) : (
          <Notice>{words().apiPage.noCollection(name)}</Notice>
        )}
      </div>
    );
  }
  return <ApiPage key={collection.id} collection={collection} collections={collections.data} />;
}

function ApiPage({ collection, collections }: { collection: Collection; collections: Collection[] }) {
  const { apiPage } = words();
  const { endpoint: wanted } = route.useSearch();
  const endpoints = endpointsOf(collection);
  const found = useContextOf(collection, collections);
  const isTypes = wanted === "types";
  const endpoint = endpoints.find(({ id }) => id === wanted) ?? endpoints[0];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 sm:px-6">
        <span className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-moss-wash text-moss-strong">
          <CollectionIcon type={collection.type} />
        </span>
        <h1 className="min-w-0 truncate text-lg font-semibold tracking-tight">{apiPage.title(collection.name)}</h1>
        <LinkButton href={asHref(paths.records(collection.name))} className="ml-auto">
          {apiPage.toRecords}
        </LinkButton>
      </header>
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto lg:flex-row lg:overflow-visible">
        <EndpointNav
          collection={collection}
          endpoints={endpoints}
          current={isTypes ? "types" : (endpoint?.id ?? "list")}
        />
        <div className="min-w-0 flex-1 px-4 py-6 sm:px-8 lg:overflow-y-auto">
          <div className="mx-auto max-w-3xl">
            {isTypes && <Downloads collection={collection} />}
            {!isTypes && endpoint && found === null && <Loading />}
            {!isTypes && endpoint && found !== null && (
              <EndpointView key={endpoint.id} endpoint={endpoint} context={found.context} samples={found.samples} />
            )}
          </div>
        </div>
      </div>
    </div>
  );
}
