import { expect, test } from "vitest";
import type { Field } from "#api/types.ts";
import { acceptFiles } from "./upload-limits.ts";

const field: Field = {
  id: "f",
  name: "photos",
  type: "file",
  system: false,
  hidden: false,
  presentable: false,
  maxSelect: 3,
  maxSize: 10,
  mimeTypes: ["image/png"],
};
const file = (name: string, type: string, size = 5) => new File(["x".repeat(size)], name, { type });

test("files are refused for their size, type and number, and the others go on", () => {
  const files = [
    file("big.png", "image/png", 11),
    file("text.txt", "text/plain"),
    file("a.png", "image/png"),
    file("unknown", ""),
    file("b.png", "image/png"),
  ];
  const { accepted, refused } = acceptFiles(field, files, 2);
  expect(accepted.map(({ name }) => name)).toEqual(["a.png", "unknown"]);
  expect(refused).toEqual([
    { name: "big.png", reason: "size" },
    { name: "text.txt", reason: "type" },
    { name: "b.png", reason: "count" },
  ]);
});

test("without limits of its own, a field has the server's", () => {
  const free = { ...field, maxSize: 0, mimeTypes: [] };
  expect(acceptFiles(free, [file("a", "x/y", 5 * 1024 * 1024)], 1).refused).toEqual([]);
  expect(acceptFiles(free, [file("a", "x/y", 5 * 1024 * 1024 + 1)], 1).refused).toHaveLength(1);
});
