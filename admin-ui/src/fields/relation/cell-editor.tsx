/** Chooses linked records from a cell of the grid. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import type { StoredRecord } from "#api/types.ts";
import { CellPopover } from "../cell-popover.tsx";
import type { EditorProps } from "../field-editing.ts";
import { asList } from "../values.ts";
import { RelationPicker } from "./picker.tsx";

export function RelationEditor({ field, value, typed, label, onValue, onCancel }: EditorProps) {
  const { data: collections } = useQuery(collectionsQuery());
  const target = collections?.find(({ id }) => id === field.collectionId);
  const max = Math.max(1, field.maxSelect ?? 1);
  const [chosen, setChosen] = useState(() => asList(value));
  const [known, setKnown] = useState<StoredRecord[]>([]);

  const toggle = (record: StoredRecord) => {
    const isChosen = chosen.includes(record.id);
    if (max === 1) {
      onValue(isChosen ? "" : record.id, "stay", [record]);
      return;
    }
    if (!isChosen && chosen.length >= max) return;
    setKnown([...known, record]);
    setChosen(isChosen ? chosen.filter((id) => id !== record.id) : [...chosen, record.id]);
  };
  const leave = () => {
    const isSame = asList(value).join() === chosen.join();
    if (max === 1 || isSame) onCancel();
    else onValue(chosen, "stay", known);
  };
  return (
    <CellPopover label={label} onLeave={leave} onCancel={onCancel}>
      {target && <RelationPicker target={target} chosen={chosen} onToggle={toggle} typedAtFirst={typed ?? ""} />}
    </CellPopover>
  );
}
