import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DOCUMENT_FILE, TYPES_FILE, typesOf, withoutCollections } from "./api-types.js";

test("the generated types belong to the stored document; if not, run npm run api-types", async () => {
  const document = JSON.parse(await readFile(DOCUMENT_FILE, "utf8"));
  expect(await readFile(TYPES_FILE, "utf8")).toBe(typesOf(document));
});

const answer = (schema: object) => ({
  components: { schemas: { Point: { type: "object", required: ["lon"], properties: { lon: { type: "number" } } } } },
  paths: {
    "/api/x": {
      get: {
        operationId: "showX",
        summary: "One",
        responses: { 200: { content: { "application/json": { schema } } } },
      },
    },
  },
});

test.each([
  [{ type: ["string", "null"] }, "string | null"],
  [{ enum: ["a", "b"] }, '"a" | "b"'],
  [{ type: "array", items: { type: ["integer", "null"] } }, "(number | null)[]"],
  [{ type: "array", items: { $ref: "#/components/schemas/Point" } }, "ApiPoint[]"],
  [{ type: "object", additionalProperties: { type: "boolean" } }, "{ [key: string]: boolean }"],
  [{ type: "object", required: ["a-b"], properties: { "a-b": { const: 1 } } }, '{\n  "a-b": 1;\n}'],
  [{ anyOf: [{ type: "null" }, { type: "object" }] }, "null | { [key: string]: unknown }"],
  [{}, "unknown"],
])("a schema becomes a type: %o", (schema, expected) => {
  expect(typesOf(answer(schema))).toContain(`export type ShowXAnswer = ${expected};`);
});

test("what belongs to the collections of one server is left out", () => {
  const paths = {
    "/api/collections/users/records": { get: { requestBody: { $ref: "#/components/schemas/usersRecord" } } },
    "/api/collections/{collection}": { get: { requestBody: { $ref: "#/components/schemas/Point" } } },
    "/api/collections/meta/scaffolds": {},
    "/api/collections/import": {},
  };
  const document = { openapi: "3.1.0", paths, components: { schemas: { usersRecord: {}, Point: {} } } };
  const general = withoutCollections(document);
  expect(Object.keys(general.paths)).toHaveLength(3);
  expect(Object.keys(general.components.schemas)).toEqual(["Point"]);
});
