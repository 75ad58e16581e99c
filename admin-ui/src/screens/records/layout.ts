/**
 * How somebody likes to see a collection: which columns, in what order, how wide, which stand still, how high the rows
 * are, what is summed. Kept in their browser.
 */

import { useCallback, useMemo, useState } from "react";
import type { Field } from "#api/types.ts";
import type { FieldKind } from "#fields/field-kind.ts";
import { kindOf } from "#fields/registry.ts";
import { isShownAtFirst } from "#fields/visible-fields.ts";

export type RowHeight = "low" | "middle" | "high";

export const ROW_PX: Record<RowHeight, number> = { low: 34, middle: 52, high: 92 };
const MIN_WIDTH_PX = 60;
const MAX_WIDTH_PX = 1200;
const HEAD_SIGNS_PX = 72;
const LETTER_PX = 8;
/** Longer names are cut. */
const MAX_HEAD_PX = 220;

type Stored = {
  isVisible: Record<string, boolean>;
  widthPx: Record<string, number>;
  /** Names of fields. New ones, which are not in it, come behind. */
  order: string[];
  /** So many columns at the left stand still. Absent until somebody chooses: then it is the first one. */
  frozen?: number;
  rowHeight: RowHeight;
  /** What is shown below a column, by field. */
  summaries: Record<string, string>;
};

const AT_FIRST: Stored = { isVisible: {}, widthPx: {}, order: [], rowHeight: "low", summaries: {} };

export type Column = { field: Field; kind: FieldKind; widthPx: number };

export type Layout = Stored & {
  /** All of them, in order. */
  fields: Field[];
  /** Those that are shown. */
  columns: Column[];
  isShown: (field: Field) => boolean;
  change: (part: Partial<Stored>) => void;
  show: (field: Field, isShown: boolean) => void;
  hide: (fields: readonly Field[]) => void;
  resize: (field: Field, widthPx: number) => void;
  /** Puts a column before or behind another one. */
  move: (field: Field, beside: Field, isBehind: boolean) => void;
};

export function useLayout(collection: string, fields: readonly Field[]): Layout {
  const key = `steading_columns_${collection}`;
  const [stored, setStored] = useState(() => read(key));
  const change = useCallback(
    (part: Partial<Stored>) =>
      setStored((old) => {
        const next = { ...old, ...part };
        localStorage.setItem(key, JSON.stringify(next));
        return next;
      }),
    [key],
  );
  return useMemo(() => {
    const ordered = inOrder(fields, stored.order);
    const wanted = (field: Field) => stored.isVisible[field.name] ?? isShownAtFirst(field);
    // A grid without columns shows nothing to click on, so then everything is shown.
    const isShown = ordered.some(wanted) ? wanted : () => true;
    const columns = ordered.filter(isShown).map((field) => {
      const kind = kindOf(field);
      return { field, kind, widthPx: stored.widthPx[field.name] ?? Math.max(kind.widthPx, headPx(field.name)) };
    });
    return {
      ...stored,
      fields: ordered,
      columns,
      isShown,
      change,
      show: (field, isVisible) => change({ isVisible: { ...stored.isVisible, [field.name]: isVisible } }),
      hide: (gone) =>
        change({ isVisible: { ...stored.isVisible, ...Object.fromEntries(gone.map(({ name }) => [name, false])) } }),
      resize: (field, widthPx) => {
        const kept = Math.round(Math.max(MIN_WIDTH_PX, Math.min(MAX_WIDTH_PX, widthPx)));
        change({ widthPx: { ...stored.widthPx, [field.name]: kept } });
      },
      move: (field, beside, isBehind) => {
        const others = ordered.filter((other) => other !== field);
        others.splice(others.indexOf(beside) + (isBehind ? 1 : 0), 0, field);
        change({ order: others.map(({ name }) => name) });
      },
    };
  }, [fields, stored, change]);
}

/** Room for the name of a column between its icon and its menu, as far as letters tell. */
function headPx(name: string): number {
  return Math.min(MAX_HEAD_PX, HEAD_SIGNS_PX + name.length * LETTER_PX);
}

function inOrder(fields: readonly Field[], order: readonly string[]): Field[] {
  const place = new Map(order.map((name, index) => [name, index]));
  const rank = (field: Field) => place.get(field.name) ?? order.length;
  return [...fields].sort((one, other) => rank(one) - rank(other));
}

function read(key: string): Stored {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Stored>; // written above
    const rowHeight = stored.rowHeight && stored.rowHeight in ROW_PX ? stored.rowHeight : AT_FIRST.rowHeight;
    return { ...AT_FIRST, ...stored, rowHeight };
  } catch {
    return AT_FIRST;
  }
}
