import { Badge } from "#ui/badge.tsx";
import { Nothing } from "#ui/nothing.tsx";
import type { ValueProps } from "../field-kind.ts";
import { asList } from "../values.ts";

export function SelectDetail({ value }: ValueProps) {
  const choices = asList(value);
  if (choices.length === 0) return <Nothing />;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {choices.map((choice) => (
        <li key={choice} className="max-w-full">
          <Badge text={choice} />
        </li>
      ))}
    </ul>
  );
}
