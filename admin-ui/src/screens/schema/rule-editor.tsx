/** The text of a rule, with completion, and with mistakes marked where the server sees them. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { WandSparkles } from "lucide-react";
import { useMemo } from "react";
import { sayFinding } from "#api/findings.ts";
import { parsedRuleQuery, type RuleMark, ruleWordsQuery } from "#api/rules.ts";
import type { Collection, Rule } from "#api/types.ts";
import { type Word, wordsAt } from "#lib/rules/complete.ts";
import { type Finding, positionOf } from "#lib/schema/flat-errors.ts";
import { Button } from "#ui/button.tsx";
import { type CodeCompletion, CodeEditor, type CodeMark } from "#ui/code-editor.tsx";
import { useDelayed } from "#ui/use-delayed.ts";
import { words } from "#words/words.ts";

type RuleEditorProps = {
  /** None while it is new: then the server knows nothing of its fields yet. */
  collection: Collection | undefined;
  name: string;
  rule: string;
  finding: Finding | undefined;
  /** The names of the fields in the draft. */
  fields: string[];
  isReadOnly?: boolean;
  onChange: (rule: Rule) => void;
};

const PAUSE_MS = 250;

export function RuleEditor({ collection, name, rule, finding, fields, isReadOnly, onChange }: RuleEditorProps) {
  const say = words().rules;
  const looked = useDelayed(rule, PAUSE_MS);
  const { data: vocabulary } = useQuery(ruleWordsQuery());
  const { data: parsed } = useQuery({
    ...parsedRuleQuery(collection?.id ?? "", looked),
    enabled: collection !== undefined && looked.trim() !== "" && finding === undefined,
    placeholderData: keepPreviousData,
  });
  const isCurrent = looked === rule && looked.trim() !== "";
  const problems = useMemo(
    () => (isCurrent ? problemsOf(parsed?.error ?? null, parsed?.warnings ?? [], looked, fields, collection) : []),
    [isCurrent, parsed, looked, fields, collection],
  );
  const refused = finding && refusal(finding, rule);
  const marks = useMemo((): CodeMark[] => {
    if (refused) return [{ from: refused.offset, to: refused.offset + refused.length, message: refused.message }];
    return problems.map(({ offset, length, message, isError }) => ({
      from: offset,
      to: offset + length,
      message,
      severity: isError ? "error" : "warning",
    }));
  }, [refused, problems]);
  const first = refused ?? problems.find(({ isError }) => isError) ?? problems[0];
  const complete = (text: string, position: number) => {
    const found = vocabulary && wordsAt(text, position, collection?.name ?? "", vocabulary);
    if (!found) return null;
    // Fields that are not saved yet may stand in the rule as well.
    const unsaved = collection ? [] : fields.map((label): Word => ({ label, sort: "field" }));
    return { from: found.from, options: [...unsaved, ...found.words].map(toCompletion) };
  };
  return (
    <CodeEditor
      label={say.editorLabel(say.names[name] ?? name)}
      isLabelHidden
      language="rule"
      value={rule}
      minLines={2}
      isReadOnly={isReadOnly}
      marks={marks}
      complete={complete}
      hint={say.editorHint}
      error={first && <Problem mark={first} rule={rule} onChange={onChange} />}
      onChange={onChange}
    />
  );
}

type Problem = RuleMark & { isError: boolean };

/** What the server says of the stored collection, without that which the draft has put right already. */
function problemsOf(
  error: RuleMark | null,
  warnings: RuleMark[],
  rule: string,
  fields: string[],
  collection: Collection | undefined,
): Problem[] {
  const fresh = new Set(fields.filter((name) => !collection?.fields.some((field) => field.name === name)));
  const isKnown = ({ offset, length }: RuleMark) => fresh.has(rule.slice(offset, offset + length));
  const all = [
    ...(error ? [{ ...error, isError: true }] : []),
    ...warnings.map((warning) => ({ ...warning, isError: false })),
  ];
  return all.filter((mark) => !isKnown(mark));
}

function refusal(finding: Finding, rule: string): Problem {
  const { offset, length, suggestion } = finding.params;
  const place = positionOf(finding.message, rule);
  return {
    message: sayFinding(finding),
    offset: typeof offset === "number" ? offset : (place?.from ?? 0),
    length: typeof length === "number" ? length : place ? place.to - place.from : rule.length,
    suggestion: typeof suggestion === "string" ? suggestion : undefined,
    isError: true,
  };
}

function Problem({ mark, rule, onChange }: { mark: RuleMark; rule: string; onChange: (rule: Rule) => void }) {
  const { offset, length, suggestion, message } = mark;
  return (
    <span role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {message}
      {suggestion !== undefined && (
        <Button
          look="quiet"
          icon={WandSparkles}
          className="h-7! px-2!"
          onClick={() => onChange(rule.slice(0, offset) + suggestion + rule.slice(offset + length))}
        >
          {words().rules.didYouMean(suggestion)}
        </Button>
      )}
    </span>
  );
}

const KINDS: Record<Word["sort"], CodeCompletion["kind"]> = {
  field: "property",
  relation: "property",
  back: "property",
  macro: "constant",
  function: "function",
  collection: "class",
  modifier: "keyword",
  request: "constant",
  choice: "constant",
};

function toCompletion({ label, sort, type }: Word): CodeCompletion {
  const details: Record<string, string> = words().rules.completions;
  const labels: Record<string, string> = words().fieldTypes.field;
  const detail = sort === "field" && type ? (labels[type] ?? type) : details[sort];
  return { label, detail: type && sort !== "field" ? `${detail} → ${type}` : detail, kind: KINDS[sort] };
}
