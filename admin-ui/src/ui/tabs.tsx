/** Several pages in one place. Which one is open is the caller's to keep, usually in the address. */

import { Tabs as Base } from "@base-ui/react/tabs";
import { type ReactNode, useEffect, useRef } from "react";

type Tab<Value extends string> = { value: Value; label: ReactNode; content: ReactNode };

type TabsProps<Value extends string> = {
  label: string;
  value: Value;
  tabs: readonly Tab<Value>[];
  onChange: (value: Value) => void;
};

export function Tabs<Value extends string>({ label, value, tabs, onChange }: TabsProps<Value>) {
  const list = useRef<HTMLDivElement>(null);
  // On a phone, the chosen one may be among those that are out of sight. The page itself stays where it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another is chosen
  useEffect(() => {
    const row = list.current;
    const tab = row?.querySelector("[aria-selected=true]");
    if (!row || !tab) return;
    const [whole, own] = [row.getBoundingClientRect(), tab.getBoundingClientRect()];
    if (own.left < whole.left) row.scrollLeft -= whole.left - own.left;
    else if (own.right > whole.right) row.scrollLeft += own.right - whole.right;
  }, [value]);
  return (
    <Base.Root value={value} onValueChange={onChange} className="flex min-h-0 flex-col gap-5">
      <Base.List
        ref={list}
        aria-label={label}
        activateOnFocus={false}
        // The shadow is the line below: a border that the tabs overlap would have to scroll.
        className="flex shrink-0 scrollbar-none gap-1 overflow-x-auto overflow-y-hidden shadow-[inset_0_-1px_var(--line)]"
      >
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className="shrink-0 border-b-2 border-transparent px-3 py-2 text-sm font-medium whitespace-nowrap text-ink-soft hover:text-ink focus-visible:-outline-offset-2 aria-selected:border-moss aria-selected:text-moss-strong"
          >
            {tab.label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.value} value={tab.value} className="min-h-0 outline-none">
          {tab.content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
