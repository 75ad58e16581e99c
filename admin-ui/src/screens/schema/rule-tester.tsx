/** Asks the server whether a rule lets somebody in, and shows what each part of it comes to. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { type Findings, findingsOf, sayFinding } from "#api/findings.ts";
import { type RuleCaller, type RuleKind, type RuleVerdict, testRule } from "#api/rules.ts";
import type { Collection, Rule } from "#api/types.ts";
import { RecordPicker } from "#fields/record-picker.tsx";
import { Button } from "#ui/button.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Notice } from "#ui/notice.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { Verdict } from "./rule-verdict.tsx";

type RuleTesterProps = { collection: Collection; kind: RuleKind; title: string; rule: Rule; onClose: () => void };

/** These ask about the account itself. */
const OF_ACCOUNTS = new Set<RuleKind>(["auth", "mfa"]);
const WITH_BODY = new Set<RuleKind>(["create", "update", "manage"]);

export function RuleTester({ collection, kind, title, rule, onClose }: RuleTesterProps) {
  const say = words().rules;
  const { data: collections = [] } = useQuery(collectionsQuery());
  const people = collections.filter(({ type, name }) => type === "auth" && name !== "_superusers");
  const [who, setWho] = useState("guest");
  const [person, setPerson] = useState("");
  const [record, setRecord] = useState("");
  const [body, setBody] = useState("{\n  \n}");
  const [verdict, setVerdict] = useState<RuleVerdict>();
  const [problem, setProblem] = useState<string>();
  const [findings, setFindings] = useState<Findings>({});
  const group = people.find(({ id }) => id === who);
  const isOfAccount = OF_ACCOUNTS.has(kind);
  const isReady = (kind === "create" || record !== "") && (!group || person !== "");

  const ask = async () => {
    setVerdict(undefined);
    setProblem(undefined);
    setFindings({});
    const parsed = WITH_BODY.has(kind) ? parseBody(body) : { value: undefined };
    if (!parsed) return setProblem(say.bodyInvalid);
    const caller: RuleCaller = group
      ? { collection: group.id, id: person }
      : who === "superuser"
        ? "superuser"
        : "guest";
    const question = {
      kind,
      rule,
      ...(!isOfAccount && { caller }),
      ...(kind !== "create" && { record }),
      ...(parsed.value !== undefined && { body: parsed.value }),
    };
    try {
      setVerdict(await testRule(collection.id, question));
    } catch (error) {
      const found = findingsOf(error);
      setFindings(found);
      setProblem(found.rule ? sayFinding(found.rule) : explain(error).message);
    }
  };
  const errorAt = (name: string) => findings[name] && sayFinding(findings[name]);
  return (
    <Dialog isOpen title={title} isWide onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-sm text-ink-soft">{say.testLead}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          {!isOfAccount && (
            <div className="flex flex-col gap-3">
              <SelectField
                label={say.caller}
                value={who}
                error={errorAt("caller")}
                options={[
                  { value: "guest", label: say.guest },
                  ...people.map(({ id, name }) => ({ value: id, label: say.personOf(name) })),
                  { value: "superuser", label: say.superuser },
                ]}
                onChange={(chosen) => {
                  setWho(chosen);
                  setPerson("");
                }}
              />
              {group && (
                <RecordPicker
                  key={group.id}
                  label={say.person}
                  collection={group}
                  value={person}
                  onChange={setPerson}
                />
              )}
            </div>
          )}
          {kind !== "create" && (
            <RecordPicker
              label={say.record}
              collection={collection}
              value={record}
              error={errorAt("record")}
              onChange={setRecord}
            />
          )}
        </div>
        {WITH_BODY.has(kind) && (
          <CodeEditor
            label={say.body}
            language="json"
            value={body}
            minLines={3}
            error={errorAt("body")}
            onChange={setBody}
          />
        )}
        <div>
          <Button look="primary" disabled={!isReady} title={isReady ? undefined : say.chooseRecord} onClick={ask}>
            {say.runTest}
          </Button>
        </div>
        <div aria-live="polite" className="flex flex-col gap-3">
          {problem && <Notice tone="danger">{problem}</Notice>}
          {verdict && <Verdict verdict={verdict} />}
        </div>
      </div>
    </Dialog>
  );
}

/** `null` for what is no JSON object. */
function parseBody(text: string): { value: { [key: string]: unknown } } | null {
  if (text.trim() === "") return { value: {} };
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { value: { ...value } } : null;
  } catch {
    return null;
  }
}
