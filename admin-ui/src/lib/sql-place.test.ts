import { expect, test } from "vitest";
import { placeOfSqlError, plainSqlError } from "./sql-place.ts";

test.each([
  ['near "SELEC": syntax error', "SELEC 1", "SELEC"],
  ["no such table: main.nope", "SELECT * FROM nope", "nope"],
  ["no such column: t.x", "SELECT 't.x', t.x FROM t -- t.x", "t.x"],
  ["no such function: lenght", "SELECT lenght(a) FROM t", "lenght"],
  ["table t has no column named b", "INSERT INTO t (a, b) VALUES (1, 2)", "b"],
  ["incomplete input", "SELECT * FROM (  \n", "("],
  ["ambiguous column name: id", "SELECT id FROM a, b", "id"],
])("%s marks the word in %s", (message, sql, marked) => {
  const place = placeOfSqlError(message, sql);
  expect(sql.slice(place?.from, place?.to)).toBe(marked);
  // Comments and texts are not what is meant.
  expect(place?.from).toBe(sql.startsWith("SELECT 't.x'") ? 14 : sql.indexOf(marked));
});

test("a table that is not there is marked where it is read from", () => {
  expect(placeOfSqlError("no such table: albums", "SELECT albums.id FROM albums")).toEqual({ from: 22, to: 28 });
});

test.each([
  ['near ",": syntax error', "SELECT a, , b"],
  ["UNIQUE constraint failed: t.a", "INSERT INTO t VALUES (1)"],
  ["incomplete input", " "],
])("%s in %s marks nothing, because it is not clear what is meant", (message, sql) => {
  expect(placeOfSqlError(message, sql)).toBeNull();
});

test("the words around a message of SQLite are left out", () => {
  const message = 'Failed to execute query. Raw error:\nSQL logic error: near "x": syntax error (1).';
  expect(plainSqlError(message)).toBe('near "x": syntax error');
});
