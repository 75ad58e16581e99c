/** Ways to begin: with a spreadsheet, with something of one's own, with a template, or with code. */

import { FileSpreadsheet, type LucideIcon, Plus } from "lucide-react";
import { serverAddress } from "#api/client.ts";
import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { words } from "#words/words.ts";
import { Templates } from "./templates.tsx";

export function FirstSteps() {
  const texts = words().overview;
  return (
    <div className="flex flex-col gap-6">
      <div className="grid gap-4 sm:grid-cols-2">
        <Way
          icon={FileSpreadsheet}
          title={texts.fromFile}
          lead={texts.fromFileLead}
          href={asHref(paths.import())}
          label={words().imports.title}
          isFirst
        />
        <Way
          icon={Plus}
          title={texts.fromNothing}
          lead={texts.fromNothingLead}
          href={asHref(paths.newCollection())}
          label={texts.newCollection}
        />
      </div>
      <Templates />
      <details className="rounded-2xl border border-line bg-surface">
        <summary className="rounded-2xl px-5 py-4 font-medium">{texts.fromApp}</summary>
        <div className="flex flex-col gap-3 border-t border-line p-5">
          <p className="text-sm text-ink-soft">
            {texts.fromAppLead} <code>npm install pocketbase</code>
          </p>
          <CodeBlock
            label={texts.example}
            code={`import PocketBase from "pocketbase";

const server = new PocketBase("${serverAddress()}");
const people = await server.collection("users").getList();`}
          />
        </div>
      </details>
    </div>
  );
}

type WayProps = { icon: LucideIcon; title: string; lead: string; href: string; label: string; isFirst?: boolean };

function Way({ icon: Icon, title, lead, href, label, isFirst = false }: WayProps) {
  return (
    <section className="flex flex-col items-start gap-3 rounded-2xl border border-line bg-surface p-5">
      <Icon className="size-7 text-moss" aria-hidden />
      <div className="flex-1">
        <h2 className="font-semibold">{title}</h2>
        <p className="mt-0.5 text-sm text-ink-soft">{lead}</p>
      </div>
      <LinkButton look={isFirst ? "primary" : "plain"} href={href}>
        {label}
      </LinkButton>
    </section>
  );
}
