/** The list of collections: your own first, the ones Steading keeps for itself apart and folded away. */

import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { ChevronRight, House, Plus } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import type { Collection } from "#api/types.ts";
import { CollectionIcon } from "#fields/collection-icon.tsx";
import { classNames } from "#lib/class-names.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { SearchInput } from "#ui/search-input.tsx";
import { words } from "#words/words.ts";
import { CommandButton } from "./command-button.tsx";
import { serverPlaces } from "./navigation.ts";

/** Fewer are seen at a glance, built-in ones included; the box to find one would only take their room. */
const MANY_COLLECTIONS = 15;

export function Sidebar() {
  const [wanted, setWanted] = useState("");
  const collections = useQuery(collectionsQuery());
  return (
    <nav aria-label={words().app.collections} className="flex min-h-0 flex-1 flex-col gap-2">
      <div className="flex flex-col gap-2 px-3">
        <CommandButton />
        {(collections.data?.length ?? 0) >= MANY_COLLECTIONS && (
          <SearchInput label={words().app.findCollection} value={wanted} onChange={setWanted} />
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-4">
        <SidebarLink path={paths.home()} icon={<House className="size-4" aria-hidden />} label={words().app.overview} />
        {collections.isPending && <Loading />}
        {collections.error && !collections.data && <Notice tone="danger">{explain(collections.error).message}</Notice>}
        {collections.data && <Groups collections={collections.data} wanted={wanted} />}
        {wanted === "" && <ServerLinks />}
      </div>
    </nav>
  );
}

function Groups({ collections, wanted }: { collections: Collection[]; wanted: string }) {
  const { pathname } = useLocation();
  const word = wanted.trim().toLowerCase();
  const found = collections.filter(({ name }) => name.toLowerCase().includes(word));
  const own = found.filter(({ system }) => !system);
  const builtIn = found.filter(({ system }) => system);
  const isInBuiltIn = builtIn.some(({ name }) => [paths.records(name), paths.editCollection(name)].includes(pathname));
  if (found.length === 0) return <p className="px-2 py-3 text-sm text-ink-soft">{words().app.noSuchCollection}</p>;
  return (
    <>
      {own.length > 0 && (
        <h2 className="px-2 pt-4 pb-1 text-xs font-medium text-ink-soft">{words().app.yourCollections}</h2>
      )}
      <CollectionLinks collections={own} />
      {word === "" && (
        <SidebarLink
          path={paths.newCollection()}
          icon={<Plus className="size-4" aria-hidden />}
          label={words().app.newCollection}
        />
      )}
      {builtIn.length > 0 && (
        <details className="group mt-3" open={word !== "" || isInBuiltIn}>
          <summary className="flex items-center gap-1 rounded-md px-2 py-1 text-xs font-medium text-ink-soft hover:text-ink">
            {words().app.builtIn}
            <ChevronRight className="size-3.5 transition-transform group-open:rotate-90" aria-hidden />
          </summary>
          <CollectionLinks collections={builtIn} />
        </details>
      )}
    </>
  );
}

/** Everything that is not about one collection. */
function ServerLinks() {
  return (
    <>
      <h2 className="px-2 pt-5 pb-1 text-xs font-medium text-ink-soft">{words().app.server}</h2>
      {serverPlaces().map(({ path, label, icon: Icon, hasInner }) => (
        <SidebarLink
          key={path}
          path={path}
          hasInner={hasInner}
          icon={<Icon className="size-4" aria-hidden />}
          label={label}
        />
      ))}
    </>
  );
}

function CollectionLinks({ collections }: { collections: Collection[] }) {
  return (
    <ul>
      {collections.map(({ id, name, type }) => (
        <li key={id}>
          <SidebarLink
            path={paths.records(name)}
            alsoAt={paths.editCollection(name)}
            icon={<CollectionIcon type={type} />}
            label={name}
          />
        </li>
      ))}
    </ul>
  );
}

type SidebarLinkProps = { path: string; alsoAt?: string; hasInner?: boolean; icon: ReactNode; label: string };

function SidebarLink({ path, alsoAt, hasInner = false, icon, label }: SidebarLinkProps) {
  const { pathname } = useLocation();
  const isCurrent = pathname === path || pathname === alsoAt || (hasInner && pathname.startsWith(`${path}/`));
  const link = useRef<HTMLAnchorElement>(null);
  // Where one is would be out of sight in a long list, also after going there in another way than by this link.
  useEffect(() => {
    if (isCurrent) link.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  return (
    <a
      ref={link}
      href={asHref(path)}
      aria-current={isCurrent ? "page" : undefined}
      className={classNames(
        "flex items-center gap-2.5 rounded-lg px-2 py-1.5 text-sm",
        isCurrent ? "bg-moss-wash font-medium text-moss-strong" : "text-ink-soft hover:bg-line/50 hover:text-ink",
      )}
    >
      {icon}
      <span className="truncate">{label}</span>
    </a>
  );
}
