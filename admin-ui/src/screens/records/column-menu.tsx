/** What can be done with a column: sort, filter, rename, move, hide, freeze. */

import {
  ArrowDownAZ,
  ArrowLeft,
  ArrowRight,
  ArrowUpAZ,
  EyeOff,
  ListFilter,
  PencilLine,
  Pin,
  PinOff,
  Settings2,
  X,
} from "lucide-react";
import type { Collection, Field } from "#api/types.ts";
import { isMac } from "#lib/is-mac.ts";
import { parseSort, withoutSort, withSort, writeSort } from "#lib/sort-text.ts";
import { MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { words } from "#words/words.ts";
import type { Layout } from "./layout.ts";
import type { PlacedColumn } from "./placed-columns.ts";
import { sortPath } from "./sort-path.ts";
import type { Place } from "./use-place.ts";

type ColumnMenuProps = {
  collection: Collection;
  collections: readonly Collection[];
  column: PlacedColumn;
  layout: Layout;
  place: Place;
  onFilter: (field: Field) => void;
  onRename: (field: Field) => void;
  onEditField: (field: Field) => void;
};

const UNSORTABLE = new Set(["json", "file", "geoPoint", "editor"]);

export function ColumnMenu({
  collection,
  collections,
  column,
  layout,
  place,
  onFilter,
  onRename,
  onEditField,
}: ColumnMenuProps) {
  const { grid } = words();
  const moveKeys = isMac() ? "⌘⇧" : `${words().common.controlKey}+⇧+`;
  const { field, index } = column;
  const sorts = parseSort(place.sort);
  const path = sortPath(field, collections);
  const isSorted = sorts.some((sort) => sort.field === path);
  const hasOthers = sorts.some((sort) => sort.field !== path);
  const [up, down] = grid.sortWords[sortKind(field)];
  const sort = (isDescending: boolean, keepsOthers: boolean) =>
    place.go({ sort: writeSort(withSort(sorts, { field: path, isDescending }, keepsOthers)) });
  const before = layout.columns[index - 1]?.field;
  const behind = layout.columns[index + 1]?.field;
  const isLastFrozen = column.isLastFrozen || layout.frozen === index + 1;
  const canRename = !field.system && !collection.system && collection.type !== "view";
  return (
    <>
      {!UNSORTABLE.has(field.type) && (
        <>
          <MenuItem icon={ArrowDownAZ} onSelect={() => sort(false, false)}>
            {up}
          </MenuItem>
          <MenuItem icon={ArrowUpAZ} onSelect={() => sort(true, false)}>
            {down}
          </MenuItem>
          {hasOthers && !isSorted && (
            <MenuItem icon={ArrowDownAZ} onSelect={() => sort(false, true)}>
              {grid.sortAlso}
            </MenuItem>
          )}
          {isSorted && (
            <MenuItem icon={X} onSelect={() => place.go({ sort: writeSort(withoutSort(sorts, path)) })}>
              {grid.unsort}
            </MenuItem>
          )}
        </>
      )}
      <MenuItem icon={ListFilter} onSelect={() => onFilter(field)}>
        {grid.filterBy}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        icon={PencilLine}
        disabledReason={canRename ? undefined : grid.cannotRename}
        onSelect={() => onRename(field)}
      >
        {grid.rename}
      </MenuItem>
      <MenuItem icon={Settings2} onSelect={() => onEditField(field)}>
        {grid.editField}
      </MenuItem>
      <MenuSeparator />
      {before && (
        <MenuItem icon={ArrowLeft} shortcut={`${moveKeys}←`} onSelect={() => layout.move(field, before, false)}>
          {grid.moveLeft}
        </MenuItem>
      )}
      {behind && (
        <MenuItem icon={ArrowRight} shortcut={`${moveKeys}→`} onSelect={() => layout.move(field, behind, true)}>
          {grid.moveRight}
        </MenuItem>
      )}
      <MenuItem
        icon={isLastFrozen ? PinOff : Pin}
        onSelect={() => layout.change({ frozen: isLastFrozen ? 0 : index + 1 })}
      >
        {isLastFrozen ? grid.unfreeze : index === 0 ? grid.freeze : grid.freezeTo}
      </MenuItem>
      <MenuItem icon={EyeOff} onSelect={() => layout.show(field, false)}>
        {grid.hide}
      </MenuItem>
    </>
  );
}

function sortKind({ type }: Field): "text" | "number" | "date" | "bool" {
  if (type === "number" || type === "bool") return type;
  return type === "date" || type === "autodate" ? "date" : "text";
}
