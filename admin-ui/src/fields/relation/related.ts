/** The records a relation points to, as far as they came along, with something to call them by. */

import { useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "#api/collections.ts";
import type { StoredRecord } from "#api/types.ts";
import type { ValueProps } from "../field-kind.ts";
import { recordName } from "../record-name.ts";
import { asList } from "../values.ts";

type Related = { id: string; name: string; collectionName?: string };

export function useRelated({ field, value, record }: ValueProps): Related[] {
  const { data: collections } = useQuery(collectionsQuery());
  const target = collections?.find(({ id }) => id === field.collectionId);
  const found = new Map(expanded(record, field.name).map((other) => [other.id, other]));
  return asList(value).map((id) => {
    const other = found.get(id);
    return { id, name: other ? recordName(other, target?.fields ?? []) : id, collectionName: target?.name };
  });
}

function expanded(record: StoredRecord, field: string): StoredRecord[] {
  const found = record.expand?.[field];
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found];
}
