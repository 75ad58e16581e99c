/** How one choice in a plan changes the others: names of fields, links between collections, the column that finds. */

import type { ImportPlan, PlanColumn } from "#api/imports.ts";
import type { Collection } from "#api/types.ts";
import { type LinkTarget, suggestLink } from "./suggest-link.ts";

/** What the server allows in a list of links that an import makes. */
const MAX_LINKS = 999;

/** A field name for a heading, in the way of the server: `First Name` and `FirstName` become `firstName`. */
export function fieldNameOf(heading: string): string {
  const plain = heading.replaceAll("ß", "ss").normalize("NFD").replace(/\p{M}/gu, "");
  const [first = "", ...others] = plain.split(/[^A-Za-z0-9_]+/).filter((word) => word !== "");
  const name = lowerStart(first) + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z_]/.test(name) ? name : `field_${name}`;
}

/** `ID` becomes `id`, and `IDNumber` becomes `idNumber`. */
function lowerStart(word: string): string {
  const capitals = /^[A-Z]*/.exec(word)?.[0].length ?? 0;
  const lowered = capitals > 1 && /^[a-z]/.test(word.slice(capitals)) ? capitals - 1 : capitals;
  return word.slice(0, lowered).toLowerCase() + word.slice(lowered);
}

/** `AlbumId` and `album_id` refer to an album. */
function linkNameOf(heading: string): string {
  const name = fieldNameOf(heading);
  return name.replace(/(?:Id|_id|ID)$/, "") || name;
}

/** The new field becomes a link, to the collection that its heading names if there is one. */
export function asLink(column: PlanColumn, collections: readonly LinkTarget[]): Partial<PlanColumn> {
  const name = linkNameOf(column.column);
  const isOwnName = column.field !== null && column.field !== fieldNameOf(column.column);
  return {
    type: "relation",
    field: isOwnName ? column.field : name,
    relation: suggestLink(column.column, collections),
    options: column.options.required ? { required: true } : {},
  };
}

/** Rows that change records add up in lists, so there a new link is a list unless something else is chosen. */
export function isLinkList({ options }: PlanColumn, mode: ImportPlan["mode"]): boolean {
  return options.maxSelect === undefined ? mode !== "create" : Number(options.maxSelect) > 1;
}

export function withLinkList(column: PlanColumn, isList: boolean): Partial<PlanColumn> {
  return { options: { ...column.options, maxSelect: isList ? MAX_LINKS : 1 } };
}

/** The server finds the collection whatever the case of its letters; from here on it has its own name. */
export function withStoredName(plan: ImportPlan | null, collections: readonly Pick<Collection, "name">[]) {
  const stored = collections.find(({ name }) => name.toLowerCase() === plan?.collection.toLowerCase());
  return plan && stored ? { ...plan, collection: stored.name } : plan;
}

/** The server's reason for a suggestion goes when the person decides otherwise. */
export function withColumn(plan: ImportPlan, index: number, part: Partial<PlanColumn>): ImportPlan {
  const isDecided = part.action !== undefined || part.type !== undefined || part.relation !== undefined;
  const changed = isDecided ? { reason: "", ...part } : part;
  return { ...plan, columns: plan.columns.map((other, at) => (at === index ? { ...other, ...changed } : other)) };
}

/** Links to the collection that the import makes follow its name. */
export function withName(plan: ImportPlan, name: string): ImportPlan {
  const columns = plan.columns.map((column) =>
    column.relation && column.relation.collection === plan.collection
      ? { ...column, relation: { ...column.relation, collection: name } }
      : column,
  );
  return { ...plan, collection: name, columns };
}

/** A column that goes nowhere finds records by their id. */
export function withKey(plan: ImportPlan, key: string | null): ImportPlan {
  const hasId = plan.columns.some(({ action }) => action === "id");
  const columns = plan.columns.map((column): PlanColumn => {
    const isMeant = column.column === key && column.action === "skip" && !hasId;
    return isMeant ? { ...column, action: "id", field: null } : column;
  });
  return { ...plan, key, columns };
}
