/** What stands in place of the sheet when there is nothing to show, by reason. */

import { Inbox, ScanEye, SearchX, Sprout } from "lucide-react";
import { serverAddress } from "#api/client.ts";
import type { Collection } from "#api/types.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { exampleOf } from "./example.ts";

export function NoMatches({ typed, onClear }: { typed: string; onClear: () => void }) {
  return (
    <EmptyState
      icon={SearchX}
      title="Nothing found"
      lead={
        <>
          No record matches “{typed}”. Search looks at texts; to ask for something exact, write a filter such as{" "}
          <code>price &gt; 10</code> or <code>name = 'Ana'</code>.
        </>
      }
    >
      <Button onClick={onClear}>Show all records</Button>
    </EmptyState>
  );
}

export function EmptyPage({ onFirstPage }: { onFirstPage: () => void }) {
  return (
    <EmptyState icon={Inbox} title="This page is empty" lead="There are fewer records than that.">
      <Button onClick={onFirstPage}>Go to the first page</Button>
    </EmptyState>
  );
}

export function NoRecords({ collection }: { collection: Collection }) {
  const { name, type, system } = collection;
  if (type === "view") {
    return (
      <EmptyState
        icon={ScanEye}
        title="Nothing here yet"
        lead="This list is calculated from other collections. It fills as soon as they do."
      />
    );
  }
  if (system) {
    return (
      <EmptyState icon={Inbox} title="Nothing here" lead="Steading fills this collection by itself when needed." />
    );
  }
  return (
    <EmptyState
      icon={Sprout}
      title="Nothing here yet"
      lead={
        type === "auth" ? "People appear here when they sign up in your app." : "Here is how the first records get in."
      }
    >
      {type === "base" && (
        <Step title="Have a spreadsheet? Save it as CSV, and on the machine Steading runs on, type:">
          <CodeBlock label="Command" code={`steading import ${name}.csv --into ${name}`} />
        </Step>
      )}
      <Step title="Writing an app? With the PocketBase library (npm install pocketbase):">
        <CodeBlock label="Example" code={exampleOf(collection, serverAddress())} />
      </Step>
    </EmptyState>
  );
}

function Step({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className="flex w-full flex-col gap-2 text-left">
      <h3 className="text-sm font-medium">{title}</h3>
      {children}
    </section>
  );
}
