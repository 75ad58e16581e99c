import { ScanEye, Table2, UsersRound } from "lucide-react";
import type { CollectionType } from "#api/types.ts";
import { words } from "#words/words.ts";

const ICONS = { base: Table2, auth: UsersRound, view: ScanEye };

export function CollectionIcon({ type, className = "size-4" }: { type: CollectionType; className?: string }) {
  const Icon = ICONS[type];
  return <Icon className={`${className} shrink-0`} aria-hidden />;
}

/** What kind of collection this is, in plain words. */
export function collectionKind(type: CollectionType): string {
  return words().fieldTypes.collection[type];
}
