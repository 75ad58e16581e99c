/** Wide or long content that scrolls by itself. It can be reached with the keyboard, or nobody could scroll it without a mouse. */

import type { ReactNode } from "react";
import { classNames } from "#lib/class-names.ts";

type ScrollRegionProps = { label: string; className?: string; children: ReactNode };

export function ScrollRegion({ label, className, children }: ScrollRegionProps) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      // What is placed absolutely inside, such as text for screen readers, would else widen the page.
      className={classNames("relative overflow-auto focus-visible:-outline-offset-2", className)}
    >
      {children}
    </section>
  );
}
