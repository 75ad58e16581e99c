/** A menu behind a button. */

import { Menu as Base } from "@base-ui/react/menu";
import { Check, type LucideIcon } from "lucide-react";
import { type ReactElement, type ReactNode, useRef } from "react";
import { classNames } from "#lib/class-names.ts";

const POPUP =
  "z-50 max-h-(--available-height) min-w-48 overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-lg outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0";
const ITEM =
  "flex cursor-default items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-sm outline-none select-none data-disabled:opacity-55 data-highlighted:bg-sunken";

type MenuProps = {
  /** The button that opens it. */
  trigger: ReactElement;
  align?: "start" | "end";
  side?: "top" | "bottom";
  /** Where the focus goes when something was chosen, if not back to the button; `null` stands for that too. */
  focusAfterChoice?: () => HTMLElement | null;
  children: ReactNode;
};

export function Menu({ trigger, align = "end", side = "bottom", focusAfterChoice, children }: MenuProps) {
  const isChosen = useRef(false);
  return (
    <Base.Root
      onOpenChange={(_, { reason }) => {
        isChosen.current = reason === "item-press";
      }}
    >
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={4} className="z-50">
          <Base.Popup
            className={POPUP}
            finalFocus={focusAfterChoice && (() => (isChosen.current ? (focusAfterChoice() ?? true) : true))}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

type MenuItemProps = {
  icon?: LucideIcon;
  /** Shown at the right edge, as in "Ctrl+D". */
  shortcut?: string;
  isDanger?: boolean;
  /** It can be on or off, and is one of them now. */
  isOn?: boolean;
  /** Why it cannot be chosen now. */
  disabledReason?: string;
  onSelect: () => void;
  children: ReactNode;
};

export function MenuItem({ icon: Icon, shortcut, isDanger, isOn, disabledReason, onSelect, children }: MenuItemProps) {
  const shared = {
    disabled: disabledReason !== undefined,
    title: disabledReason,
    className: classNames(ITEM, isDanger && "text-danger data-highlighted:bg-danger-wash"),
  };
  const content = (
    <>
      {Icon && <Icon className="size-4 shrink-0" aria-hidden />}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {shortcut && <kbd className="pl-4 font-sans text-xs text-ink-soft">{shortcut}</kbd>}
    </>
  );
  if (isOn === undefined) {
    return (
      <Base.Item onClick={onSelect} {...shared}>
        {content}
      </Base.Item>
    );
  }
  return (
    <Base.CheckboxItem checked={isOn} onCheckedChange={onSelect} closeOnClick {...shared}>
      {content}
      <Base.CheckboxItemIndicator render={<Check className="size-4 shrink-0 text-moss-strong" aria-hidden />} />
    </Base.CheckboxItem>
  );
}

type MenuChoicesProps<Value extends string> = {
  label: string;
  value: Value;
  choices: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
  /** The menu stays open unless it is about this choice alone. */
  isOnlyChoice?: boolean;
};

/** A group of which one is chosen. */
export function MenuChoices<Value extends string>({
  label,
  value,
  choices,
  onChange,
  isOnlyChoice = false,
}: MenuChoicesProps<Value>) {
  const choose = (chosen: string) => {
    const found = choices.find((choice) => choice.value === chosen);
    if (found) onChange(found.value);
  };
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2.5 pt-2 pb-1 text-xs font-medium text-ink-soft">{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={choose}>
        {choices.map((choice) => (
          <Base.RadioItem key={choice.value} value={choice.value} closeOnClick={isOnlyChoice} className={ITEM}>
            <span className="size-4 shrink-0">
              <Base.RadioItemIndicator render={<Check className="size-4" aria-hidden />} />
            </span>
            {choice.label}
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuSeparator() {
  return <Base.Separator className="mx-2 my-1 h-px bg-line" />;
}
