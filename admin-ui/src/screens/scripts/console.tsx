/** A place to try things out: a text is run with all rights, and what it writes is undone, unless it is to be kept. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { runScript, type ScriptOutcome } from "#api/scripts.ts";
import { formatNumber } from "#lib/format.ts";
import { completeRhai } from "#lib/rhai/complete.ts";
import { rangeAt } from "#lib/rhai/position.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Notice } from "#ui/notice.tsx";
import { CheckField } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";
import { mistakeText } from "./mistake-text.ts";
import { HowToEdit } from "./read-only-notice.tsx";

/** The name that the server gives to the text. */
const FILE = "console";
const EXAMPLE = 'db.count("users")';

type ConsoleProps = { isEditable: boolean; text: string; onChange: (text: string) => void };

export function Console({ isEditable, text, onChange }: ConsoleProps) {
  const texts = words().scripts;
  const { data: collections = [] } = useQuery(collectionsQuery());
  const [keeps, setKeeps] = useState(false);
  const running = useMutation({
    mutationFn: ({ text, keep }: { text: string; keep: boolean }) => runScript(text, keep),
  });
  const mistake = running.variables?.text === text ? running.data?.problem : null;
  const range = mistake?.file === FILE ? rangeAt(text, mistake.line, mistake.column) : null;
  const run = () => {
    if (text.trim() !== "" && !running.isPending) running.mutate({ text, keep: keeps });
  };
  if (!isEditable) {
    return (
      <div className="flex max-w-3xl flex-col gap-3">
        <p>{texts.consoleOff}</p>
        <HowToEdit />
      </div>
    );
  }
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <CodeEditor
          label={texts.consoleText}
          hint={texts.consoleLead}
          language="rhai"
          hasLineNumbers
          minLines={6}
          value={text}
          placeholder={EXAMPLE}
          marks={range ? [{ ...range, message: mistake?.message ?? "" }] : undefined}
          complete={(text, position) => completeRhai(text, position, { collections })}
          onChange={onChange}
          onSubmit={run}
        />
        <CheckField label={texts.keep} hint={keeps ? texts.kept : texts.undone} isChecked={keeps} onChange={setKeeps} />
        <div className="flex items-center gap-3">
          <Button type="submit" look="primary" icon={Play} disabled={running.isPending || text.trim() === ""}>
            {running.isPending ? words().common.oneMoment : texts.run}
          </Button>
          <kbd className="font-sans text-sm text-ink-soft">{words().server.sql.runKey}</kbd>
        </div>
      </form>
      {running.error && <Notice tone="danger">{explain(running.error).message}</Notice>}
      {running.data && <Outcome outcome={running.data} isKept={running.variables?.keep === true} />}
    </div>
  );
}

function Outcome({ outcome, isKept }: { outcome: ScriptOutcome; isKept: boolean }) {
  const texts = words().scripts;
  const { value, output, problem, milliseconds } = outcome;
  return (
    <section aria-label={texts.result} className="flex min-w-0 flex-col gap-3">
      {problem ? (
        <Notice tone="danger">
          <p className="break-words whitespace-pre-wrap">{mistakeText(problem, FILE)}</p>
          <p>{texts.nothingKept}</p>
        </Notice>
      ) : (
        <p role="status" className="text-sm text-ink-soft">
          {isKept ? texts.wasKept : texts.wasUndone} · {texts.milliseconds(formatNumber(Math.round(milliseconds)))}
        </p>
      )}
      {output.length > 0 && (
        <div className="flex flex-col gap-1.5">
          <h2 className="text-sm font-medium">{texts.printed}</h2>
          <CodeBlock code={output.join("\n")} label={texts.printed} />
        </div>
      )}
      {!problem && (
        <div className="flex flex-col gap-1.5">
          <h2 className="text-sm font-medium">{texts.value}</h2>
          <CodeBlock code={value === null ? "()" : JSON.stringify(value, null, 2)} label={texts.value} />
        </div>
      )}
    </section>
  );
}
