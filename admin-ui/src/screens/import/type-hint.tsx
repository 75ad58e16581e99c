/** Proposes a type for a column that the server takes for text. */

import { fieldTypeName } from "#fields/registry.ts";
import { words } from "#words/words.ts";
import type { ColumnPlanProps } from "./column-plan-props.ts";
import { suggestType } from "./suggest-type.ts";

type TypeHintProps = Pick<ColumnPlanProps, "column" | "source" | "cells" | "rows"> & { onUse: (type: string) => void };

export function TypeHint({ column, source, cells, rows, onUse }: TypeHintProps) {
  const texts = words().imports;
  // Where the server says why it is text, that counts.
  const hint = source && column.type === "text" && column.reason === "" ? suggestType(source, cells, rows) : null;
  if (!hint) return null;
  const name = fieldTypeName(hint.type);
  return (
    <p className="text-sm text-ink-soft">
      {texts.hints[hint.share](name, source?.values?.length ?? 0)}{" "}
      <button
        type="button"
        onClick={() => onUse(hint.type)}
        className="text-moss-strong underline decoration-moss/40 hover:decoration-current"
      >
        {texts.takeType(name)}
      </button>
    </p>
  );
}
