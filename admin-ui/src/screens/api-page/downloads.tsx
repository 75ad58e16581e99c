/** The collection as types, and the whole API as a document. */

import { Download } from "lucide-react";
import { useState } from "react";
import { serverAddress } from "#api/client.ts";
import { explain } from "#api/errors.ts";
import { openApiDocument } from "#api/openapi.ts";
import type { Collection } from "#api/types.ts";
import { saveAs } from "#lib/save-as.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { typescriptTypes } from "./typescript-types.ts";

export function Downloads({ collection, collections }: { collection: Collection; collections: Collection[] }) {
  const { apiPage, common } = words();
  const [isLoading, setLoading] = useState(false);
  const address = `${serverAddress()}/api/openapi.json`;
  const loadDocument = async () => {
    setLoading(true);
    try {
      saveAs("openapi.json", "application/json", await openApiDocument());
    } catch (error) {
      toastProblem(explain(error).message);
    } finally {
      setLoading(false);
    }
  };
  return (
    <article className="flex flex-col gap-8">
      <section className="flex flex-col gap-3">
        <h2 className="text-xl font-semibold tracking-tight">{apiPage.typescript}</h2>
        <p className="text-ink-soft">{apiPage.typescriptLead}</p>
        <div>
          <Button
            icon={Download}
            onClick={() => saveAs("steading-types.ts", "text/plain", typescriptTypes(collections))}
          >
            {apiPage.downloadAll}
          </Button>
        </div>
        <p className="text-sm text-ink-soft">{apiPage.typesCommand}</p>
        <CodeBlock
          label={apiPage.command}
          code={`steading types ts --url ${serverAddress()} --token TOKEN > steading.ts`}
        />
        <CodeBlock label={apiPage.typescript} code={typescriptTypes(collections, collection)} />
      </section>
      <section className="flex flex-col gap-3">
        <h2 className="text-xl font-semibold tracking-tight">OpenAPI</h2>
        <p className="text-ink-soft">{apiPage.openApiLead}</p>
        <CodeBlock label={apiPage.address} code={address} />
        <div>
          <Button icon={Download} disabled={isLoading} onClick={loadDocument}>
            {isLoading ? common.oneMoment : apiPage.downloadOpenApi}
          </Button>
        </div>
      </section>
    </article>
  );
}
