/** A panel that comes in from the right and lies over the screen; on a phone it fills it. */

import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { words } from "#words/words.ts";
import { IconButton } from "./button.tsx";

type SidePanelProps = PanelContentProps & { isOpen: boolean; onClose: () => void };

export function SidePanel({ isOpen, onClose, ...content }: SidePanelProps) {
  return (
    <PanelShell isOpen={isOpen} onClose={onClose}>
      <PanelContent {...content} />
    </PanelShell>
  );
}

type PanelShellProps = { isOpen: boolean; onClose: () => void; children: ReactNode };

/** The panel without its content, for a `PanelContent` that changes while the panel stays. */
export function PanelShell({ isOpen, onClose, children }: PanelShellProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-black/25 transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0 dark:bg-black/50" />
        <Dialog.Popup className="fixed inset-y-0 right-0 z-40 flex w-full flex-col bg-surface shadow-2xl outline-none transition-transform duration-200 ease-out data-ending-style:translate-x-full data-starting-style:translate-x-full sm:w-150 sm:border-l sm:border-line">
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type PanelContentProps = {
  title: string;
  /** Buttons beside the title. */
  actions?: ReactNode;
  /** Stays in sight below what scrolls: what can be done with the whole. */
  footer?: ReactNode;
  children: ReactNode;
};

export function PanelContent({ title, actions, footer, children }: PanelContentProps) {
  return (
    <>
      <header className="flex items-center gap-1 border-b border-line py-2.5 pr-3 pl-5">
        <Dialog.Title className="min-w-0 flex-1 truncate text-lg font-semibold tracking-tight" title={title}>
          {title}
        </Dialog.Title>
        {actions}
        <Dialog.Close render={<IconButton label={words().common.close} icon={X} />} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
      {footer && <footer className="border-t border-line bg-surface px-5 py-3">{footer}</footer>}
    </>
  );
}
