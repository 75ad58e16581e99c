/** Buttons, and links that look like them. An icon alone always carries its name for those who cannot see it. */

import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { classNames } from "#lib/class-names.ts";

type Look = "primary" | "plain" | "quiet" | "danger";

const SHAPE =
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors select-none disabled:opacity-55 disabled:cursor-not-allowed";

const LOOKS: Record<Look, string> = {
  primary: "bg-moss text-on-moss not-disabled:hover:bg-moss-strong shadow-xs",
  plain: "border border-line bg-raised text-ink not-disabled:hover:bg-sunken shadow-xs",
  danger: "bg-danger text-surface not-disabled:hover:opacity-90 shadow-xs",
  quiet: "text-ink-soft not-disabled:hover:bg-sunken not-disabled:hover:text-ink",
};

type ButtonProps = ComponentProps<"button"> & { look?: Look; icon?: LucideIcon };

export function Button({ look = "plain", icon: Icon, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={classNames(SHAPE, LOOKS[look], "h-9 px-3.5 text-sm", className)} {...rest}>
      {Icon && <Icon className="size-4" aria-hidden />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<"button">, "children"> & { label: string; icon: LucideIcon; look?: Look };

export function IconButton({ label, icon: Icon, look = "quiet", className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classNames(SHAPE, LOOKS[look], "size-9", className)}
      {...rest}
    >
      <Icon className="size-4.5" aria-hidden />
    </button>
  );
}

export function LinkButton({ look = "plain", className, ...rest }: ComponentProps<"a"> & { look?: Look }) {
  return <a className={classNames(SHAPE, LOOKS[look], "h-9 px-3.5 text-sm", className)} {...rest} />;
}
