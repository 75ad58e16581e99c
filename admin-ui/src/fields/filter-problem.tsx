/** Says what is wrong with a filter that was typed into a search box, and offers what may have been meant. */

import { Search, WandSparkles } from "lucide-react";
import { explain } from "#api/errors.ts";
import { findingsOf } from "#api/findings.ts";
import { type FilterFault, readFault } from "#lib/filter/fault.ts";
import { asPhrase } from "#lib/filter-text.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";

type FilterProblemProps = {
  error: unknown;
  /** The filter that was asked for. */
  sent: string;
  /** What was typed of it. */
  typed: string;
  /** Types something else instead. */
  onType: (text: string) => void;
  /** Knows names that the server does not think of. */
  suggest?: (name: string) => string | undefined;
};

export function FilterProblem({ error, sent, typed, onType, suggest }: FilterProblemProps) {
  const texts = words().errors;
  const text = typed.trim();
  const finding = findingsOf(error).filter;
  const fault = finding && readFault(finding, sent, text, suggest);
  const { corrected, suggestion } = fault ?? {};
  return (
    <Notice tone="danger">
      <p className="break-words">{sayFault(error, fault)}</p>
      {fault && text !== "" && (
        <div className="mt-2 flex flex-wrap gap-1.5 text-ink">
          {corrected !== undefined && suggestion !== undefined && (
            <Button icon={WandSparkles} className="h-8! px-2.5!" onClick={() => onType(corrected)}>
              {texts.replaceName(suggestion)}
            </Button>
          )}
          <Button icon={Search} className="h-8! max-w-full px-2.5!" onClick={() => onType(asPhrase(text))}>
            <span className="truncate">{texts.searchForText(text)}</span>
          </Button>
        </div>
      )}
    </Notice>
  );
}

/** The server says what is wrong in English; the most usual mistake is told in the language of the page. */
export function sayFault(error: unknown, fault: FilterFault | undefined): string {
  const texts = words().errors;
  if (!fault?.unknownField) return explain(error).message;
  const { unknownField, suggestion } = fault;
  return suggestion === undefined
    ? texts.unknownField(unknownField)
    : `${texts.unknownField(unknownField)} ${texts.didYouMean(suggestion)}`;
}
