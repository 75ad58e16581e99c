/** The queries that somebody ran, newest first. Kept in their browser. */

const STORAGE_KEY = "steading_sql";
const MAX_QUERIES = 30;

export function rememberedQueries(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((sql) => typeof sql === "string") : [];
  } catch {
    return [];
  }
}

export function rememberQuery(sql: string): string[] {
  const queries = [sql, ...rememberedQueries().filter((other) => other !== sql)].slice(0, MAX_QUERIES);
  localStorage.setItem(STORAGE_KEY, JSON.stringify(queries));
  return queries;
}

export function forgetQueries(): string[] {
  localStorage.removeItem(STORAGE_KEY);
  return [];
}
