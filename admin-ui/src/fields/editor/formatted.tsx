/** Rich text to read. */

import { useLayoutEffect, useMemo, useRef } from "react";
import { classNames } from "#lib/class-names.ts";
import { safeHtml } from "#lib/safe-html.ts";
import { Nothing } from "#ui/nothing.tsx";
import { words } from "#words/words.ts";
import "./rich-text.css";

export function Formatted({ html }: { html: string }) {
  const place = useRef<HTMLDivElement>(null);
  const content = useMemo(
    () =>
      safeHtml(html, {
        picture: words().inputs.richText.imageNamed,
        media: (tag, host) => `${mediaName(tag)}: ${host}`,
      }),
    [html],
  );
  const isEmpty = content.textContent?.trim() === "" && !content.querySelector("img, hr, table");
  useLayoutEffect(() => place.current?.replaceChildren(content.cloneNode(true)), [content]);
  if (isEmpty) return <Nothing />;
  return (
    <div
      ref={place}
      className={classNames(
        "rich-content overflow-auto break-words",
        // Colours are chosen for paper.
        html.includes("color:") && "has-colours rounded-lg border border-line px-3 py-2",
      )}
    />
  );
}

function mediaName(tag: string): string {
  const { richText } = words().inputs;
  return tag === "video" ? richText.film : tag === "audio" ? richText.sound : richText.frame;
}
