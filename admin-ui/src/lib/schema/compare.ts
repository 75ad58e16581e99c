/** Says what differs between two definitions of a collection, in order, as data for people to read. */

/** A definition as JSON; the keys that matter here are checked when they are read. */
export type Definition = { [key: string]: unknown };

export type SchemaChange =
  | { kind: "collection-renamed"; before: string; after: string }
  | { kind: "field-added"; field: string; type: string }
  | { kind: "field-removed"; field: string; type: string }
  | { kind: "field-renamed"; before: string; after: string }
  | { kind: "field-replaced"; field: string; before: string; after: string }
  | { kind: "field-option"; field: string; type: string; option: string; before: unknown; after: unknown }
  | { kind: "fields-moved" }
  | { kind: "rule"; rule: string; before: string | null; after: string | null }
  | { kind: "index-added"; index: string }
  | { kind: "index-removed"; index: string }
  | { kind: "query"; before: string; after: string }
  | { kind: "option"; option: string; before: unknown; after: unknown };

const RULES = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule", "authRule", "manageRule"];
/** Compared on their own above, or kept by the server. */
const ASIDE = new Set([...RULES, "id", "name", "fields", "indexes", "viewQuery", "created", "updated", "system"]);

/** Keys that `after` leaves out stay as they are on the server, so they are no difference. */
export function compareDefinitions(before: Definition, after: Definition): SchemaChange[] {
  const changes: SchemaChange[] = [];
  const [oldName, newName] = [textOf(before.name), textOf(after.name)];
  if ("name" in after && oldName !== newName) {
    changes.push({ kind: "collection-renamed", before: oldName, after: newName });
  }
  // The fields of a view follow from its query.
  if ("fields" in after && after.type !== "view")
    changes.push(...compareFields(list(before.fields), list(after.fields)));
  for (const rule of RULES) {
    if (!(rule in after) || ruleOf(before[rule]) === ruleOf(after[rule])) continue;
    changes.push({ kind: "rule", rule, before: ruleOf(before[rule]), after: ruleOf(after[rule]) });
  }
  if ("indexes" in after) changes.push(...compareIndexes(texts(before.indexes), texts(after.indexes)));
  if ("viewQuery" in after && textOf(before.viewQuery) !== textOf(after.viewQuery)) {
    changes.push({ kind: "query", before: textOf(before.viewQuery), after: textOf(after.viewQuery) });
  }
  for (const key of Object.keys(after)) {
    if (!ASIDE.has(key)) changes.push(...compareOption(key, before[key], after[key]));
  }
  return changes;
}

function compareFields(before: Definition[], after: Definition[]): SchemaChange[] {
  const changes: SchemaChange[] = [];
  const kept: Definition[] = [];
  for (const field of after) {
    const old = before.find((candidate) => isSameField(candidate, field));
    if (!old) {
      changes.push({ kind: "field-added", field: textOf(field.name), type: textOf(field.type) });
      continue;
    }
    kept.push(old);
    changes.push(...compareField(old, field));
  }
  for (const old of before) {
    if (kept.includes(old)) continue;
    changes.push({ kind: "field-removed", field: textOf(old.name), type: textOf(old.type) });
  }
  const order = before.filter((field) => kept.includes(field));
  if (order.some((field, at) => kept[at] !== field)) changes.push({ kind: "fields-moved" });
  return changes;
}

/** The server knows a field by its id, and by name and type when the id is missing. */
function isSameField(before: Definition, after: Definition): boolean {
  if (textOf(after.id) !== "" && textOf(after.id) === textOf(before.id)) return true;
  return textOf(after.id) === "" && before.name === after.name && before.type === after.type;
}

function compareField(before: Definition, after: Definition): SchemaChange[] {
  const changes: SchemaChange[] = [];
  const field = textOf(after.name);
  if (before.type !== after.type) {
    return [{ kind: "field-replaced", field, before: textOf(before.type), after: textOf(after.type) }];
  }
  if (before.name !== after.name) {
    changes.push({ kind: "field-renamed", before: textOf(before.name), after: field });
  }
  for (const option of Object.keys(after)) {
    if (option === "id" || option === "name" || option === "type" || option === "system") continue;
    if (isSame(before[option], after[option])) continue;
    const type = textOf(after.type);
    changes.push({ kind: "field-option", field, type, option, before: before[option], after: after[option] });
  }
  return changes;
}

function compareIndexes(before: string[], after: string[]): SchemaChange[] {
  const plain = (index: string) => index.replace(/\s+/g, " ").trim();
  const [old, now] = [before.map(plain), after.map(plain)];
  return [
    ...old.filter((index) => !now.includes(index)).map((index) => ({ kind: "index-removed", index }) as const),
    ...now.filter((index) => !old.includes(index)).map((index) => ({ kind: "index-added", index }) as const),
  ];
}

function compareOption(option: string, before: unknown, after: unknown): SchemaChange[] {
  if (isSame(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ kind: "option", option, before, after }];
  return Object.keys(after).flatMap((key) => compareOption(`${option}.${key}`, before[key], after[key]));
}

/** What importing `incoming` does to one collection. */
export type ImportStep = {
  name: string;
  action: "create" | "change" | "keep" | "delete";
  changes: SchemaChange[];
};

/** Follows the rules of the server's import: by id, else by name; what is not listed stays unless it is to be deleted. */
export function planImport(current: Definition[], incoming: Definition[], deletesMissing: boolean): ImportStep[] {
  const matched = new Set<Definition>();
  const steps = incoming.map((item): ImportStep => {
    const before = findDefinition(current, item);
    if (!before) return { name: textOf(item.name), action: "create", changes: compareDefinitions({}, item) };
    matched.add(before);
    const adopted = deletesMissing
      ? item
      : { ...item, ...("fields" in item && { fields: mergedFields(before, item) }) };
    const changes = compareDefinitions(before, withStoredIds(before, adopted));
    return { name: textOf(before.name), action: changes.length > 0 ? "change" : "keep", changes };
  });
  const missing = current.filter((definition) => !matched.has(definition) && definition.system !== true);
  if (!deletesMissing) return steps;
  return [...steps, ...missing.map(({ name }) => ({ name: textOf(name), action: "delete" as const, changes: [] }))];
}

function findDefinition(current: Definition[], item: Definition): Definition | undefined {
  const name = textOf(item.name).toLowerCase();
  return (
    current.find(({ id }) => textOf(item.id) !== "" && id === item.id) ??
    current.find((definition) => textOf(definition.name).toLowerCase() === name)
  );
}

/** An item with another id but the same name and type takes over the stored field. */
function withStoredIds(before: Definition, item: Definition): Definition {
  if (!("fields" in item)) return item;
  const stored = list(before.fields);
  const fields = list(item.fields).map((field) => {
    if (stored.some(({ id }) => id === field.id)) return field;
    const twin = stored.find(({ name, type }) => name === field.name && type === field.type);
    return twin ? { ...field, id: twin.id } : field;
  });
  const system = stored.filter((field) => field.system === true && !fields.some(({ id }) => id === field.id));
  return { ...item, fields: [...fields, ...system] };
}

/** Without deletion, stored fields that the item leaves out are kept at the end. */
function mergedFields(before: Definition, item: Definition): Definition[] {
  const adopted = list(withStoredIds(before, item).fields);
  const kept = list(before.fields).filter(({ id }) => !adopted.some((field) => field.id === id));
  return [...adopted, ...kept];
}

function list(value: unknown): Definition[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function ruleOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isObject(value: unknown): value is Definition {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Compares as JSON, whatever the order of keys. */
export function isSame(before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.length === after.length && before.every((item, at) => isSame(item, after[at]));
  }
  if (!isObject(before) || !isObject(after)) return false;
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].every((key) => isSame(before[key], after[key]));
}
