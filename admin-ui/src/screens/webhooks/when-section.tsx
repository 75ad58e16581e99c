/** Which changes are told: of which collections, which kinds, and under which condition. */

import { Plus, X } from "lucide-react";
import type { Collection } from "#api/types.ts";
import { visibleFields } from "#fields/visible-fields.ts";
import { problemAt } from "#lib/problem-at.ts";
import {
  EVERY_COLLECTION,
  type EventAction,
  type Listening,
  RECORD_ACTIONS,
  SIGN_UP,
  toggleAction,
} from "#lib/webhooks/events.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { INPUT_LOOK } from "#ui/field-frame.tsx";
import { Section } from "#ui/page.tsx";
import { words } from "#words/words.ts";
import { ChipChoice } from "./chip-choice.tsx";
import { FilterField } from "./filter-field.tsx";
import type { FormProps } from "./form-props.ts";

type WhenSectionProps = FormProps & { collections: readonly Collection[] };

export function WhenSection({ draft, problems, collections, onChange }: WhenSectionProps) {
  const texts = words().webhooks;
  const { listening } = draft;
  const put = (next: Listening[]) => onChange({ ...draft, listening: next });
  const problem = problemAt(problems, "events");
  const chosen = chosenCollections(listening, collections);
  const isEvery = listening.some(({ collection }) => collection === EVERY_COLLECTION);
  const isUpdated = listening.some(({ actions }) => actions.includes("update"));
  return (
    <Section title={texts.whenTitle} lead={texts.whenLead}>
      <div className="flex flex-col gap-3">
        {listening.map((one, at) => (
          <EventLine
            // biome-ignore lint/suspicious/noArrayIndexKey: the same collection may be chosen twice
            key={at}
            listening={one}
            collections={collections}
            onChange={(next) => put(listening.with(at, next))}
            onRemove={listening.length > 1 ? () => put(listening.toSpliced(at, 1)) : undefined}
          />
        ))}
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {problem}
          </p>
        )}
        <div>
          <Button
            look="quiet"
            icon={Plus}
            className="h-8! px-2!"
            onClick={() => put([...listening, { collection: "", actions: ["create"] }])}
          >
            {texts.addCollection}
          </Button>
        </div>
      </div>
      {((isUpdated && !isEvery && chosen.length > 0) || draft.changed.length > 0) && (
        <ChipChoice
          label={texts.changed}
          hint={texts.changedHint}
          error={problemAt(problems, "changed")}
          choices={fieldNames(chosen, draft.changed)}
          chosen={draft.changed}
          onChange={(changed) => onChange({ ...draft, changed })}
        />
      )}
      {(!isEvery || draft.filter !== "") && (
        <FilterField
          filter={draft.filter}
          problem={problemAt(problems, "filter")}
          chosen={chosen}
          collections={collections}
          onChange={(filter) => onChange({ ...draft, filter })}
        />
      )}
    </Section>
  );
}

/** The collections that are named. All of them, that is those that are not the server's own, for `*`. */
export function chosenCollections(listening: readonly Listening[], collections: readonly Collection[]): Collection[] {
  const isEvery = listening.some(({ collection }) => collection === EVERY_COLLECTION);
  return collections.filter(
    ({ name, system, type }) =>
      (isEvery && !system && type !== "view") || listening.some(({ collection }) => collection === name),
  );
}

/** Those that are chosen stay in sight, even when the collection lacks them. */
function fieldNames(chosen: readonly Collection[], changed: readonly string[]): string[] {
  const names = chosen.flatMap((collection) =>
    visibleFields(collection)
      .filter(({ primaryKey, type }) => !primaryKey && type !== "autodate")
      .map(({ name }) => name),
  );
  return [...new Set([...names, ...changed])];
}

type EventLineProps = {
  listening: Listening;
  collections: readonly Collection[];
  onChange: (listening: Listening) => void;
  onRemove: (() => void) | undefined;
};

function EventLine({ listening, collections, onChange, onRemove }: EventLineProps) {
  const texts = words().webhooks;
  const { collection, actions } = listening;
  const found = collections.find(({ name }) => name === collection);
  const own = collections.filter(({ system, type }) => !system && type !== "view");
  // One that is gone or is the server's own stays chosen.
  const others = collection === "" || collection === EVERY_COLLECTION || own.some(({ name }) => name === collection);
  const canSignUp = found?.type === "auth" || collection === EVERY_COLLECTION || actions.includes(SIGN_UP);
  const offered: readonly EventAction[] = canSignUp ? [...RECORD_ACTIONS, SIGN_UP] : RECORD_ACTIONS;
  const choose = (name: string) => onChange({ collection: name, actions: actions.filter((one) => one !== SIGN_UP) });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-xl border border-line bg-raised p-2.5 pl-3">
      <select
        aria-label={texts.collection}
        value={collection}
        onChange={(event) => choose(event.target.value)}
        className={`${INPUT_LOOK} h-9 w-full! border-line-strong text-sm sm:w-56!`}
      >
        <option value="">{texts.chooseCollection}</option>
        {!others && <option value={collection}>{collection}</option>}
        {own.map(({ id, name }) => (
          <option key={id} value={name}>
            {name}
          </option>
        ))}
        <option value={EVERY_COLLECTION}>{texts.everyCollection}</option>
      </select>
      <div className="flex min-w-0 flex-1 flex-wrap gap-x-4 gap-y-1.5">
        {offered.map((action) => (
          <label key={action} className="flex items-center gap-2 text-sm">
            <input
              type="checkbox"
              checked={actions.includes(action)}
              onChange={() => onChange(toggleAction(listening, action))}
              className="size-4 accent-moss"
            />
            {texts.actions[action]}
          </label>
        ))}
      </div>
      {onRemove && (
        <IconButton label={texts.removeCollection(collection)} icon={X} className="size-8!" onClick={onRemove} />
      )}
    </div>
  );
}
