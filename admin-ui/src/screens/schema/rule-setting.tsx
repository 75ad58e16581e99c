/** One rule: chosen by name, with the text behind it for those who ask. */

import { useQuery } from "@tanstack/react-query";
import { FlaskConical, SquarePen } from "lucide-react";
import { useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { sayFinding } from "#api/findings.ts";
import type { RuleKind } from "#api/rules.ts";
import type { Rule } from "#api/types.ts";
import { type OwnerField, presetOf, presetText, type RulePreset } from "#lib/rules/presets.ts";
import { Button } from "#ui/button.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { RuleEditor } from "./rule-editor.tsx";
import { isAboutAccounts, meaningOf } from "./rule-meaning.ts";
import { RuleTester } from "./rule-tester.tsx";
import type { Editor } from "./use-editor.ts";

type Choice = RulePreset["kind"];

type RuleSettingProps = {
  editor: Editor;
  /** As the server calls it, such as `listRule`. */
  name: string;
  rule: Rule;
  owners: OwnerField[];
  choices?: readonly Choice[];
  isLocked?: boolean;
  onChange: (rule: Rule) => void;
};

const USUAL: readonly Choice[] = ["superusers", "everyone", "signed-in", "owner", "custom"];

export function RuleSetting(props: RuleSettingProps) {
  const { editor, name, rule, owners, choices = USUAL, isLocked = false, onChange } = props;
  const say = words().rules;
  const preset = presetOf(rule, owners);
  const [isText, setText] = useState(false);
  const [isTesting, setTesting] = useState(false);
  const finding = editor.findings[name];
  const fitting = choices.includes(preset.kind) ? preset.kind : "custom";
  // A mistake shows where it is, so the text is open as long as there is one.
  const shown: Choice = isText || finding ? "custom" : fitting;
  const people = usePeople(editor, owners);
  const choose = (kind: Choice) => {
    setText(kind === "custom");
    if (kind === "custom") onChange(rule ?? "");
    else if (kind === "owner") {
      const [best] = people;
      if (best) onChange(presetText({ kind, ...best }));
    } else onChange(presetText({ kind }));
  };
  const labels: Record<Choice, string> = isAboutAccounts(name) ? { ...say.presets, ...say.authPresets } : say.presets;
  const options = choices.map((value) => {
    // It stays on the list with the reason, so that one learns what it takes.
    const isMissing = value === "owner" && people.length === 0 && shown !== "owner";
    return { value, label: isMissing ? say.noOwnerField(labels.owner) : labels[value], isDisabled: isMissing };
  });
  const stored = editor.draft.stored;
  return (
    <section aria-label={say.names[name]} className="flex flex-col gap-3 p-4 sm:p-5">
      <div className="grid gap-x-6 gap-y-2 md:grid-cols-[minmax(0,1fr)_minmax(0,20rem)]">
        <div className="min-w-0">
          <h2 className="font-medium">{say.names[name]}</h2>
          {say.hints[name] && <p className="text-sm text-ink-soft">{say.hints[name]}</p>}
          <Meaning name={name} rule={rule} />
          <div className="mt-1 -ml-2 flex flex-wrap gap-1">
            {shown !== "custom" && !isLocked && rule !== null && (
              <Button look="quiet" icon={SquarePen} className="h-8! px-2!" onClick={() => setText(true)}>
                {say.editAsText}
              </Button>
            )}
            {stored && (
              <Button look="quiet" icon={FlaskConical} className="h-8! px-2!" onClick={() => setTesting(true)}>
                {say.test}
              </Button>
            )}
          </div>
        </div>
        <div className="flex flex-col gap-2">
          <SelectField
            label={<span className="sr-only">{say.names[name]}</span>}
            value={shown}
            isDisabled={isLocked}
            error={shown === "custom" ? undefined : finding && sayFinding(finding)}
            options={options}
            onChange={choose}
          />
          {shown === "owner" && preset.kind === "owner" && people.length > 1 && (
            <SelectField
              label={say.ownerField}
              value={preset.field}
              options={people.map(({ field }) => ({ value: field, label: field === "id" ? say.ownerSelf : field }))}
              onChange={(field) => {
                const owner = people.find((candidate) => candidate.field === field);
                if (owner) onChange(presetText({ kind: "owner", ...owner }));
              }}
            />
          )}
        </div>
      </div>
      {shown === "custom" && (
        <RuleEditor
          collection={stored}
          name={name}
          rule={rule ?? ""}
          finding={finding}
          fields={editor.draft.fields.map(({ field }) => field.name)}
          isReadOnly={isLocked}
          onChange={onChange}
        />
      )}
      {stored && isTesting && (
        <RuleTester
          collection={stored}
          kind={kindOfRule(name)}
          title={say.testTitle(say.names[name] ?? name)}
          rule={rule}
          onClose={() => setTesting(false)}
        />
      )}
    </section>
  );
}

/** Only links to people can name an owner. A field that the rule names already stays on offer. */
function usePeople({ draft }: Editor, owners: OwnerField[]): OwnerField[] {
  const { data: collections = [] } = useQuery(collectionsQuery());
  return owners.filter(({ field }) => {
    if (field === "id") return true;
    const target = draft.fields.find((item) => item.field.name === field)?.field.collectionId;
    return collections.some(({ id, type }) => id === target && type === "auth");
  });
}

function Meaning({ name, rule }: { name: string; rule: Rule }) {
  const say = words().rules;
  const text = meaningOf(name, rule);
  return text === "" ? null : (
    <p className="mt-1 text-sm break-words text-ink-soft">
      <span className="sr-only">{say.means}: </span>
      {text}
    </p>
  );
}

const KINDS: Record<string, RuleKind> = {
  listRule: "list",
  viewRule: "view",
  createRule: "create",
  updateRule: "update",
  deleteRule: "delete",
  authRule: "auth",
  manageRule: "manage",
  "mfa.rule": "mfa",
};

function kindOfRule(name: string): RuleKind {
  return KINDS[name] ?? "view";
}
