/** One button of the bar above the editor, and a group of them, which stays together where lines break. */

import { Toolbar } from "@base-ui/react/toolbar";
import { ChevronDown, type LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { classNames } from "#lib/class-names.ts";

type ToolProps = Omit<ComponentProps<typeof Toolbar.Button>, "className"> & {
  label: string;
  icon: LucideIcon;
  isOn?: boolean;
  isOff?: boolean;
  /** It opens a menu or a form. */
  opens?: boolean;
  /** A line below the icon in this colour. */
  colour?: string;
  /** Stands beside the icon. */
  text?: string;
};

export function Tool({ label, icon: Icon, isOn, isOff, opens, colour, text, ...rest }: ToolProps) {
  return (
    <Toolbar.Button
      type="button"
      aria-label={text === undefined ? label : `${label}: ${text}`}
      title={label}
      aria-pressed={opens ? undefined : isOn}
      disabled={isOff}
      className={classNames(
        "flex h-8 min-w-8 items-center justify-center rounded-md data-disabled:opacity-40",
        opens && "gap-0.5 px-1",
        isOn
          ? "bg-moss-wash text-moss-strong"
          : "text-ink-soft not-data-disabled:hover:bg-line/60 not-data-disabled:hover:text-ink",
      )}
      {...rest}
    >
      {text === undefined ? (
        <span className="relative">
          <Icon className="size-4" aria-hidden />
          {colour && (
            <span
              className="absolute inset-x-0 -bottom-1 h-[3px] rounded-full border border-line"
              style={{ backgroundColor: colour }}
            />
          )}
        </span>
      ) : (
        <span className="w-24 truncate pl-1 text-left text-sm">{text}</span>
      )}
      {opens && <ChevronDown className="size-3 opacity-70" aria-hidden />}
    </Toolbar.Button>
  );
}

export function ToolGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Toolbar.Group aria-label={label} className="flex items-center gap-0.5">
      {children}
    </Toolbar.Group>
  );
}
