/** Stands where jobs could be: what they are for, or that none is left. */

import { ListChecks } from "lucide-react";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { words } from "#words/words.ts";

/** Shown as it stands in a script, in all languages. */
const EXAMPLE = `// scripts/orders.rhai
after_create("orders", |e| enqueue("thank-you", #{ order: e.record.id }));

job("thank-you", |payload| {
    let order = db.find("orders", payload.order);
    mail(order.email, "Thank you", \`Your order \${order.number} has arrived.\`);
});`;

type NoJobsProps = {
  /** Scripts define jobs. */
  isKnown: boolean;
  isFiltered: boolean;
  onShowAll: () => void;
};

export function NoJobs({ isKnown, isFiltered, onShowAll }: NoJobsProps) {
  const texts = words().jobs;
  if (isFiltered)
    return (
      <EmptyState icon={ListChecks} title={texts.noneFits} lead={texts.doneAreGone}>
        <Button onClick={onShowAll}>{texts.showAll}</Button>
      </EmptyState>
    );
  if (isKnown) return <EmptyState icon={ListChecks} title={texts.allDone} lead={texts.doneAreGone} />;
  return (
    <EmptyState icon={ListChecks} title={texts.none} lead={texts.noneLead}>
      <p className="text-ink-soft">{texts.noneHow}</p>
      <div className="w-full text-left">
        <CodeBlock code={EXAMPLE} label={texts.example} />
      </div>
    </EmptyState>
  );
}
