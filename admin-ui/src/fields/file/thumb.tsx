/** A small picture of a file, or a sign that stands for it. */

import { File, FileText, Film, Music } from "lucide-react";
import type { FileUrls } from "#api/files.ts";

const IMAGE = /\.(avif|gif|jpe?g|png|svg|webp)$/i;
const SIGNS = [
  { ends: /\.(mp4|mov|webm|avi|mkv)$/i, icon: Film },
  { ends: /\.(mp3|wav|ogg|flac|m4a)$/i, icon: Music },
  { ends: /\.(pdf|docx?|odt|txt|md|xlsx?|ods|csv)$/i, icon: FileText },
];

type ThumbProps = { name: string; urls: FileUrls | null; className: string };

export function Thumb({ name, urls, className }: ThumbProps) {
  if (urls && IMAGE.test(name)) {
    return (
      <img
        src={urls.thumb}
        alt=""
        loading="lazy"
        className={`${className} rounded-md border border-line object-cover`}
      />
    );
  }
  const Icon = SIGNS.find(({ ends }) => ends.test(name))?.icon ?? File;
  return (
    <span className={`${className} inline-flex items-center justify-center rounded-md bg-sunken text-ink-soft`}>
      <Icon className="size-4" aria-hidden />
    </span>
  );
}
