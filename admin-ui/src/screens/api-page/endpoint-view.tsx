/** One endpoint: what it does, who may call it, the code, and what is answered. */

import { useState } from "react";
import { explainRule } from "#lib/rules/explain.ts";
import { CodeBlock } from "#ui/code-block.tsx";
import { Notice } from "#ui/notice.tsx";
import { Tabs } from "#ui/tabs.tsx";
import { words } from "#words/words.ts";
import { answersOf } from "./answers.ts";
import type { CodeContext } from "./code-context.ts";
import { curlCommands } from "./curl.ts";
import { dart } from "./dart.ts";
import type { Access, Endpoint } from "./endpoints.ts";
import type { Samples } from "./example-values.ts";
import { javascript } from "./javascript.ts";
import { type CodeLanguage, rememberedLanguage, rememberLanguage } from "./language.ts";

const WRITERS = { js: javascript, dart, curl: curlCommands };

type EndpointViewProps = { endpoint: Endpoint; context: CodeContext; samples: Samples };

export function EndpointView({ endpoint, context, samples }: EndpointViewProps) {
  const { apiPage } = words();
  const [language, setLanguage] = useState(rememberedLanguage);
  const { id, calls, access, isOff } = endpoint;
  const choose = (chosen: CodeLanguage) => {
    setLanguage(chosen);
    rememberLanguage(chosen);
  };
  const tab = (value: CodeLanguage) => ({
    value,
    label: apiPage.languages[value],
    content: <CodeBlock code={WRITERS[value][id](context)} label={apiPage.languages[value]} />,
  });
  return (
    <article className="flex flex-col gap-6">
      <header className="flex flex-col gap-2">
        <h2 className="text-xl font-semibold tracking-tight">{apiPage.names[id]}</h2>
        <p className="text-ink-soft">{apiPage.leads[id]}</p>
        <ul className="mt-1 flex flex-col gap-1">
          {calls.map(([method, path]) => (
            <li key={`${method} ${path}`} className="flex flex-wrap items-center gap-2 font-mono text-[13px]">
              <span className={`rounded-md px-1.5 leading-6 ${METHOD_TONES[method] ?? ""}`}>{method}</span>
              <span className="break-all">{path}</span>
            </li>
          ))}
        </ul>
      </header>
      {isOff && <Notice>{apiPage.isOff}</Notice>}
      {context.id === "RECORD_ID" && NEEDS_RECORD.has(id) && <Notice>{apiPage.noRecord}</Notice>}
      <section className="flex flex-col gap-1.5">
        <h3 className="font-semibold">{apiPage.whoMay}</h3>
        <WhoMay access={access} />
      </section>
      <section className="flex flex-col gap-2">
        <h3 className="font-semibold">{apiPage.code}</h3>
        <Tabs label={apiPage.code} value={language} onChange={choose} tabs={[tab("js"), tab("dart"), tab("curl")]} />
        <p className="text-sm text-ink-soft">{apiPage.install[language]}</p>
      </section>
      <section className="flex flex-col gap-2">
        <h3 className="font-semibold">{apiPage.answers}</h3>
        {answersOf(id, context.collection, samples).map(({ status, body }) => (
          <details key={status} open={status < 400 && status !== 401} className="group rounded-lg border border-line">
            <summary className="rounded-lg px-3 py-2 text-sm font-medium">
              {apiPage.status(status)} <span className="font-normal text-ink-soft">{apiPage.statuses[status]}</span>
            </summary>
            {body !== null && (
              <div className="px-2 pb-2">
                <CodeBlock code={JSON.stringify(body, null, 2)} label={apiPage.answer} />
              </div>
            )}
          </details>
        ))}
      </section>
    </article>
  );
}

const METHOD_TONES: Record<string, string> = {
  GET: "bg-sky-wash text-sky",
  POST: "bg-moss-wash text-moss-strong",
  PATCH: "bg-straw-wash text-straw",
  DELETE: "bg-danger-wash text-danger",
};

const NEEDS_RECORD = new Set(["view", "update", "batch", "files", "impersonate"]);

function WhoMay({ access }: { access: Access }) {
  const { apiPage, rules } = words();
  if (typeof access === "string") return <p>{apiPage.access[access]}</p>;
  const { rule } = access;
  if (rule === null) return <p>{rules.meaningClosed}</p>;
  if (rule === "") return <p>{rules.meaningOpen}</p>;
  const condition = explainRule(rule, rules.phrases);
  return (
    <div className="flex flex-col gap-2">
      {condition !== null && <p>{rules.meaning(condition)}</p>}
      <CodeBlock code={rule} label={apiPage.rule} />
    </div>
  );
}
