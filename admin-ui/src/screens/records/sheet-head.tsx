/** The row of column heads. */

import type { Field } from "#api/types.ts";
import { HeaderCell } from "./header-cell.tsx";
import { usePlace } from "./use-place.ts";
import type { Sheet } from "./use-sheet.tsx";

export function SheetHead({ sheet, fields }: { sheet: Sheet; fields: Field[] }) {
  const place = usePlace();
  const heads = new Map(sheet.getHeaderGroups()[0]?.headers.map((head) => [head.column.id, head]));
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" className="sticky top-0 left-0 z-10 border-r border-b border-line bg-sunken">
          <span className="sr-only">Open</span>
        </th>
        {fields.map((field) => {
          const head = heads.get(field.name);
          if (!head) return null;
          return (
            <HeaderCell
              key={field.id}
              field={field}
              sort={place.sort}
              onSort={(sort) => place.go({ sort, page: undefined })}
              onResizeStart={head.getResizeHandler()}
            />
          );
        })}
      </tr>
    </thead>
  );
}
