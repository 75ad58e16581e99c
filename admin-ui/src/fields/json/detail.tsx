import { CodeBlock } from "#ui/code-block.tsx";
import { Nothing } from "#ui/nothing.tsx";
import type { ValueProps } from "../field-kind.ts";

export function JsonDetail({ field, value }: ValueProps) {
  if (value === null || value === undefined) return <Nothing />;
  return <CodeBlock label={field.name} code={JSON.stringify(value, null, 2)} />;
}
