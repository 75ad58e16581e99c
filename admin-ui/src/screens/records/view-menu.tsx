/** How the grid looks: which columns there are and in what order, and how high the rows are. */

import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { kindOf } from "#fields/registry.ts";
import { isShownAtFirst } from "#fields/visible-fields.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { Popover } from "#ui/popover.tsx";
import { words } from "#words/words.ts";
import type { Layout, RowHeight } from "./layout.ts";

const HEIGHTS: readonly RowHeight[] = ["low", "middle", "high"];

export function ViewMenu({ layout }: { layout: Layout }) {
  const { grid } = words();
  const hidden = layout.fields.filter((field) => isShownAtFirst(field) && !layout.isShown(field)).length;
  return (
    <Popover
      title={grid.columns}
      trigger={
        <Button title={grid.columns} icon={Columns3}>
          <span className="max-[89rem]:sr-only">{grid.columns}</span>
          {hidden > 0 && <span className="text-ink-soft tabular-nums max-[89rem]:sr-only">−{hidden}</span>}
        </Button>
      }
    >
      <div className="flex w-72 flex-col gap-3">
        <fieldset className="flex flex-col gap-1.5">
          <legend className="pb-1 text-xs text-ink-soft">{grid.rowHeight}</legend>
          <div className="flex rounded-lg border border-line p-0.5">
            {HEIGHTS.map((height) => (
              <label
                key={height}
                className="flex flex-1 items-center justify-center rounded-md py-1 text-sm has-checked:bg-moss-wash has-checked:font-medium has-checked:text-moss-strong has-focus-visible:outline-2 has-focus-visible:outline-moss"
              >
                <input
                  type="radio"
                  name="row-height"
                  className="sr-only"
                  checked={layout.rowHeight === height}
                  onChange={() => layout.change({ rowHeight: height })}
                />
                {grid.rowHeights[height]}
              </label>
            ))}
          </div>
        </fieldset>
        <ul className="-mx-1 max-h-[min(24rem,50vh)] overflow-y-auto">
          {layout.fields.map((field, index) => {
            const { icon: Icon } = kindOf(field);
            const [before, behind] = [layout.fields[index - 1], layout.fields[index + 1]];
            return (
              <li key={field.id} className="group flex items-center rounded-lg pr-1 hover:bg-sunken">
                <label className="flex min-w-0 flex-1 items-center gap-2.5 px-2 py-1.5 text-sm">
                  <input
                    type="checkbox"
                    className="size-4 shrink-0 accent-moss"
                    checked={layout.isShown(field)}
                    onChange={(event) => layout.show(field, event.target.checked)}
                  />
                  <Icon className="size-4 shrink-0 text-ink-soft" aria-hidden />
                  <span className="truncate">{field.name}</span>
                </label>
                <span className="flex shrink-0 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
                  <IconButton
                    label={grid.moveUp(field.name)}
                    icon={ArrowUp}
                    className="size-7! [&>svg]:size-3.5!"
                    disabled={!before}
                    onClick={() => before && layout.move(field, before, false)}
                  />
                  <IconButton
                    label={grid.moveDown(field.name)}
                    icon={ArrowDown}
                    className="size-7! [&>svg]:size-3.5!"
                    disabled={!behind}
                    onClick={() => behind && layout.move(field, behind, true)}
                  />
                </span>
              </li>
            );
          })}
        </ul>
      </div>
    </Popover>
  );
}
