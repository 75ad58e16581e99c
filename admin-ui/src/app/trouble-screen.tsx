/** The last net: a screen that failed to draw. */

import type { ErrorComponentProps } from "@tanstack/react-router";
import { Button } from "#ui/button.tsx";
import { CardPage } from "#ui/card-page.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { words } from "#words/words.ts";

export function TroubleScreen({ error }: ErrorComponentProps) {
  return (
    <CardPage title={words().app.troubleTitle} lead={words().app.troubleLead}>
      <div className="flex flex-col gap-4">
        <CodeBlock label={words().app.errorText} code={String(error)} />
        <Button look="primary" onClick={() => window.location.reload()}>
          {words().app.reloadPage}
        </Button>
      </div>
    </CardPage>
  );
}
