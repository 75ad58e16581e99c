/** Differences between two definitions: in plain words, and word for word for those who ask. */

import type { SchemaChange } from "#lib/schema/compare.ts";
import { Disclosure } from "#ui/disclosure.tsx";
import { words } from "#words/words.ts";
import { describeChanges } from "./describe.ts";

export function ChangeList({ changes }: { changes: readonly SchemaChange[] }) {
  const { plain, technical } = describeChanges(changes);
  return (
    <div className="flex flex-col gap-2">
      <ul className="flex list-disc flex-col gap-1 pl-5 text-sm">
        {plain.map((text) => (
          <li key={text} className="break-words">
            {text}
          </li>
        ))}
      </ul>
      {technical.length > 0 && (
        <Disclosure label={words().schema.changes.technical}>
          <ul className="flex flex-col gap-1 rounded-lg bg-sunken p-3 font-mono text-[13px]">
            {technical.map((text) => (
              <li key={text} className="break-words whitespace-pre-wrap">
                {text}
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
    </div>
  );
}
