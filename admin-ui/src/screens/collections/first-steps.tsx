/** Two ways to begin: with a spreadsheet, or with code. */

import { serverAddress } from "#api/client.ts";
import { CodeBlock } from "#ui/code-block.tsx";

export function FirstSteps() {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <section className="flex min-w-0 flex-col gap-3 rounded-2xl border border-line bg-surface p-5">
        <h2 className="font-semibold">From a spreadsheet</h2>
        <p className="text-sm text-ink-soft">
          Save it as CSV (in Excel or LibreOffice: “Save as”). Then, on the machine Steading runs on, type this. The
          collection is made for you, with a fitting kind for every column.
        </p>
        <CodeBlock label="Command" code="steading import customers.csv --into customers" />
      </section>
      <section className="flex min-w-0 flex-col gap-3 rounded-2xl border border-line bg-surface p-5">
        <h2 className="font-semibold">From your own app</h2>
        <p className="text-sm text-ink-soft">
          Steading speaks the language of the PocketBase libraries. With <code>npm install pocketbase</code>:
        </p>
        <CodeBlock
          label="Example"
          code={`import PocketBase from "pocketbase";

const server = new PocketBase("${serverAddress()}");
const people = await server.collection("users").getList();`}
        />
      </section>
    </div>
  );
}
