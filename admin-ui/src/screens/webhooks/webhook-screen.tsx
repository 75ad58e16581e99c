/** One endpoint: what was sent there, how it is set up, and how its messages are checked. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Ellipsis, RotateCw, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { type Webhook, webhookQuery } from "#api/webhooks.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { Loading } from "#ui/loading.tsx";
import { Menu, MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { Switch } from "#ui/switch-field.tsx";
import { Tabs } from "#ui/tabs.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import { DeliveryList } from "./delivery-list.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";
import { SettingsTab } from "./settings-tab.tsx";
import { SignatureTab } from "./signature-tab.tsx";
import { StateLabel } from "./state-label.tsx";
import { TestDialog } from "./test-dialog.tsx";
import { useWebhookActions } from "./use-webhook-actions.ts";
import { describeEvents, describeTrouble, hostOf, stateOf } from "./webhook-text.ts";

const route = getRouteApi("/inside/webhooks/$id");

export function WebhookScreen() {
  const { id } = route.useParams();
  const texts = words().webhooks;
  const webhook = useQuery(webhookQuery(id));
  if (webhook.data) return <Loaded key={id} webhook={webhook.data} now={new Date(webhook.dataUpdatedAt)} />;
  const problem = webhook.error ? explain(webhook.error) : null;
  return (
    <Page title={texts.title} lead={<TextLink href={asHref(paths.webhooks())}>{texts.toList}</TextLink>}>
      {problem ? (
        <Notice tone="danger">{problem.kind === "missing" ? texts.missing : problem.message}</Notice>
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Loaded({ webhook, now }: { webhook: Webhook; now: Date }) {
  const texts = words().webhooks;
  const { tab = "deliveries", ...place } = route.useSearch();
  const navigate = route.useNavigate();
  const { id, name } = webhook;
  return (
    <Page title={name} lead={<Summary webhook={webhook} now={now} />} isWide actions={<Actions webhook={webhook} />}>
      <Trouble webhook={webhook} />
      <Tabs
        label={name}
        value={tab}
        tabs={[
          {
            value: "deliveries",
            label: words().deliveries.title,
            content: (
              <DeliveryList
                webhooks={[webhook]}
                webhook={webhook}
                place={place}
                onPlace={(next) => navigate({ href: paths.webhook(id, next), replace: true })}
              />
            ),
          },
          { value: "settings", label: texts.settings, content: <SettingsTab stored={webhook} /> },
          { value: "signature", label: texts.security, content: <SignatureTab webhook={webhook} /> },
        ]}
        onChange={(chosen) =>
          navigate({ href: paths.webhook(id, chosen === "deliveries" ? {} : { tab: chosen }), replace: true })
        }
      />
    </Page>
  );
}

function Summary({ webhook, now }: { webhook: Webhook; now: Date }) {
  const texts = words().webhooks;
  const trouble = describeTrouble(webhook, now);
  const { succeeded24h, failed24h } = webhook.health;
  return (
    <div className="flex flex-col gap-1">
      <TextLink href={asHref(paths.webhooks())}>{texts.toList}</TextLink>
      <p className="mt-1 break-words">
        {texts.goesTo[webhook.format](hostOf(webhook.url))}, {describeEvents(webhook.events).join("; ")}
      </p>
      <p className="flex flex-wrap items-center gap-x-3 text-sm">
        <StateLabel state={stateOf(webhook)} />
        {trouble && <span>{trouble}</span>}
        {succeeded24h + failed24h > 0 && <span>{texts.counts(succeeded24h, failed24h)}</span>}
      </p>
    </div>
  );
}

/** What has to be known before anything else. */
function Trouble({ webhook }: { webhook: Webhook }) {
  const texts = words().webhooks;
  const { enabled, disabledReason, health } = webhook;
  if (!enabled && disabledReason !== "")
    return <Notice tone="danger">{disabledReason === "gone" ? texts.gone : texts.gaveUp}</Notice>;
  if (!enabled) return <Notice>{texts.offLead}</Notice>;
  return health.state === "paused" ? <Notice>{texts.pausedLead}</Notice> : null;
}

function Actions({ webhook }: { webhook: Webhook }) {
  const texts = words().webhooks;
  const navigate = route.useNavigate();
  const actions = useWebhookActions();
  const [open, setOpen] = useState<"test" | "replay" | "delete" | null>(null);
  const close = () => setOpen(null);
  const { name, enabled, health } = webhook;
  return (
    <>
      <Switch
        aria-label={texts.isOn(name)}
        checked={actions.switching?.isOn ?? enabled}
        disabled={actions.switching !== undefined}
        onChange={(event) => actions.switchTo(webhook, event.target.checked)}
        className="mr-1"
      />
      <Button icon={Send} onClick={() => setOpen("test")}>
        {texts.test}
      </Button>
      <Menu trigger={<IconButton label={texts.menu(name)} icon={Ellipsis} />}>
        <MenuItem icon={RotateCw} onSelect={() => setOpen("replay")}>
          {texts.replay}
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={Trash2} isDanger onSelect={() => setOpen("delete")}>
          {texts.delete}
        </MenuItem>
      </Menu>
      <TestDialog webhook={webhook} isOpen={open === "test"} onClose={close} />
      <ReplayDialog webhook={webhook} isOpen={open === "replay"} onClose={close} />
      <ConfirmDialog
        isOpen={open === "delete"}
        title={texts.deleteTitle}
        lead={texts.deleteLead(name, health.waiting)}
        confirmLabel={texts.delete}
        isSending={actions.isDeleting}
        error={actions.deleteProblem}
        onConfirm={() =>
          actions.remove(webhook).then(
            () => navigate({ href: paths.webhooks() }),
            () => undefined,
          )
        }
        onClose={close}
      />
    </>
  );
}
