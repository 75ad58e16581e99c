/** Reads values out of records without trusting their shape: a field's type may have changed since. */

export function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Fields that may hold several values send a list, the others a text that is empty when there is none. */
export function asList(value: unknown): string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.map(asText).filter((item) => item !== "");
}
