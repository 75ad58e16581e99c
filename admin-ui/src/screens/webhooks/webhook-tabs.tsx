/** The pages of webhooks, one beside the other. Each has an address of its own. */

import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { Page } from "#ui/page.tsx";
import { Tabs } from "#ui/tabs.tsx";
import { words } from "#words/words.ts";

const PLACES = { out: paths.webhooks(), deliveries: paths.deliveries(), inbound: paths.inboundList() };

type WebhookTabsProps = { open: keyof typeof PLACES; actions?: ReactNode; children: ReactNode };

export function WebhookTabs({ open, actions, children }: WebhookTabsProps) {
  const texts = words().webhooks;
  const navigate = useNavigate();
  const tab = (value: keyof typeof PLACES) => ({
    value,
    label: texts.tabs[value],
    content: value === open ? children : null,
  });
  return (
    <Page title={texts.title} lead={open === "inbound" ? words().inbound.lead : texts.lead} isWide actions={actions}>
      <Tabs
        label={texts.title}
        value={open}
        tabs={[tab("out"), tab("deliveries"), tab("inbound")]}
        onChange={(value) => navigate({ href: PLACES[value] })}
      />
    </Page>
  );
}

export function AddWebhook({ label = words().webhooks.add }: { label?: string }) {
  return (
    <LinkButton href={asHref(paths.newWebhook())} look="primary">
      <Plus className="size-4" aria-hidden />
      {label}
    </LinkButton>
  );
}
