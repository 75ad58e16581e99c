/** Which field of a new record a few typed words belong into. */

import type { Collection, Field } from "#api/types.ts";

const USUAL_NAMES = ["name", "title", "label", "subject", "username"];

export function namingField({ fields, type }: Collection): Field | undefined {
  const texts = fields.filter((field) => field.type === "text" && !field.primaryKey && !field.system && !field.hidden);
  const usual = USUAL_NAMES.map((name) => texts.find((field) => field.name === name)).find(Boolean);
  const email = type === "auth" ? fields.find((field) => field.type === "email" && field.system) : undefined;
  return texts.find(({ presentable }) => presentable) ?? usual ?? texts[0] ?? email;
}

/** The whole of a new record, when a name is all that it needs. */
export function nameOnly(collection: Collection, typed: string): Record<string, unknown> | null {
  const naming = namingField(collection);
  if (!naming || typed === "" || collection.type !== "base") return null;
  const isEnough = collection.fields.every(
    (field) => !field.required || field === naming || field.primaryKey || Boolean(field.autogeneratePattern),
  );
  return isEnough ? { [naming.name]: typed } : null;
}
