import { CopyButton } from "#ui/copy-button.tsx";
import { words } from "#words/words.ts";

export function IdLine({ id }: { id: string }) {
  return (
    <p className="flex items-center gap-1 text-[13px] text-ink-soft">
      id <span className="truncate font-mono">{id}</span>
      <CopyButton label={words().recordPanel.copyId} text={id} isIconOnly />
    </p>
  );
}
