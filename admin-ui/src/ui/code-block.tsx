/** A piece of text to type or paste somewhere else, with a button that copies it. */

import { words } from "#words/words.ts";
import { CopyButton } from "./copy-button.tsx";

export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="relative rounded-lg border border-line bg-sunken">
      <pre className="py-2.5 pr-12 pl-3.5 font-mono text-[13px] leading-6 break-words whitespace-pre-wrap">{code}</pre>
      <div className="absolute top-1.5 right-1.5">
        <CopyButton text={code} label={words().common.copyIt(label)} isIconOnly />
      </div>
    </div>
  );
}
