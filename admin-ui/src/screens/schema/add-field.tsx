/** Chooses the type of a new field. */

import { X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { FIELD_TYPES } from "#fields/options.ts";
import { kindOf } from "#fields/registry.ts";
import { IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { typeLabel } from "./describe.ts";

type AddFieldProps = { onChoose: (type: string) => void; onCancel: () => void };

export function AddField({ onChoose, onCancel }: AddFieldProps) {
  const say = words().schema;
  const first = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
    first.current?.focus({ preventScroll: true });
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onCancel();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the group wherever the focus in it is
    <div ref={box} onKeyDown={onKeyDown} className="scroll-mb-6 rounded-xl border border-moss bg-surface p-3">
      <div className="mb-2 flex items-center justify-between pl-1.5">
        <h2 className="text-sm font-medium">{say.chooseType}</h2>
        <IconButton label={words().common.cancel} icon={X} onClick={onCancel} />
      </div>
      <ul className="grid grid-cols-2 gap-1 sm:grid-cols-3">
        {FIELD_TYPES.map((type, at) => {
          const { icon: Icon } = kindOf({ id: "", name: "", type, system: false, hidden: false, presentable: false });
          return (
            <li key={type}>
              <button
                ref={at === 0 ? first : undefined}
                type="button"
                onClick={() => onChoose(type)}
                className="flex w-full items-center gap-2.5 rounded-lg px-2.5 py-2 text-left text-sm hover:bg-moss-wash hover:text-moss-strong"
              >
                <Icon className="size-4 shrink-0 text-ink-soft" aria-hidden />
                <span className="min-w-0">{typeLabel(type)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
