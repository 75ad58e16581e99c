/** Conditions one below the other, joined by "and" or "or". A group may stand inside another one. */

import { Plus, X } from "lucide-react";
import type { Collection, Field } from "#api/types.ts";
import { type Condition, type FilterField, type Group, isGroup, needsValue, operatorsOf } from "#lib/filter/model.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { FilterValue } from "./filter-value.tsx";

export type FilterTools = {
  fields: readonly Field[];
  filterFields: readonly FilterField[];
  collections: readonly Collection[];
};

type FilterGroupProps = { group: Group; tools: FilterTools; isInner: boolean; onChange: (group: Group) => void };

const SELECT = "h-8 min-w-0 rounded-lg border border-line bg-surface px-2 text-sm";

export function FilterGroup({ group, tools, isInner, onChange }: FilterGroupProps) {
  const { grid } = words();
  const put = (index: number, item: Condition | Group) =>
    onChange({ ...group, items: group.items.map((old, at) => (at === index ? item : old)) });
  const remove = (index: number) => onChange({ ...group, items: group.items.filter((_, at) => at !== index) });
  const add = (item: Condition | Group) => onChange({ ...group, items: [...group.items, item] });
  const first = tools.filterFields.find(({ name }) =>
    tools.fields.some((field) => field.name === name && !field.primaryKey),
  );
  const blank = (): Condition | null =>
    first ? { field: first.name, operator: operatorsOf(first)[0] ?? "is", value: "" } : null;
  const addCondition = () => {
    const condition = blank();
    if (condition) add(condition);
  };
  const addGroup = () => {
    const condition = blank();
    if (condition) add({ join: group.join === "and" ? "or" : "and", items: [condition] });
  };
  return (
    <div
      className={isInner ? "flex flex-col gap-2 rounded-xl border border-line bg-sunken p-2.5" : "flex flex-col gap-2"}
    >
      {group.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no names of their own
        <div key={index} className="flex flex-wrap items-start gap-2 sm:flex-nowrap">
          <span className="flex h-8 w-16 shrink-0 items-center text-sm text-ink-soft">
            {index === 0 && grid.where}
            {index === 1 && (
              <select
                aria-label={grid.join}
                value={group.join}
                onChange={(event) => onChange({ ...group, join: event.target.value === "or" ? "or" : "and" })}
                className={`${SELECT} w-full`}
              >
                <option value="and">{grid.and}</option>
                <option value="or">{grid.or}</option>
              </select>
            )}
            {index > 1 && <span className="px-2">{group.join === "and" ? grid.and : grid.or}</span>}
          </span>
          <div className="order-last min-w-0 basis-full sm:order-none sm:flex-1 sm:basis-0">
            {isGroup(item) ? (
              <FilterGroup group={item} tools={tools} isInner onChange={(next) => put(index, next)} />
            ) : (
              <ConditionLine condition={item} tools={tools} onChange={(next) => put(index, next)} />
            )}
          </div>
          <IconButton label={grid.removeCondition} icon={X} className="ml-auto size-8!" onClick={() => remove(index)} />
        </div>
      ))}
      <div className="flex flex-wrap gap-1">
        <Button look="quiet" icon={Plus} className="h-8! px-2!" onClick={addCondition}>
          {grid.addCondition}
        </Button>
        {!isInner && (
          <Button look="quiet" icon={Plus} className="h-8! px-2!" onClick={addGroup}>
            {grid.addGroup}
          </Button>
        )}
      </div>
    </div>
  );
}

type ConditionLineProps = { condition: Condition; tools: FilterTools; onChange: (condition: Condition) => void };

function ConditionLine({ condition, tools, onChange }: ConditionLineProps) {
  const { grid } = words();
  const filterField = tools.filterFields.find(({ name }) => name === condition.field);
  const field = tools.fields.find(({ name }) => name === condition.field);
  if (!filterField || !field) return null;
  const names: Record<string, string> =
    filterField.kind === "number" ? { ...grid.operators, ...grid.numberOperators } : grid.operators;
  const chooseField = (name: string) => {
    const next = tools.filterFields.find((other) => other.name === name);
    if (!next) return;
    const operators = operatorsOf(next);
    const keeps = operators.includes(condition.operator) && next.kind === filterField.kind;
    const operator = keeps ? condition.operator : (operators[0] ?? "is");
    onChange({ field: name, operator, value: keeps ? condition.value : "" });
  };
  const chooseOperator = (text: string) => {
    const operator = operatorsOf(filterField).find((candidate) => candidate === text);
    if (!operator) return;
    // A name to look for and the id of a record are no values of each other.
    const isOther = (operator === "nameContains") !== (condition.operator === "nameContains");
    onChange({ ...condition, operator, value: isOther || !needsValue(operator) ? "" : condition.value });
  };
  return (
    <div className="flex flex-wrap gap-1.5">
      <select
        aria-label={grid.column}
        value={condition.field}
        onChange={(event) => chooseField(event.target.value)}
        className={`${SELECT} max-w-44`}
      >
        {tools.fields.map(({ id, name }) => (
          <option key={id}>{name}</option>
        ))}
      </select>
      <select
        aria-label={grid.comparison}
        value={condition.operator}
        onChange={(event) => chooseOperator(event.target.value)}
        className={`${SELECT} max-w-44`}
      >
        {operatorsOf(filterField).map((operator) => (
          <option key={operator} value={operator}>
            {names[operator]}
          </option>
        ))}
      </select>
      {needsValue(condition.operator) && (
        <div data-condition-value className="flex min-w-0 flex-1 basis-40 items-center gap-1.5">
          <span aria-hidden className="text-sm text-ink-soft">
            {grid.value}
          </span>
          <FilterValue
            field={field}
            operator={condition.operator}
            value={condition.value}
            collections={tools.collections}
            onChange={(value) => onChange({ ...condition, value })}
          />
        </div>
      )}
    </div>
  );
}
