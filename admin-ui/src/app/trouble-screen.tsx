/** The last net: a screen that failed to draw. */

import type { ErrorComponentProps } from "@tanstack/react-router";
import { Button } from "#ui/button.tsx";
import { CardPage } from "#ui/card-page.tsx";
import { CodeBlock } from "#ui/code-block.tsx";

export function TroubleScreen({ error }: ErrorComponentProps) {
  return (
    <CardPage
      title="This page stumbled"
      lead="Your data is not affected. Reloading usually helps; if it does not, please report the text below."
    >
      <div className="flex flex-col gap-4">
        <CodeBlock label="Error text" code={String(error)} />
        <Button look="primary" onClick={() => window.location.reload()}>
          Reload the page
        </Button>
      </div>
    </CardPage>
  );
}
