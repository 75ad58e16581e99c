import { Check } from "lucide-react";
import type { ValueProps } from "../field-kind.ts";

export function BoolCell({ value }: ValueProps) {
  if (value !== true) return <span className="text-ink-soft">No</span>;
  return (
    <span className="inline-flex items-center gap-1.5 align-top text-moss-strong">
      <Check className="size-4" aria-hidden />
      Yes
    </span>
  );
}
