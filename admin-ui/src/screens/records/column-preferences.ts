/** Which columns somebody wants to see, and how wide. Kept in their browser, per collection. */

import { useState } from "react";
import type { Field } from "#api/types.ts";
import { isShownAtFirst } from "#fields/visible-fields.ts";

export type ColumnPreferences = {
  isVisible: Record<string, boolean>;
  widthPx: Record<string, number>;
  setVisible: (isVisible: Record<string, boolean>) => void;
  setWidth: (widthPx: Record<string, number>) => void;
};

type Stored = Pick<ColumnPreferences, "isVisible" | "widthPx">;

export function useColumnPreferences(collection: string, fields: readonly Field[]): ColumnPreferences {
  const key = `steading_columns_${collection}`;
  const [stored, setStored] = useState(() => read(key));
  const change = (part: Partial<Stored>) => {
    const next = { ...stored, ...part };
    setStored(next);
    localStorage.setItem(key, JSON.stringify(next));
  };
  const atFirst = Object.fromEntries(fields.map((field) => [field.name, isShownAtFirst(field)]));
  // A sheet without columns shows nothing to click on, so then everything is shown.
  const isAnyShown = Object.values({ ...atFirst, ...stored.isVisible }).some(Boolean);
  return {
    isVisible: isAnyShown ? { ...atFirst, ...stored.isVisible } : {},
    widthPx: stored.widthPx,
    setVisible: (isVisible) => change({ isVisible }),
    setWidth: (widthPx) => change({ widthPx }),
  };
}

function read(key: string): Stored {
  try {
    const { isVisible, widthPx } = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Stored>; // written above
    return { isVisible: isVisible ?? {}, widthPx: widthPx ?? {} };
  } catch {
    return { isVisible: {}, widthPx: {} };
  }
}
