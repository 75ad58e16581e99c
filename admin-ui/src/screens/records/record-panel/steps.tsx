/** To the previous and the next record of the sheet. */

import { ChevronDown, ChevronUp } from "lucide-react";
import { type RefObject, useEffect, useRef } from "react";
import type { StoredRecord } from "#api/types.ts";
import { IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";

export type StepDirection = "previous" | "next";

type StepsProps = {
  neighbours: StoredRecord[];
  id: string;
  /** The step that led here: its button takes the focus again. */
  stepped: RefObject<StepDirection | null>;
  onStep: (direction: StepDirection, id: string) => void;
};

export function Steps({ neighbours, id, stepped, onStep }: StepsProps) {
  const { recordPanel } = words();
  const buttons = useRef<HTMLSpanElement>(null);
  const index = neighbours.findIndex((record) => record.id === id);
  const previous = index > 0 ? neighbours[index - 1] : undefined;
  const next = index >= 0 ? neighbours[index + 1] : undefined;
  useEffect(() => {
    const found = stepped.current && buttons.current?.querySelector<HTMLElement>(`[data-step="${stepped.current}"]`);
    found?.focus();
    stepped.current = null;
  }, [stepped]);
  return (
    <span ref={buttons} className="flex">
      <IconButton
        data-step="previous"
        label={recordPanel.previous}
        icon={ChevronUp}
        disabled={!previous}
        onClick={() => previous && onStep("previous", previous.id)}
      />
      <IconButton
        data-step="next"
        label={recordPanel.next}
        icon={ChevronDown}
        disabled={!next}
        onClick={() => next && onStep("next", next.id)}
      />
    </span>
  );
}
