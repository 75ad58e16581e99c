/** A filter in words, on one line: "total > 50 and customer is Ana Kovač". */

import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { recordQuery } from "#api/records.ts";
import type { Collection } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { type Condition, type Group, isGroup, needsValue } from "#lib/filter/model.ts";
import { readFilter } from "#lib/filter/read.ts";
import { formatDate } from "#lib/format.ts";
import { words } from "#words/words.ts";
import type { FilterTools } from "./filter-group.tsx";

/** What words cannot say is shown as it is. */
export function FilterWords({ text, tools }: { text: string; tools: FilterTools }) {
  const group = readFilter(text, tools.filterFields);
  return group ? <GroupWords group={group} tools={tools} /> : text;
}

function GroupWords({ group, tools }: { group: Group; tools: FilterTools }) {
  const { grid } = words();
  return group.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no names of their own
    <Fragment key={index}>
      {index > 0 && ` ${group.join === "and" ? grid.and : grid.or} `}
      {isGroup(item) ? (
        <>
          (<GroupWords group={item} tools={tools} />)
        </>
      ) : (
        <ConditionWords condition={item} tools={tools} />
      )}
    </Fragment>
  ));
}

function ConditionWords({ condition, tools }: { condition: Condition; tools: FilterTools }) {
  const { grid } = words();
  const { field: name, operator, value } = condition;
  const field = tools.fields.find((one) => one.name === name);
  const names: Record<string, string> =
    field?.type === "number" ? { ...grid.operators, ...grid.numberOperators } : grid.operators;
  const target =
    field?.type === "relation" && operator !== "nameContains"
      ? tools.collections.find(({ id }) => id === field.collectionId)
      : undefined;
  const isDate = field?.type === "date" || field?.type === "autodate";
  return (
    <>
      {name} {names[operator]}
      {needsValue(operator) && (
        <> {target ? <LinkedName target={target} id={value} /> : isDate ? formatDate(value) : value}</>
      )}
    </>
  );
}

function LinkedName({ target, id }: { target: Collection; id: string }) {
  const { data } = useQuery(recordQuery(target, id));
  return data ? recordName(data, target.fields) : id;
}
