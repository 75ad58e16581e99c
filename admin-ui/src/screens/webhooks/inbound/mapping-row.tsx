/** One field of the collection, and where its value comes from. */

import { useId } from "react";
import type { InboundPreview } from "#api/inbound.ts";
import type { Field } from "#api/types.ts";
import { fieldTypeName, kindOf } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import { everyItem, type Leaf, shortPath } from "#lib/inbound/leaves.ts";
import { INPUT_LOOK, inputBorder } from "#ui/field-frame.tsx";
import { words } from "#words/words.ts";
import type { Source } from "./draft.ts";
import { shortValue } from "./short-value.ts";

type MappingRowProps = {
  field: Field;
  source: Source;
  isSuggested: boolean;
  leaves: readonly Leaf[];
  /** What the server finds at that place in the sample. */
  found: InboundPreview["mapping"][number] | undefined;
  /** Why a record with this value would not be stored. */
  refusal: string | undefined;
  /** What is wrong with the entry itself. */
  problem: string | undefined;
  onChange: (source: Source) => void;
};

const OTHER = "other";
const FIXED = "fixed";
/** No path begins like this. */
const AT = "at:";

export function MappingRow({ field, source, isSuggested, leaves, found, refusal, problem, onChange }: MappingRowProps) {
  const texts = words().inbound;
  const id = useId();
  const { icon: Icon } = kindOf(field);
  const trouble = problem || found?.error || refusal;
  const isMissing = !trouble && (source.kind === "path" || source.kind === "typed") && found?.matches === 0;
  const note = trouble ?? (isMissing ? texts.noMatch : isSuggested ? texts.suggested : undefined);
  const choose = (value: string) => {
    if (value.startsWith(AT)) return onChange({ kind: "path", path: value.slice(AT.length) });
    if (value === OTHER) return onChange({ kind: "typed", path: "path" in source ? source.path : "$." });
    if (value === FIXED) return onChange({ kind: "value", text: "" });
    onChange({ kind: "none" });
  };
  const typed = classNames(INPUT_LOOK, "h-9 text-sm", source.kind === "typed" && "font-mono", inputBorder(trouble));
  return (
    <li className="grid gap-x-4 gap-y-1.5 py-2.5 sm:grid-cols-[12rem_minmax(0,1fr)]">
      <div className="flex min-w-0 items-center gap-2 sm:h-9" title={fieldTypeName(field.type)}>
        <Icon className="size-4 shrink-0 text-ink-soft" aria-hidden />
        <span className="min-w-0 truncate text-sm font-medium">{field.name}</span>
      </div>
      <div className="flex min-w-0 flex-col gap-1.5">
        <select
          aria-label={texts.sourceOf(field.name)}
          aria-describedby={note ? `${id}-note` : undefined}
          value={
            source.kind === "path"
              ? AT + source.path
              : source.kind === "typed"
                ? OTHER
                : source.kind === "value"
                  ? FIXED
                  : ""
          }
          onChange={(event) => choose(event.target.value)}
          className={classNames(INPUT_LOOK, "h-9 text-sm", inputBorder(trouble))}
        >
          <option value="">{texts.nothing}</option>
          <Places field={field} source={source} leaves={leaves} />
          <option value={OTHER}>{texts.otherPath}</option>
          <option value={FIXED}>{texts.fixed}</option>
        </select>
        {source.kind === "typed" && (
          <input
            aria-label={texts.pathOf(field.name)}
            aria-invalid={trouble ? true : undefined}
            title={texts.pathHint}
            placeholder="$.data.items[0].name"
            spellCheck={false}
            autoComplete="off"
            value={source.path}
            onChange={(event) => onChange({ kind: "typed", path: event.target.value })}
            className={typed}
          />
        )}
        {source.kind === "value" && (
          <input
            aria-label={texts.valueOf(field.name)}
            aria-invalid={trouble ? true : undefined}
            value={source.text}
            onChange={(event) => onChange({ kind: "value", text: event.target.value })}
            className={typed}
          />
        )}
        {note && (
          <p
            id={`${id}-note`}
            className={classNames("text-[13px]", trouble ? "text-danger" : isMissing ? "text-straw" : "text-ink-soft")}
          >
            {note}
          </p>
        )}
      </div>
    </li>
  );
}

/** The values of the sample that are of use to the field. One that is chosen stays, also if the sample lacks it. */
function Places({ field, source, leaves }: Pick<MappingRowProps, "field" | "source" | "leaves">) {
  const isMany = (field.type === "select" || field.type === "relation") && Number(field.maxSelect ?? 1) > 1;
  const offered = leaves
    .filter(({ isWhole, value }) => !isWhole || field.type === "json" || (isMany && Array.isArray(value)))
    .map(({ path, value }) => ({ path: isMany ? everyItem(path) : path, value }));
  const isKnown = source.kind !== "path" || offered.some(({ path }) => path === source.path);
  return (
    <>
      {source.kind === "path" && !isKnown && <option value={AT + source.path}>{shortPath(source.path)}</option>}
      {offered.length > 0 && (
        <optgroup label={words().inbound.fromMessage}>
          {offered.map(({ path, value }) => (
            <option key={path} value={AT + path}>
              {shortPath(path)} — {shortValue(value)}
            </option>
          ))}
        </optgroup>
      )}
    </>
  );
}
