/** Fills the place of a list that has nothing in it, and says what to do about it. */

import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

type EmptyStateProps = { icon: LucideIcon; title: string; lead: ReactNode; children?: ReactNode };

export function EmptyState({ icon: Icon, title, lead, children }: EmptyStateProps) {
  return (
    <div className="flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-2xl flex-col items-center gap-3 px-4 py-12 text-center sm:py-16">
        <span className="flex size-12 items-center justify-center rounded-2xl bg-moss-wash text-moss-strong">
          <Icon className="size-6" aria-hidden />
        </span>
        <h2 className="text-lg font-semibold">{title}</h2>
        <p className="max-w-xl text-ink-soft">{lead}</p>
        {children && <div className="mt-3 flex w-full flex-col items-center gap-4">{children}</div>}
      </div>
    </div>
  );
}
