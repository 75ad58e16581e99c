import { describe, expect, test } from "vitest";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import {
  change,
  copiedValues,
  draftOf,
  formFields,
  formValue,
  isDirty,
  problemsOf,
  receive,
  revert,
  toChange,
  withTypedSince,
} from "./draft.ts";
import { nameOnly, namingField } from "./naming-field.ts";

const field = (name: string, type: string, more: Partial<Field> = {}): Field => ({
  id: name,
  name,
  type,
  system: false,
  hidden: false,
  presentable: false,
  ...more,
});

const name = field("name", "text", { required: true });
const count = field("count", "number");
const tags = field("tags", "select", { values: ["a", "b"], maxSelect: 2 });
const facts = field("facts", "json");
const photos = field("photos", "file", { maxSelect: 2 });
const updated = field("updated", "autodate");
const plants: Collection = {
  id: "p",
  name: "plants",
  type: "base",
  system: false,
  createRule: null,
  fields: [field("id", "text", { primaryKey: true }), name, count, tags, facts, photos, updated],
};
const stored: StoredRecord = {
  id: "abc",
  collectionId: "p",
  collectionName: "plants",
  name: "Mint",
  count: 3,
  tags: ["a"],
  facts: "5",
  photos: ["x.png"],
  updated: "2026-01-01 00:00:00.000Z",
};

describe("a change", () => {
  test("is one only while it differs from what is stored", () => {
    const changed = change(draftOf(stored), count, "4");
    expect(isDirty(changed)).toBe(true);
    expect(isDirty(change(changed, count, "3"))).toBe(false);
    expect(isDirty(change(draftOf(stored), tags, ["a"]))).toBe(false);
    expect(formValue(revert(changed, count), count)).toBe("3");
  });

  test("is sent alone, in the form that the server reads", () => {
    let draft = change(draftOf(stored), count, "1,5");
    draft = change(draft, photos, [new File(["x"], "y.png"), "x.png"]);
    const { values, files } = toChange(draft, plants);
    expect(values).toEqual({ count: 1.5 });
    expect(files.photos?.list).toHaveLength(2);
  });

  test("of JSON keeps texts texts, and says what is no JSON", () => {
    expect(formValue(draftOf(stored), facts)).toBe('"5"');
    expect(toChange(change(draftOf(stored), facts, '"7"'), plants).values).toEqual({ facts: '"7"' });
    expect(toChange(change(draftOf(stored), facts, "7"), plants).values).toEqual({ facts: 7 });
    expect(toChange(change(draftOf(stored), facts, " "), plants).values).toEqual({ facts: null });
    expect(Object.keys(problemsOf(change(draftOf(stored), facts, "{"), plants.fields))).toEqual(["facts"]);
  });

  test("of a number that cannot be held is refused", () => {
    expect(problemsOf(change(draftOf(stored), count, "12345678901234567891"), plants.fields)).toHaveProperty("count");
    expect(problemsOf(change(draftOf(stored), count, "9007199254740992"), plants.fields)).toEqual({});
  });
});

describe("what others save", () => {
  const arrived = { ...stored, name: "Sage", count: 9, updated: "2026-02-02 00:00:00.000Z" };

  test("is taken over where nothing was typed, and never replaces what was", () => {
    const draft = receive(change(draftOf(stored), count, "4"), plants.fields, arrived);
    expect(formValue(draft, name)).toBe("Sage");
    expect(formValue(draft, count)).toBe("4");
    expect([...draft.changedByOthers]).toEqual(["name"]);
    expect([...draft.conflicts]).toEqual(["count"]);
    expect(formValue(revert(draft, count), count)).toBe("9");
  });

  test("is no conflict when it is the same", () => {
    const draft = receive(change(draftOf(stored), count, "9"), plants.fields, arrived);
    expect(isDirty(draft)).toBe(false);
    expect(draft.conflicts.size).toBe(0);
  });

  test("says nothing about fields that it leaves out", () => {
    const { count: _, ...rest } = arrived;
    const draft = receive(draftOf(stored), plants.fields, {
      ...rest,
      id: "abc",
      collectionId: "p",
      collectionName: "plants",
    });
    expect(formValue(draft, count)).toBe("3");
    expect([...draft.changedByOthers]).toEqual(["name"]);
  });

  test("is nothing when it is what was known", () => {
    const draft = receive(draftOf(stored), plants.fields, { ...stored, updated: "2026-03-03 00:00:00.000Z" });
    expect(draft.changedByOthers.size).toBe(0);
  });
});

describe("what is typed while a record is being saved", () => {
  const sent = change(change(draftOf(stored), name, "Sage"), count, "4");
  const saved = draftOf({ ...stored, name: "Sage", count: 4 });
  const { fields } = plants;

  test("is a change of what is stored then", () => {
    expect(withTypedSince(saved, sent, sent, fields)).toEqual(saved);
    const draft = withTypedSince(saved, sent, change(sent, count, "45"), fields);
    expect(draft.typed).toEqual({ count: "45" });
    expect(formValue(draft, name)).toBe("Sage");
  });

  test("is one also when it is what was stored before", () => {
    const draft = withTypedSince(saved, sent, change(sent, name, "Mint"), fields);
    expect(draft.typed).toEqual({ name: "Mint" });
  });

  test("does not send files again that were sent", () => {
    const [first, second] = [new File(["x"], "one.png"), new File(["y"], "two.png")];
    const withFile = change(draftOf(stored), photos, ["x.png", first]);
    const named = draftOf({ ...stored, photos: ["x.png", "one_abc.png"] });
    expect(withTypedSince(named, withFile, withFile, fields)).toEqual(named);
    const draft = withTypedSince(named, withFile, change(withFile, photos, [first, second]), fields);
    expect(draft.typed.photos).toEqual(["one_abc.png", second]);
  });
});

test("a copy has the values, but not the files", () => {
  expect(copiedValues(draftOf(stored), plants)).toEqual({ name: "Mint", count: "3", tags: ["a"], facts: '"5"' });
});

test("accounts begin with their address, and a password is confirmed by itself", () => {
  const system = { system: true };
  const password = field("password", "password", system);
  const people: Collection = {
    ...plants,
    type: "auth",
    fields: [password, field("tokenKey", "text", system), field("email", "email", system), name],
  };
  expect(formFields(people, true).map((one) => one.name)).toEqual(["email", "password", "name"]);
  const { values } = toChange(change(draftOf(undefined), password, "12345678"), people);
  expect(values).toEqual({ password: "12345678", passwordConfirm: "12345678" });
});

test("a few words are enough for a record that needs no more than a name", () => {
  expect(namingField(plants)).toBe(name);
  expect(nameOnly(plants, "Dill")).toEqual({ name: "Dill" });
  expect(nameOnly(plants, "")).toBeNull();
  expect(
    nameOnly({ ...plants, fields: [...plants.fields, field("price", "number", { required: true })] }, "Dill"),
  ).toBeNull();
});
