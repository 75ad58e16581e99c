/** The queries that somebody ran, newest first. Kept in their browser. */

import { ownKey } from "#api/session.ts";
import { keep, readKept } from "#lib/kept.ts";

const MAX_QUERIES = 30;

export function rememberedQueries(): string[] {
  const kept = readKept(ownKey("sql"));
  return Array.isArray(kept) ? kept.filter((sql) => typeof sql === "string") : [];
}

export function rememberQuery(sql: string): string[] {
  const queries = [sql, ...rememberedQueries().filter((other) => other !== sql)].slice(0, MAX_QUERIES);
  keep(ownKey("sql"), queries);
  return queries;
}

export function forgetQueries(): string[] {
  keep(ownKey("sql"), undefined);
  return [];
}
