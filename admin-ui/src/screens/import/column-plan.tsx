/** What becomes of one column: a field with its type, the record's id, or nothing. */

import type { ImportColumn, PlanColumn } from "#api/imports.ts";
import type { Field } from "#api/types.ts";
import { fieldTypeName } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import { tidyName, toFieldName } from "#lib/schema/names.ts";
import { CheckField } from "#ui/switch-field.tsx";
import { SelectField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { ColumnPlanProps } from "./column-plan-props.ts";
import { LinkDetails } from "./link-details.tsx";
import { asLink, fieldNameOf } from "./plan-changes.ts";
import { sayWhy } from "./server-texts.ts";
import { decimalOf } from "./suggest-type.ts";
import { TypeHint } from "./type-hint.tsx";

const NEW_TYPES = [
  "text",
  "editor",
  "number",
  "bool",
  "date",
  "email",
  "url",
  "select",
  "relation",
  "json",
  "geoPoint",
] as const;

/** They refuse what they cannot read, so a column with a few mistakes may have them: its bad rows are shown. */
const STRICT_TYPES = new Set(["number", "bool", "date", "email", "url"]);

export function ColumnPlan(props: ColumnPlanProps) {
  const { column, source, problem } = props;
  const isSkipped = column.action === "skip";
  return (
    <li className="grid gap-x-6 gap-y-3 py-4 first:pt-0 last:pb-0 lg:grid-cols-[14rem_minmax(0,1fr)]">
      <div className="min-w-0">
        <p className={classNames("font-medium break-words", isSkipped && "text-ink-soft line-through")}>
          {column.column}
        </p>
        <p className="truncate text-sm text-ink-soft" title={source?.example ?? undefined}>
          {source?.example}
        </p>
        <Reason {...props} />
      </div>
      <div className="flex min-w-0 flex-col gap-3">
        <div className="grid gap-3 sm:grid-cols-3">
          <Becomes {...props} />
          {column.action === "field" && isNewField(props) && <NewField {...props} />}
        </div>
        {column.action === "field" && <FieldDetails {...props} />}
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {problem}
          </p>
        )}
      </div>
    </li>
  );
}

/** Why the server suggests this. */
function Reason(props: ColumnPlanProps) {
  const { action, type, reason } = props.column;
  if (reason === "") return null;
  const isAboutType = action === "field" && isNewField(props);
  const why = sayWhy(reason);
  const text = isAboutType ? `${fieldTypeName(type ?? "text")}: ${why}` : why;
  return <p className="mt-1 text-sm text-straw">{text}</p>;
}

function existingField({ column, target }: ColumnPlanProps): Field | undefined {
  return target?.fields.find(({ name }) => name === column.field);
}

function isNewField(props: ColumnPlanProps): boolean {
  return existingField(props) === undefined;
}

/** No cell can be written into these. */
const UNWRITABLE = new Set(["autodate", "file"]);

function canTake({ name, type, system }: Field): boolean {
  return name !== "id" && !UNWRITABLE.has(type) && !(system && name === "tokenKey");
}

const NEW_FIELD = "+";

function Becomes(props: ColumnPlanProps) {
  const { column, source, target, onChange } = props;
  const texts = words().imports;
  const fields = (target?.fields ?? []).filter(canTake);
  const value = column.action === "field" ? (isNewField(props) ? NEW_FIELD : `field:${column.field}`) : column.action;
  const choose = (chosen: string) => {
    if (chosen === "id") onChange({ action: "id", field: null });
    else if (chosen === "skip") onChange({ action: "skip" });
    else if (chosen === NEW_FIELD) {
      const type = source?.type ?? "text";
      onChange({ action: "field", field: fieldNameOf(column.column), type, relation: null, options: {} });
    } else onChange({ action: "field", field: chosen.slice("field:".length), relation: null });
  };
  return (
    <SelectField
      label={texts.becomes}
      value={value}
      options={[
        { value: NEW_FIELD, label: texts.newField },
        ...fields.map(({ name }) => ({ value: `field:${name}`, label: name })),
        { value: "id", label: texts.asId },
        { value: "skip", label: texts.skip },
      ]}
      onChange={choose}
    />
  );
}

function NewField(props: ColumnPlanProps) {
  const { column, source, onChange } = props;
  const texts = words().imports;
  // A column without a value says nothing about its type.
  const fits = new Set(source?.example ? [...source.fits, "relation"] : NEW_TYPES);
  const offered = NEW_TYPES.filter((type) => fits.has(type) || STRICT_TYPES.has(type) || type === column.type);
  const labelOf = (type: string) =>
    fits.has(type) || !STRICT_TYPES.has(type) ? fieldTypeName(type) : texts.notAllFit(fieldTypeName(type));
  return (
    <>
      <TextField
        label={texts.fieldName}
        value={column.field ?? ""}
        spellCheck={false}
        onChange={(event) => onChange({ field: toFieldName(event.target.value) })}
        onBlur={() => {
          const name = tidyName(column.field ?? "");
          if (name !== column.field) onChange({ field: name });
        }}
      />
      <SelectField
        label={texts.type}
        value={column.type ?? "text"}
        options={offered.map((value) => ({ value, label: labelOf(value) }))}
        onChange={(type) => chooseType(props, type)}
      />
    </>
  );
}

function chooseType({ column, source, cells, collections, onChange }: ColumnPlanProps, type: string): void {
  if (type === "relation") onChange(asLink(column, collections));
  else {
    // A column that the server takes for text is not read as the first cells would have it.
    const decimal = type === "number" ? decimalOf(cells) : null;
    onChange({ type, relation: null, options: optionsFor(type, column, source), decimal });
  }
}

/** Options of the former type mean nothing to the new one. */
function optionsFor(type: string, column: PlanColumn, source: ImportColumn | undefined): Record<string, unknown> {
  const kept = column.options.required ? { required: true } : {};
  return type === "select" && source?.values ? { ...kept, values: source.values, maxSelect: 1 } : kept;
}

function FieldDetails(props: ColumnPlanProps) {
  const { column, source } = props;
  const existing = existingField(props);
  const isNew = existing === undefined;
  const type = existing?.type ?? column.type;
  const hasChoice = type === "number" || type === "date" || (isNew && source?.blank === 0);
  return (
    <>
      {isNew && <TypeHint {...props} onUse={(chosen) => chooseType(props, chosen)} />}
      {type === "relation" && <LinkDetails {...props} existing={existing} />}
      {type === "number" && source !== undefined && source.blank > 0 && (
        <p className="text-sm text-ink-soft">{words().imports.blanksAreZero(source.blank)}</p>
      )}
      {hasChoice && (
        // What the column does not tell by itself is to be looked at.
        <details open={column.reason !== "" && type !== "text"}>
          <summary className="w-fit text-sm text-ink-soft hover:text-ink">{words().common.options}</summary>
          <div className="mt-2 grid items-end gap-3 sm:grid-cols-3">
            <ReadingDetails {...props} type={type} isNew={isNew} />
          </div>
        </details>
      )}
    </>
  );
}

type ReadingDetailsProps = ColumnPlanProps & { type: string | null; isNew: boolean };

/** How the cells are read. */
function ReadingDetails({ column, source, onChange, type, isNew }: ReadingDetailsProps) {
  const texts = words().imports;
  return (
    <>
      {type === "number" && (
        <SelectField
          label={texts.decimal}
          value={column.decimal ?? "auto"}
          options={(["auto", ".", ","] as const).map((value) => ({ value, label: texts.decimals[value] }))}
          onChange={(value) => onChange({ decimal: value === "auto" ? null : value })}
        />
      )}
      {type === "date" && (
        <SelectField
          label={texts.dates}
          value={column.dates ?? "auto"}
          options={(["auto", "dmy", "mdy"] as const).map((value) => ({ value, label: texts.dateOrders[value] }))}
          onChange={(value) => onChange({ dates: value === "auto" ? null : value })}
        />
      )}
      {isNew && source?.blank === 0 && (
        <div className="pb-2">
          <CheckField
            label={texts.required}
            isChecked={column.options.required === true}
            onChange={(required) => onChange({ options: { ...column.options, required: required || undefined } })}
          />
        </div>
      )}
    </>
  );
}
