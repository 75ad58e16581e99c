/** Amounts of money show the same number of decimals in a column, so that 99.20 stands below 118.75 and not 99.2. */

import { createContext, useMemo } from "react";
import type { StoredRecord } from "#api/types.ts";

const OF_MONEY = 2;

/** The decimals that a field always shows, by its name. */
export const EvenDecimals = createContext<(field: string) => number>(() => 0);

/** Decided by the records that are loaded first. */
export function useEvenDecimals(records: readonly StoredRecord[] | undefined): (field: string) => number {
  return useMemo(() => {
    const known = new Map<string, number>();
    return (field) => {
      const decimals = known.get(field) ?? evenDecimals((records ?? []).map((record) => record[field]));
      known.set(field, decimals);
      return decimals;
    };
  }, [records]);
}

/** Numbers with other decimals are measurements, which differ in how exact they are. */
export function evenDecimals(values: readonly unknown[]): number {
  const most = Math.max(0, ...values.map(decimalsOf));
  return most === OF_MONEY ? OF_MONEY : 0;
}

function decimalsOf(value: unknown): number {
  if (typeof value !== "number" || Number.isInteger(value)) return 0;
  const [digits = "", exponent = "0"] = String(value).split("e");
  return Math.max(0, (digits.split(".")[1] ?? "").length - Number(exponent));
}
