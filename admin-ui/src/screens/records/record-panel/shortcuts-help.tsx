import { Dialog } from "#ui/dialog.tsx";
import { words } from "#words/words.ts";
import { keyNames } from "./shortcuts.ts";

export function ShortcutsHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { recordPanel } = words();
  const keys = keyNames();
  const lines: [string, string][] = [
    [keys.save, recordPanel.saveRecord],
    [keys.previous, recordPanel.previous],
    [keys.next, recordPanel.next],
    [keys.close, recordPanel.closePanel],
    [keys.help, recordPanel.thisList],
  ];
  return (
    <Dialog isOpen={isOpen} title={recordPanel.shortcuts} onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-5 gap-y-2.5 text-sm">
        {lines.map(([key, what]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded-md border border-line bg-sunken px-2 py-0.5 font-sans">{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
