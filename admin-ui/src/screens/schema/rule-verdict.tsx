/** The answer of a rule test: allowed or not, and why. */

import { CircleCheck, CircleHelp, CircleX } from "lucide-react";
import type { RuleNode, RuleOperand, RuleVerdict } from "#api/rules.ts";
import { flattenErrors } from "#lib/schema/flat-errors.ts";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";

export function Verdict({ verdict }: { verdict: RuleVerdict }) {
  const say = words().rules;
  const issues = Object.entries(flattenErrors(verdict.issues ?? {}));
  return (
    <>
      <Notice tone={verdict.allowed ? "good" : "danger"}>
        <p className="font-medium">{verdict.allowed ? say.allowed : say.denied}</p>
        <p>{becauseText(verdict)}</p>
        {verdict.status !== null && <p>{answerText(verdict.status, verdict.allowed)}</p>}
      </Notice>
      {verdict.allowed && issues.length > 0 && (
        <Notice tone="danger">
          <p>{say.issues}</p>
          <ul className="list-disc pl-5">
            {issues.map(([path, { message }]) => (
              <li key={path}>
                <code>{path}</code>: {message}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {verdict.tree && (
        <ul className="rounded-xl border border-line bg-raised px-4 py-3">
          <Part node={verdict.tree} />
        </ul>
      )}
      {!verdict.isComplete && <p className="text-sm text-ink-soft">{say.incomplete}</p>}
      {verdict.warnings.map(({ message }) => (
        <Notice key={message}>{message}</Notice>
      ))}
    </>
  );
}

/** A list that leaves a record out is no refusal. */
function answerText(status: number, isAllowed: boolean): string {
  const say = words().rules;
  return !isAllowed && status === 200 ? say.leavesOut : say.answers(status);
}

function becauseText({ because, reason }: RuleVerdict): string {
  const say = words().rules;
  switch (because) {
    case "superuser":
      return say.becauseSuperuser;
    case "open":
      return say.becauseOpen;
    case "closed":
      return say.becauseClosed;
    case "missing":
      return say.becauseMissing;
    case "rule":
      return reason ?? "";
  }
}

function Part({ node }: { node: RuleNode }) {
  const say = words().rules;
  const { type, text, parts = [], left, right } = node;
  return (
    <li className="py-0.5">
      <div className="flex items-start gap-2 text-sm">
        <Mark holds={node.holds} />
        <span className="min-w-0 break-words">
          {type === "comparison" ? <code className="text-[13px]">{text}</code> : type === "all" ? say.all : say.any}
          {left && <Value operand={left} />}
          {right && <Value operand={right} />}
        </span>
      </div>
      {parts.length > 0 && (
        <ul className="ml-2 border-l border-line pl-4">
          {parts.map((part, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of an answer do not move
            <Part key={at} node={part} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Mark({ holds }: { holds: boolean | null | undefined }) {
  const say = words().rules;
  if (holds === true) return <CircleCheck className="mt-0.5 size-4 shrink-0 text-moss" aria-label={say.holds} />;
  if (holds === false) return <CircleX className="mt-0.5 size-4 shrink-0 text-danger" aria-label={say.fails} />;
  return <CircleHelp className="mt-0.5 size-4 shrink-0 text-ink-soft" aria-label={say.unknown} />;
}

/** Only what is not written in the rule itself is worth telling. */
function Value({ operand }: { operand: RuleOperand }) {
  const say = words().rules;
  const { type, text, values, isCut } = operand;
  if (["text", "number", "bool", "null"].includes(type) || values === undefined) return null;
  const shown = values === null ? say.valueSecret : values.map(valueText).join(", ") || say.valueNone;
  return (
    <span className="block text-[13px] text-ink-soft">
      <code>{text}</code> = {shown}
      {isCut && " …"}
    </span>
  );
}

function valueText(value: unknown): string {
  if (value === null || value === "") return words().rules.valueNone;
  return typeof value === "string" ? `“${value}”` : JSON.stringify(value);
}
