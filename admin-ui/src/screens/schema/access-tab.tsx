/** Who may see, add, change and delete. */

import { useQuery } from "@tanstack/react-query";
import { ruleWordsQuery } from "#api/rules.ts";
import type { Rule } from "#api/types.ts";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";
import { ownerFields } from "./owners.ts";
import { RuleSetting } from "./rule-setting.tsx";
import type { Editor } from "./use-editor.ts";

const ALL = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"] as const;
const OF_VIEWS = ["listRule", "viewRule"] as const;

export function AccessTab({ editor }: { editor: Editor }) {
  const say = words().rules;
  // Loaded before somebody begins to type a rule.
  useQuery(ruleWordsQuery());
  const { collection, stored } = editor.draft;
  const names = collection.type === "view" ? OF_VIEWS : ALL;
  const owners = ownerFields(editor.draft);
  const isLocked = stored?.system === true;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-ink-soft">{say.lead}</p>
      {isLocked && <Notice>{say.system}</Notice>}
      {collection.type === "view" && <Notice>{say.viewOnly}</Notice>}
      <div className="flex flex-col divide-y divide-line rounded-2xl border border-line bg-surface">
        {names.map((name) => (
          <RuleSetting
            key={name}
            editor={editor}
            name={name}
            rule={collection[name] ?? null}
            owners={owners}
            isLocked={isLocked}
            onChange={(rule: Rule) => editor.setKeys({ [name]: rule })}
          />
        ))}
      </div>
      {collection.type === "auth" && (
        <div className="flex flex-col divide-y divide-line rounded-2xl border border-line bg-surface">
          <RuleSetting
            editor={editor}
            name="authRule"
            rule={collection.authRule ?? null}
            owners={[]}
            choices={["everyone", "superusers", "custom"]}
            isLocked={isLocked}
            onChange={(authRule) => editor.setKeys({ authRule })}
          />
          <RuleSetting
            editor={editor}
            name="manageRule"
            rule={collection.manageRule ?? null}
            owners={[]}
            choices={["superusers", "custom"]}
            isLocked={isLocked}
            onChange={(manageRule) => editor.setKeys({ manageRule: manageRule === "" ? null : manageRule })}
          />
        </div>
      )}
    </div>
  );
}
