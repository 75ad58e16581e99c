/** Bringing in a file: choosing it, looking at what becomes of it, carrying it out, undoing it. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { importQuery } from "#api/imports.ts";
import { paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { words } from "#words/words.ts";
import { ChooseFile } from "./choose-file.tsx";
import { EarlierImports } from "./earlier-imports.tsx";
import { Review } from "./review.tsx";

const route = getRouteApi("/inside/import");

export function ImportScreen() {
  const { id, into } = route.useSearch();
  const navigate = route.useNavigate();
  const texts = words().imports;
  const restart = () => navigate({ href: paths.import({ into }) });
  return (
    <Page title={texts.title} lead={texts.lead} isWide>
      {id === undefined ? (
        <>
          <ChooseFile
            into={into}
            onUploaded={(found) => navigate({ href: paths.import({ id: found.id, into }), replace: true })}
          />
          <EarlierImports />
        </>
      ) : (
        <Opened key={id} id={id} onRestart={restart} />
      )}
    </Page>
  );
}

function Opened({ id, onRestart }: { id: string; onRestart: () => void }) {
  const found = useQuery(importQuery(id));
  const collections = useQuery(collectionsQuery());
  if (found.error) {
    const problem = explain(found.error);
    return (
      <div className="flex flex-col items-start gap-4">
        <Notice tone="danger">{problem.kind === "missing" ? words().imports.isOver : problem.message}</Notice>
        <Button onClick={onRestart}>{words().imports.another}</Button>
      </div>
    );
  }
  if (!found.data || !collections.data) return <Loading />;
  return <Review found={found.data} collections={collections.data} onRestart={onRestart} />;
}
