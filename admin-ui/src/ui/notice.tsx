/** A short message set apart from the rest of the page. */

import { CircleAlert, CircleCheck, Info, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "#lib/class-names.ts";

type Tone = "danger" | "good" | "plain";

const TONES: Record<Tone, { icon: LucideIcon; className: string }> = {
  danger: { icon: CircleAlert, className: "bg-danger-wash text-danger" },
  good: { icon: CircleCheck, className: "bg-moss-wash text-moss-strong" },
  plain: { icon: Info, className: "bg-sunken text-ink" },
};

export function Notice({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  const { icon: Icon, className } = TONES[tone];
  return (
    <div
      role={tone === "danger" ? "alert" : "status"}
      className={classNames("flex gap-2.5 rounded-lg px-3.5 py-2.5 text-sm", className)}
    >
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
