import { useState } from "react";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { RelationPicker } from "#fields/relation/picker.tsx";
import { Badge } from "#ui/badge.tsx";
import { words } from "#words/words.ts";

type BulkRelationProps = {
  field: Field;
  collections: readonly Collection[];
  linked: StoredRecord[];
  onChange: (linked: StoredRecord[]) => void;
};

/** The records that all selected rows shall be linked to. */
export function BulkRelation({ field, collections, linked, onChange }: BulkRelationProps) {
  const target = collections.find(({ id }) => id === field.collectionId);
  const [max] = useState(Math.max(1, field.maxSelect ?? 1));
  if (!target) return null;
  const toggle = (record: StoredRecord) => {
    const others = linked.filter(({ id }) => id !== record.id);
    if (others.length < linked.length) onChange(others);
    else onChange(max === 1 ? [record] : [...linked, record].slice(0, max));
  };
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm font-medium">{words().grid.newValue}</p>
      <p className="flex min-h-6 flex-wrap gap-1">
        {linked.length === 0 && <span className="text-sm text-ink-soft">{words().common.none}</span>}
        {linked.map((record) => (
          <Badge key={record.id} text={recordName(record, target.fields)} />
        ))}
      </p>
      <RelationPicker target={target} chosen={linked.map(({ id }) => id)} onToggle={toggle} />
    </div>
  );
}
