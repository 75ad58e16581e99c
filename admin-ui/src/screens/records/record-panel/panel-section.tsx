/** A part of the panel below the form, folded or open. */

import { ChevronRight, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

type PanelSectionProps = { title: string; icon: LucideIcon; isOpen?: boolean; children: ReactNode };

export function PanelSection({ title, icon: Icon, isOpen = true, children }: PanelSectionProps) {
  return (
    <details open={isOpen} className="group border-t border-line py-3">
      <summary className="flex items-center gap-2 rounded-md py-1 text-sm font-semibold select-none">
        <Icon className="size-4 text-ink-soft" aria-hidden />
        {title}
        <ChevronRight className="ml-auto size-4 text-ink-soft transition-transform group-open:rotate-90" aria-hidden />
      </summary>
      <div className="pt-2.5 pb-1">{children}</div>
    </details>
  );
}
