import { expect, test } from "vitest";
import { insertAt, placeholder } from "./inserts.ts";

test("a placeholder is a value, or a piece of JSON", () => {
  const total = { label: "total", expression: "record.total" };
  expect(placeholder(total, false)).toBe("{{ record.total }}");
  expect(placeholder(total, true)).toBe("{{ record.total|tojson }}");
});

test("it replaces what is selected, and stands apart from the word before", () => {
  expect(insertAt("Total: ", 7, 7, "{{ x }}")).toEqual({ text: "Total: {{ x }}", cursor: 14 });
  expect(insertAt("Total", 5, 5, "{{ x }}")).toEqual({ text: "Total {{ x }}", cursor: 13 });
  expect(insertAt("a NAME b", 2, 6, "{{ x }}")).toEqual({ text: "a {{ x }} b", cursor: 9 });
});
