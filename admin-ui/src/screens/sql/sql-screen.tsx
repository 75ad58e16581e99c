/** The SQL console: a query, its result as a table, and what was asked before. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useMemo, useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { runSql } from "#api/server.ts";
import { ownKey } from "#api/session.ts";
import type { Collection } from "#api/types.ts";
import { completeSql } from "#lib/sql-complete.ts";
import { placeOfSqlError, plainSqlError } from "#lib/sql-place.ts";
import { Button } from "#ui/button.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Page, Section } from "#ui/page.tsx";
import { useKeptText } from "#ui/use-kept-text.ts";
import { words } from "#words/words.ts";
import { forgetQueries, rememberedQueries, rememberQuery } from "./history.ts";
import { Result } from "./result.tsx";

export function SqlScreen() {
  const texts = words().server.sql;
  const [query, setQuery] = useKeptText(ownKey("sql_draft"));
  const [earlier, setEarlier] = useState(rememberedQueries);
  const running = useMutation({
    mutationFn: (sql: string) => runSql(sql),
    onSettled: (_result, _error, sql) => setEarlier(rememberQuery(sql)),
  });
  const { data: collections } = useQuery(collectionsQuery());
  const tables = useMemo(() => tablesOf(collections ?? []), [collections]);
  // A message is about the query that was run; what is typed since may be mended already.
  const problem = running.error && running.variables === query ? problemOf(running.error, query) : undefined;
  const run = () => {
    if (query.trim() !== "" && !running.isPending) running.mutate(query);
  };
  return (
    <Page title={texts.title} lead={texts.lead} isWide>
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_16rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <form
            className="flex flex-col gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              run();
            }}
          >
            <CodeEditor
              label={texts.query}
              language="sql"
              value={query}
              minLines={6}
              complete={(text, position) => completeSql(text, position, tables)}
              marks={problem?.marks}
              error={problem?.message}
              placeholder="SELECT * FROM users LIMIT 100"
              onChange={setQuery}
              onSubmit={run}
            />
            <div className="flex items-center gap-3">
              <Button type="submit" look="primary" icon={Play} disabled={running.isPending || query.trim() === ""}>
                {running.isPending ? texts.running : texts.run}
              </Button>
              <kbd className="font-sans text-sm text-ink-soft">{texts.runKey}</kbd>
            </div>
          </form>
          {running.data && <Result result={running.data} />}
        </div>
        <Section
          title={texts.history}
          actions={
            earlier.length > 0 && (
              <Button look="quiet" onClick={() => setEarlier(forgetQueries())}>
                {texts.clearHistory}
              </Button>
            )
          }
        >
          {earlier.length === 0 && <p className="text-sm text-ink-soft">{texts.noHistory}</p>}
          <ul className="-mx-2 flex flex-col">
            {earlier.map((sql) => (
              <li key={sql}>
                <button
                  type="button"
                  title={sql}
                  onClick={() => setQuery(sql)}
                  className="w-full truncate rounded-lg px-2 py-1.5 text-left font-mono text-[13px] text-ink-soft hover:bg-sunken hover:text-ink"
                >
                  {sql}
                </button>
              </li>
            ))}
          </ul>
        </Section>
      </div>
    </Page>
  );
}

/** The message, and its mark where it is clear which word is meant. */
function problemOf(error: Error, query: string) {
  const { message, fields } = explain(error);
  const text = fields.query ?? plainSqlError(message);
  const place = placeOfSqlError(message, query);
  return { message: text, marks: place ? [{ ...place, message: text }] : [] };
}

/** The collections are tables, and so are their definitions and the settings. */
function tablesOf(collections: readonly Collection[]): Record<string, string[]> {
  const own = collections.map(({ name, fields }) => [name, fields.map((field) => field.name)] as const);
  return {
    ...Object.fromEntries(own),
    _collections: ["id", "name", "type", "fields", "indexes"],
    _params: ["id", "value"],
  };
}
