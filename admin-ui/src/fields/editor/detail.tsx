import { lazy, Suspense } from "react";
import { htmlToText } from "#lib/html-text.ts";
import { Nothing } from "#ui/nothing.tsx";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

const Formatted = lazy(() => import("./formatted.tsx").then((module) => ({ default: module.Formatted })));

/** Its words first, and as soon as it is loaded what they look like. */
export function EditorDetail({ value }: ValueProps) {
  const html = asText(value);
  if (html.trim() === "") return <Nothing />;
  return (
    <Suspense fallback={<p className="break-words whitespace-pre-wrap">{htmlToText(html)}</p>}>
      <Formatted html={html} />
    </Suspense>
  );
}
