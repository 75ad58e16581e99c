import { Dialog } from "#ui/dialog.tsx";
import { words } from "#words/words.ts";
import { KEYS } from "./shortcuts.ts";

export function ShortcutsHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { recordPanel } = words();
  const lines: [string, string][] = [
    [KEYS.save, recordPanel.saveRecord],
    [KEYS.previous, recordPanel.previous],
    [KEYS.next, recordPanel.next],
    [KEYS.close, recordPanel.closePanel],
    [KEYS.help, recordPanel.thisList],
  ];
  return (
    <Dialog isOpen={isOpen} title={recordPanel.shortcuts} onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-5 gap-y-2.5 text-sm">
        {lines.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="rounded-md border border-line bg-sunken px-2 py-0.5 font-sans">{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
