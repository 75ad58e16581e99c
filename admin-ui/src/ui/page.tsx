/** The shell of a screen that is read from top to bottom: a heading, its actions, and sections below. */

import type { ReactNode } from "react";
import { classNames } from "#lib/class-names.ts";
import { usePageTitle } from "./use-page-title.ts";

type PageProps = {
  title: string;
  lead?: ReactNode;
  /** Buttons at the right of the heading. */
  actions?: ReactNode;
  isWide?: boolean;
  /** Takes no input: the screen is about to be replaced, and what is typed would be lost. */
  isInert?: boolean;
  children: ReactNode;
};

export function Page({ title, lead, actions, isWide = false, isInert = false, children }: PageProps) {
  usePageTitle(title);
  return (
    <div inert={isInert} className="min-h-0 flex-1 overflow-y-auto">
      <div
        className={classNames(
          "mx-auto flex flex-col gap-6 px-4 py-6 sm:px-8 sm:py-10",
          isWide ? "max-w-7xl" : "max-w-4xl",
        )}
      >
        <header className="flex flex-col gap-x-6 gap-y-3 sm:flex-row sm:items-start">
          <div className="min-w-0 flex-1">
            <h1 className="text-2xl font-semibold tracking-tight break-words">{title}</h1>
            {lead && <div className="mt-1 text-ink-soft">{lead}</div>}
          </div>
          {actions && <div className="flex shrink-0 flex-wrap items-center gap-2">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}

type SectionProps = { title: string; lead?: ReactNode; actions?: ReactNode; children?: ReactNode };

/** A card with a heading of its own. */
export function Section({ title, lead, actions, children }: SectionProps) {
  return (
    <section className="flex min-w-0 flex-col gap-4 rounded-2xl border border-line bg-surface p-5">
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 className="font-semibold">{title}</h2>
          {lead && <div className="mt-0.5 text-sm text-ink-soft">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </section>
  );
}
