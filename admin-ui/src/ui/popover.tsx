/** A small panel beside a button, for a few inputs. */

import { Popover as Base } from "@base-ui/react/popover";
import { type ReactElement, type ReactNode, useRef } from "react";

type PopoverProps = {
  /** The button that opens it. */
  trigger: ReactElement;
  title: string;
  /** Where it stands, if not beside the button. */
  anchor?: { getBoundingClientRect: () => DOMRect };
  align?: "start" | "center" | "end";
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
  /** What has the focus when it opens, if not the first input. */
  focusFirst?: () => HTMLElement | null;
  /** Where the focus goes when what is inside has closed it, if not back to the button. */
  focusAfterUse?: () => HTMLElement;
  children: ReactNode;
};

export function Popover(props: PopoverProps) {
  const { trigger, title, anchor, align = "end", isOpen, onOpenChange, focusFirst, focusAfterUse, children } = props;
  const isLeft = useRef(false);
  return (
    <Base.Root
      open={isOpen}
      onOpenChange={(open) => {
        isLeft.current = !open;
        onOpenChange?.(open);
      }}
    >
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner anchor={anchor} align={align} sideOffset={6} className="z-50">
          <Base.Popup
            initialFocus={focusFirst && (() => focusFirst() ?? true)}
            finalFocus={focusAfterUse && (() => (isLeft.current ? true : focusAfterUse()))}
            className="max-h-(--available-height) max-w-(--available-width) min-w-60 overflow-y-auto rounded-xl border border-line bg-raised p-3 shadow-lg outline-none"
          >
            <Base.Title className="mb-2 text-sm font-medium">{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
