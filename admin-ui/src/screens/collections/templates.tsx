/** Ready-made collections with some sample records. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CalendarCheck, type LucideIcon, Newspaper, Package, ShoppingCart, Ticket } from "lucide-react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { createFromTemplate } from "#api/templates.ts";
import { paths } from "#lib/paths.ts";
import { findTemplate, TEMPLATE_KEYS, type TemplateKey } from "#lib/templates.ts";
import { Notice } from "#ui/notice.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

const ICONS: Record<TemplateKey, LucideIcon> = {
  orders: ShoppingCart,
  bookings: CalendarCheck,
  inventory: Package,
  events: Ticket,
  blog: Newspaper,
};

export function Templates() {
  const texts = words().overview;
  const cache = useQueryClient();
  const navigate = useNavigate();
  const making = useMutation({
    mutationFn: createFromTemplate,
    onSuccess: async (name, key) => {
      // The next screen looks the collection up in the list.
      await cache.invalidateQueries({ queryKey: keys.collections() });
      toastDone(texts.made(texts.template[key].title));
      navigate({ href: paths.records(name) });
    },
  });
  const problem = making.error ? explain(making.error) : null;
  return (
    <section className="flex flex-col gap-3">
      <h2 className="font-semibold">{texts.templates}</h2>
      {problem && <Notice tone="danger">{problem.fields.name ? texts.nameTaken : problem.message}</Notice>}
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {TEMPLATE_KEYS.map((key) => (
          <li key={key}>
            <TemplateCard templateKey={key} isDisabled={making.isPending} onUse={() => making.mutate(key)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

type TemplateCardProps = { templateKey: TemplateKey; isDisabled: boolean; onUse: () => void };

function TemplateCard({ templateKey, isDisabled, onUse }: TemplateCardProps) {
  const { title, lead } = words().overview.template[templateKey];
  const Icon = ICONS[templateKey];
  const names = findTemplate(templateKey).collections.map(({ name }) => name);
  return (
    <button
      type="button"
      disabled={isDisabled}
      onClick={onUse}
      className="flex h-full w-full gap-3 rounded-2xl border border-line bg-surface p-4 text-left shadow-xs transition-colors not-disabled:hover:border-moss not-disabled:hover:bg-raised disabled:opacity-55"
    >
      <span className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-moss-wash text-moss-strong">
        <Icon className="size-4" aria-hidden />
      </span>
      <span className="min-w-0">
        <span className="block font-medium">{title}</span>
        <span className="block text-sm text-ink-soft">{lead}</span>
        <span className="mt-1 block text-sm text-ink-soft">{words().overview.makes(names.join(", "))}</span>
      </span>
    </button>
  );
}
