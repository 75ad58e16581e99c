/** A place to drop a file on, with a button for those who would rather choose it. */

import type { LucideIcon } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { words } from "#words/words.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";
import { ProgressBar } from "./progress-bar.tsx";

type FileDropProps = {
  icon: LucideIcon;
  title: string;
  buttonLabel: string;
  hint: string;
  accept: string;
  /** Instead of the place, while a file is being taken in. `share` is from 0 to 1. */
  progress?: { share: number; label: string } | null;
  /** Why the last file was refused. */
  problem?: string;
  onFile: (file: File) => void;
};

export function FileDrop({ progress, problem, ...rest }: FileDropProps) {
  return (
    <div className="flex flex-col gap-4">
      {progress ? <ProgressBar {...progress} /> : <Place {...rest} />}
      {problem && <Notice tone="danger">{problem}</Notice>}
    </div>
  );
}

type PlaceProps = Omit<FileDropProps, "progress" | "problem">;

function Place({ icon: Icon, title, buttonLabel, hint, accept, onFile }: PlaceProps) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button inside does the same
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={classNames(
        "flex flex-col items-center gap-2 rounded-2xl border-2 border-dashed px-6 py-10 text-center transition-colors",
        isOver ? "border-moss bg-moss-wash" : "border-line-strong/60 bg-surface",
      )}
    >
      <Icon className="size-8 text-moss" aria-hidden />
      <p className="text-lg font-medium">{title}</p>
      <p className="text-sm text-ink-soft">{words().common.or}</p>
      <input
        ref={input}
        type="file"
        accept={accept}
        aria-label={buttonLabel}
        className="hidden"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
      <Button look="primary" onClick={() => input.current?.click()}>
        {buttonLabel}
      </Button>
      <p className="mt-1 text-sm text-ink-soft">{hint}</p>
    </div>
  );
}
