/** A panel below a cell of a grid, for editors that need more room than the cell has. */

import { Popover } from "@base-ui/react/popover";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useOpenEditor } from "./open-editors.ts";

type CellPopoverProps = {
  label: string;
  /** A click elsewhere, or Tab: what was chosen so far counts. */
  onLeave: () => void;
  /** Escape. */
  onCancel: () => void;
  children: ReactNode;
};

export function CellPopover({ label, onLeave, onCancel, children }: CellPopoverProps) {
  useOpenEditor(onLeave);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  // Keys pressed in the panel are no keys of the grid, although React lets them bubble to it.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") event.stopPropagation();
  };
  return (
    <>
      <span ref={setAnchor} className="pointer-events-none absolute inset-0 outline-2 -outline-offset-2 outline-moss" />
      {anchor && (
        <Popover.Root
          open
          onOpenChange={(isOpen, { reason }) => {
            if (isOpen) return;
            if (reason === "escape-key") onCancel();
            else onLeave();
          }}
        >
          <Popover.Portal>
            <Popover.Positioner anchor={anchor} align="start" sideOffset={2} className="z-50">
              <Popover.Popup
                aria-label={label}
                finalFocus={false}
                onKeyDown={onKeyDown}
                onPointerDown={(event) => event.stopPropagation()}
                onCopy={(event) => event.stopPropagation()}
                onCut={(event) => event.stopPropagation()}
                onPaste={(event) => event.stopPropagation()}
                className="max-h-(--available-height) max-w-(--available-width) min-w-56 overflow-y-auto rounded-xl border border-line bg-raised p-2 shadow-lg outline-none"
              >
                {children}
              </Popover.Popup>
            </Popover.Positioner>
          </Popover.Portal>
        </Popover.Root>
      )}
    </>
  );
}
