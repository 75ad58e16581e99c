import { expect, test } from "vitest";
import { findTemplate, sampleRecords, TEMPLATE_KEYS } from "./templates.ts";

test.each(TEMPLATE_KEYS)("%s: relations point to samples of collections that come before", (key) => {
  const known = new Map<string, Set<unknown>>();
  for (const collection of findTemplate(key).collections) {
    const records = sampleRecords(collection);
    for (const field of collection.fields.filter(({ type }) => type === "relation")) {
      for (const record of records.filter((record) => record[field.name] !== undefined)) {
        expect(known.get(String(field.collection))).toContain(record[field.name]);
      }
    }
    const ids = records.map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(/^sample\d{9}$/);
    known.set(collection.name, new Set(ids));
  }
});

test.each(TEMPLATE_KEYS)("%s: samples use the fields that are there", (key) => {
  for (const { fields, samples } of findTemplate(key).collections) {
    const names = new Set(fields.map(({ name }) => name));
    for (const sample of samples) for (const name of Object.keys(sample)) expect(names).toContain(name);
  }
});
