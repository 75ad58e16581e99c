/** Ways to begin: with a spreadsheet, with an empty collection, with a template, or with code. */

import { useNavigate } from "@tanstack/react-router";
import { FileSpreadsheet, Plus } from "lucide-react";
import { serverAddress } from "#api/client.ts";
import { IMPORT_FILES, useImportUpload } from "#api/use-import-upload.ts";
import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { FileDrop } from "#ui/file-drop.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import { Templates } from "./templates.tsx";

export function FirstSteps() {
  const texts = words().overview;
  return (
    <div className="flex flex-col gap-6">
      <FromFile />
      <section className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-2xl border border-line bg-surface p-5">
        <Plus className="size-7 shrink-0 text-moss" aria-hidden />
        <div className="min-w-0 flex-1 basis-52">
          <h2 className="font-semibold">{texts.fromNothing}</h2>
          <p className="mt-0.5 text-sm text-ink-soft">{texts.fromNothingLead}</p>
        </div>
        <LinkButton href={asHref(paths.newCollection())}>{texts.newCollection}</LinkButton>
      </section>
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

function FromFile() {
  const { overview, imports } = words();
  const navigate = useNavigate();
  const { upload, progress, problem } = useImportUpload(undefined, ({ id }) =>
    navigate({ href: paths.import({ id }) }),
  );
  return (
    <section className="flex flex-col gap-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <div className="min-w-0">
          <h2 className="font-semibold">{overview.fromFile}</h2>
          <p className="mt-0.5 text-sm text-ink-soft">{overview.fromFileLead}</p>
        </div>
        <TextLink href={asHref(paths.import())}>{imports.earlier}</TextLink>
      </div>
      <FileDrop
        icon={FileSpreadsheet}
        title={imports.drop}
        buttonLabel={imports.choose}
        hint={imports.formats}
        accept={IMPORT_FILES}
        progress={progress}
        problem={problem}
        onFile={upload}
      />
    </section>
  );
}
