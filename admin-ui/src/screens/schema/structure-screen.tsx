/** All collections at a glance, and their definitions as files. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { Tabs } from "#ui/tabs.tsx";
import { words } from "#words/words.ts";
import { Diagram } from "./diagram.tsx";
import { ExportTab } from "./export-tab.tsx";
import { ImportTab } from "./import-tab.tsx";

const route = getRouteApi("/inside/schema");
const TABS = ["map", "export", "import"] as const;

export function StructureScreen() {
  const say = words().structure;
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const collections = useQuery(collectionsQuery());
  const { data } = collections;
  return (
    <Page
      title={say.title}
      lead={say.lead}
      isWide
      actions={
        <LinkButton href={asHref(paths.newCollection())} look="primary">
          <Plus className="size-4" aria-hidden />
          {words().app.newCollection}
        </LinkButton>
      }
    >
      {collections.isPending && <Loading />}
      {collections.error && !data && <Notice tone="danger">{explain(collections.error).message}</Notice>}
      {data && (
        <Tabs
          label={say.tabsLabel}
          value={TABS.find((name) => name === tab) ?? "map"}
          onChange={(next) => navigate({ search: { tab: next }, replace: true })}
          tabs={[
            { value: "map", label: say.tabs.map, content: <Diagram collections={data} /> },
            { value: "export", label: say.tabs.export, content: <ExportTab collections={data} /> },
            { value: "import", label: say.tabs.import, content: <ImportTab collections={data} /> },
          ]}
        />
      )}
    </Page>
  );
}
