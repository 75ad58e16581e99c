/** A panel that comes in from the right and lies over the screen; on a phone it fills it. */

import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { words } from "#words/words.ts";
import { IconButton } from "./button.tsx";

type SidePanelProps = {
  isOpen: boolean;
  title: string;
  /** Buttons beside the title. */
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
};

export function SidePanel({ isOpen, title, actions, onClose, children }: SidePanelProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-black/25 transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0 dark:bg-black/50" />
        <Dialog.Popup className="fixed inset-y-0 right-0 z-40 flex w-full flex-col bg-surface shadow-2xl outline-none transition-transform duration-200 ease-out data-ending-style:translate-x-full data-starting-style:translate-x-full sm:w-130 sm:border-l sm:border-line">
          <header className="flex items-center gap-1 border-b border-line py-2.5 pr-3 pl-5">
            <Dialog.Title className="min-w-0 flex-1 truncate text-lg font-semibold tracking-tight">
              {title}
            </Dialog.Title>
            {actions}
            <Dialog.Close render={<IconButton label={words().common.close} icon={X} />} />
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
