import { ScanEye, Table2, UsersRound } from "lucide-react";
import type { CollectionType } from "#api/types.ts";

const KINDS = {
  base: { icon: Table2, label: "Sheet" },
  auth: { icon: UsersRound, label: "People who can sign in" },
  view: { icon: ScanEye, label: "Calculated list" },
};

export function CollectionIcon({ type, className = "size-4" }: { type: CollectionType; className?: string }) {
  const { icon: Icon } = KINDS[type];
  return <Icon className={`${className} shrink-0`} aria-hidden />;
}

/** What kind of collection this is, in plain words. */
export function collectionKind(type: CollectionType): string {
  return KINDS[type].label;
}
