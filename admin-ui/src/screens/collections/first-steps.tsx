/** Two ways to begin: with a spreadsheet, or with code. */

import { serverAddress } from "#api/client.ts";
import { CodeBlock } from "#ui/code-block.tsx";
import { words } from "#words/words.ts";

export function FirstSteps() {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <section className="flex min-w-0 flex-col gap-3 rounded-2xl border border-line bg-surface p-5">
        <h2 className="font-semibold">{words().overview.fromSpreadsheet}</h2>
        <p className="text-sm text-ink-soft">{words().overview.fromSpreadsheetLead}</p>
        <CodeBlock label={words().overview.command} code="steading import customers.csv --into customers" />
      </section>
      <section className="flex min-w-0 flex-col gap-3 rounded-2xl border border-line bg-surface p-5">
        <h2 className="font-semibold">{words().overview.fromApp}</h2>
        <p className="text-sm text-ink-soft">
          {words().overview.fromAppLead} <code>npm install pocketbase</code>
        </p>
        <CodeBlock
          label={words().overview.example}
          code={`import PocketBase from "pocketbase";

const server = new PocketBase("${serverAddress()}");
const people = await server.collection("users").getList();`}
        />
      </section>
    </div>
  );
}
