import { Check } from "lucide-react";
import { words } from "#words/words.ts";
import type { ValueProps } from "../field-kind.ts";

export function BoolCell({ value }: ValueProps) {
  if (value !== true) return <span className="text-ink-soft">{words().common.no}</span>;
  return (
    <span className="inline-flex items-center gap-1.5 align-top text-moss-strong">
      <Check className="size-4" aria-hidden />
      {words().common.yes}
    </span>
  );
}
