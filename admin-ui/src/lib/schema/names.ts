/** Names of collections and fields, made of what somebody types. */

/** Letters without marks, digits and underscores: what a name may consist of. */
export function toFieldName(typed: string): string {
  return typed
    .replaceAll("ß", "ss")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\w]+/g, "_");
}

/** A name that was typed, without what is left of a space or a sign at its end. `before` is how it was stored. */
export function tidyName(name: string, before?: string): string {
  return name === before ? name : name.replace(/_+$/, "") || name;
}
