import { Download } from "lucide-react";
import { useFileUrls } from "#api/files.ts";
import { Nothing } from "#ui/nothing.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import type { ValueProps } from "../field-kind.ts";
import { asList } from "../values.ts";
import { Thumb } from "./thumb.tsx";

export function FileDetail({ field, value, record }: ValueProps) {
  const urlsOf = useFileUrls(field, record);
  const names = asList(value);
  if (names.length === 0) return <Nothing />;
  return (
    <ul className="flex flex-col gap-2">
      {names.map((name) => {
        const urls = urlsOf(name);
        return (
          <li key={name} className="flex items-center gap-3">
            <Thumb name={name} urls={urls} className="size-12 shrink-0" />
            <span className="min-w-0 flex-1">
              {urls ? (
                <TextLink href={urls.open} isExternal>
                  {name}
                </TextLink>
              ) : (
                name
              )}
            </span>
            {urls && (
              <a
                href={urls.download}
                aria-label={words().inputs.downloadFile(name)}
                title={words().inputs.downloadFile(name)}
                className="flex size-9 shrink-0 items-center justify-center rounded-lg text-ink-soft hover:bg-sunken hover:text-ink"
              >
                <Download className="size-4.5" aria-hidden />
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}
