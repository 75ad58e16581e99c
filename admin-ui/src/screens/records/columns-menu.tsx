/** Chooses which columns are shown. */

import { Popover } from "@base-ui/react/popover";
import { Columns3 } from "lucide-react";
import type { Field } from "#api/types.ts";
import { kindOf } from "#fields/registry.ts";
import { IconButton } from "#ui/button.tsx";
import type { ColumnPreferences } from "./column-preferences.ts";

export function ColumnsMenu({ fields, columns }: { fields: Field[]; columns: ColumnPreferences }) {
  const isShown = (field: Field) => columns.isVisible[field.name] !== false;
  return (
    <Popover.Root>
      <Popover.Trigger render={<IconButton label="Columns" icon={Columns3} look="plain" />} />
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className="z-20">
          <Popover.Popup className="max-h-[min(28rem,var(--available-height))] w-64 overflow-y-auto rounded-xl border border-line bg-raised p-1.5 shadow-lg">
            <Popover.Title className="px-2 py-1.5 text-sm font-medium">Columns to show</Popover.Title>
            {fields.map((field) => {
              const { icon: Icon } = kindOf(field);
              return (
                <label
                  key={field.id}
                  className="flex items-center gap-2.5 rounded-lg px-2 py-1.5 text-sm hover:bg-sunken"
                >
                  <input
                    type="checkbox"
                    className="size-4 accent-moss"
                    checked={isShown(field)}
                    onChange={(event) =>
                      columns.setVisible({ ...columns.isVisible, [field.name]: event.target.checked })
                    }
                  />
                  <Icon className="size-4 shrink-0 text-ink-soft" aria-hidden />
                  <span className="truncate">{field.name}</span>
                </label>
              );
            })}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
