/** The collection as types, and the whole API as a document. */

import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { serverAddress } from "#api/client.ts";
import { explain } from "#api/errors.ts";
import { openApiDocument } from "#api/openapi.ts";
import type { Collection } from "#api/types.ts";
import { typescriptTypes, typesQuery } from "#api/typescript.ts";
import { saveAs } from "#lib/save-as.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function Downloads({ collection }: { collection: Collection }) {
  const { apiPage, common } = words();
  const types = useQuery(typesQuery(collection.name));
  const [loading, setLoading] = useState<"types" | "document">();
  const address = `${serverAddress()}/api/openapi.json`;
  const load = async (what: "types" | "document", save: () => Promise<void>) => {
    setLoading(what);
    try {
      await save();
    } catch (error) {
      toastProblem(explain(error).message);
    } finally {
      setLoading(undefined);
    }
  };
  const saveTypes = async () => saveAs("steading-types.ts", "text/plain", await typescriptTypes());
  const saveDocument = async () => saveAs("openapi.json", "application/json", await openApiDocument());
  return (
    <article className="flex flex-col gap-8">
      <section className="flex flex-col gap-3">
        <h2 className="text-xl font-semibold tracking-tight">{apiPage.typescript}</h2>
        <p className="text-ink-soft">{apiPage.typescriptLead}</p>
        <div>
          <Button icon={Download} disabled={loading !== undefined} onClick={() => load("types", saveTypes)}>
            {loading === "types" ? common.oneMoment : apiPage.downloadAll}
          </Button>
        </div>
        <p className="text-sm text-ink-soft">{apiPage.typesCommand}</p>
        <CodeBlock
          label={apiPage.command}
          code={`steading types ts --url ${serverAddress()} --token TOKEN > steading.ts`}
        />
        {types.isPending && <Loading />}
        {types.error && <Notice tone="danger">{explain(types.error).message}</Notice>}
        {types.data !== undefined && <CodeBlock label={apiPage.typescript} code={types.data} />}
      </section>
      <section className="flex flex-col gap-3">
        <h2 className="text-xl font-semibold tracking-tight">OpenAPI</h2>
        <p className="text-ink-soft">{apiPage.openApiLead}</p>
        <CodeBlock label={apiPage.address} code={address} />
        <div>
          <Button icon={Download} disabled={loading !== undefined} onClick={() => load("document", saveDocument)}>
            {loading === "document" ? common.oneMoment : apiPage.downloadOpenApi}
          </Button>
        </div>
      </section>
    </article>
  );
}
