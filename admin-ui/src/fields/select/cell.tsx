import { Badge } from "#ui/badge.tsx";
import type { ValueProps } from "../field-kind.ts";
import { asList } from "../values.ts";

export function SelectCell({ value }: ValueProps) {
  return (
    <span className="flex gap-1">
      {asList(value).map((choice) => (
        <Badge key={choice} text={choice} />
      ))}
    </span>
  );
}
