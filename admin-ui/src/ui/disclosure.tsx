/** Something that is there when one asks for it. */

import { ChevronRight } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { classNames } from "#lib/class-names.ts";

type DisclosureProps = { label: ReactNode; isOpen?: boolean; startsOpen?: boolean; children: ReactNode };

/** `isOpen` opens it, as when there is a mistake inside; the reader decides otherwise. `startsOpen` only for the beginning. */
export function Disclosure({ label, isOpen = false, startsOpen = false, children }: DisclosureProps) {
  const [isOpened, setOpened] = useState(startsOpen);
  const isShown = isOpen || isOpened;
  const id = useId();
  return (
    <div>
      <button
        type="button"
        aria-expanded={isShown}
        aria-controls={isShown ? id : undefined}
        onClick={() => setOpened(!isShown)}
        className="inline-flex items-center gap-1 rounded-md py-1 pr-2 text-sm font-medium text-ink-soft hover:text-ink"
      >
        <ChevronRight className={classNames("size-4 transition-transform", isShown && "rotate-90")} aria-hidden />
        {label}
      </button>
      {isShown && (
        <div id={id} className="pt-3">
          {children}
        </div>
      )}
    </div>
  );
}
