/** A page with a single card in the middle: signing in, and everything that arrives by a link. */

import type { ReactNode } from "react";
import { Brand } from "./brand.tsx";
import { usePageTitle } from "./use-page-title.ts";

export type CardPageProps = { title: string; lead?: ReactNode; children?: ReactNode };

export function CardPage({ title, lead, children }: CardPageProps) {
  usePageTitle(title);
  return (
    <main className="flex min-h-full flex-col items-center justify-center gap-7 px-4 py-10">
      <Brand />
      <section className="w-full max-w-105 rounded-2xl border border-line bg-surface p-6 shadow-sm sm:p-8">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {lead && <div className="mt-2 text-ink-soft">{lead}</div>}
        {children && <div className="mt-6">{children}</div>}
      </section>
    </main>
  );
}
