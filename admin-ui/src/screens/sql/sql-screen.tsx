/** The SQL console: a query, its result as a table, and what was asked before. */

import { useMutation } from "@tanstack/react-query";
import { Download, Play } from "lucide-react";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { runSql, type SqlResult } from "#api/server.ts";
import { toCsv } from "#lib/csv.ts";
import { saveAs } from "#lib/save-as.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page, Section } from "#ui/page.tsx";
import { ScrollRegion } from "#ui/scroll-region.tsx";
import { TextAreaField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { forgetQueries, rememberedQueries, rememberQuery } from "./history.ts";

/** The server cuts results here. */
const MAX_ROWS = 1000;

export function SqlScreen() {
  const texts = words().server.sql;
  const [query, setQuery] = useState("");
  const [earlier, setEarlier] = useState(rememberedQueries);
  const running = useMutation({
    mutationFn: (sql: string) => runSql(sql),
    onSettled: (_result, _error, sql) => setEarlier(rememberQuery(sql)),
  });
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
            <TextAreaField
              label={texts.query}
              isCode
              rows={6}
              value={query}
              maxLength={5000}
              placeholder="SELECT * FROM users LIMIT 100"
              onChange={(event) => setQuery(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
              }}
            />
            <div className="flex items-center gap-3">
              <Button type="submit" look="primary" icon={Play} disabled={running.isPending || query.trim() === ""}>
                {running.isPending ? texts.running : texts.run}
              </Button>
              <kbd className="font-sans text-sm text-ink-soft">{texts.runKey}</kbd>
            </div>
          </form>
          {running.error && <Notice tone="danger">{explain(running.error).message}</Notice>}
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

function Result({ result }: { result: SqlResult }) {
  const texts = words().server.sql;
  const { columns, rows, affectedRows, execTime } = result;
  const names = columns.map(({ name }) => name);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="text-sm text-ink-soft">
          {columns.length === 0 ? texts.affected(affectedRows) : words().common.records(rows.length)} ·{" "}
          {texts.took(execTime.toLocaleString())}
        </p>
        {rows.length > 0 && (
          <Button icon={Download} onClick={() => saveAs("result.csv", "text/csv", toCsv([names, ...rows]))}>
            {texts.csv}
          </Button>
        )}
      </div>
      {rows.length >= MAX_ROWS && <Notice>{texts.cut}</Notice>}
      {columns.length > 0 && rows.length === 0 && <p className="text-ink-soft">{texts.noRows}</p>}
      {rows.length > 0 && (
        <ScrollRegion label={texts.rows} className="max-h-[60dvh] rounded-xl border border-line">
          <table className="w-full border-collapse bg-surface text-sm">
            <thead className="sticky top-0 bg-sunken">
              <tr>
                {columns.map(({ name, type }, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns of a query may have the same name
                  <th key={index} className="border-b border-line px-3 py-2 text-left font-medium whitespace-nowrap">
                    {name} <span className="font-normal text-ink-soft">{type.toLowerCase()}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows of a query have no identity
                <tr key={index} className="border-b border-line last:border-0">
                  {row.map((cell, column) => (
                    <td
                      // biome-ignore lint/suspicious/noArrayIndexKey: see above
                      key={column}
                      className="max-w-96 truncate px-3 py-1.5 font-mono text-[13px]"
                      title={cell ?? undefined}
                    >
                      {cell ?? <span className="text-ink-soft italic">{texts.null}</span>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </div>
  );
}
