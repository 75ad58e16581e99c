/** One incoming webhook: how it goes, and how it is set up. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Ellipsis, Trash2 } from "lucide-react";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { type Inbound, inboundQuery } from "#api/inbound.ts";
import { asHref, paths } from "#lib/paths.ts";
import { IconButton } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { Loading } from "#ui/loading.tsx";
import { Menu, MenuItem } from "#ui/menu.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { Switch } from "#ui/switch-field.tsx";
import { Tabs } from "#ui/tabs.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import { InboundSettings } from "./inbound-settings.tsx";
import { InboundStateLabel } from "./inbound-state-label.tsx";
import { describeWay, stateOf } from "./inbound-text.ts";
import { Overview } from "./overview.tsx";
import { useInboundActions } from "./use-inbound-actions.ts";

const route = getRouteApi("/inside/webhooks/inbound/$id");

export function InboundScreen() {
  const { id } = route.useParams();
  const texts = words().inbound;
  const inbound = useQuery(inboundQuery(id));
  if (inbound.data) return <Loaded key={id} inbound={inbound.data} now={new Date(inbound.dataUpdatedAt)} />;
  const problem = inbound.error ? explain(inbound.error) : null;
  return (
    <Page title={words().webhooks.title} lead={<TextLink href={asHref(paths.inboundList())}>{texts.toList}</TextLink>}>
      {problem ? (
        <Notice tone="danger">{problem.kind === "missing" ? texts.missing : problem.message}</Notice>
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Loaded({ inbound, now }: { inbound: Inbound; now: Date }) {
  const texts = words().inbound;
  const { tab = "overview" } = route.useSearch();
  const navigate = route.useNavigate();
  const { id, name } = inbound;
  return (
    <Page
      title={name}
      lead={
        <div className="flex flex-col gap-1">
          <TextLink href={asHref(paths.inboundList())}>{texts.toList}</TextLink>
          <p className="mt-1 flex flex-wrap items-center gap-x-3 break-words">
            {describeWay(inbound)} <InboundStateLabel state={stateOf(inbound)} />
          </p>
        </div>
      }
      actions={<Actions inbound={inbound} />}
    >
      <Tabs
        label={name}
        value={tab}
        tabs={[
          { value: "overview", label: texts.overview, content: <Overview inbound={inbound} now={now} /> },
          { value: "settings", label: texts.settings, content: <InboundSettings stored={inbound} /> },
        ]}
        onChange={(chosen) =>
          navigate({ href: paths.inbound(id, chosen === "overview" ? {} : { tab: chosen }), replace: true })
        }
      />
    </Page>
  );
}

function Actions({ inbound }: { inbound: Inbound }) {
  const texts = words().inbound;
  const navigate = route.useNavigate();
  const actions = useInboundActions();
  const [isAsking, setAsking] = useState(false);
  const { name, enabled, collection } = inbound;
  return (
    <>
      <Switch
        aria-label={texts.isOn(name)}
        checked={actions.switching?.isOn ?? enabled}
        disabled={actions.switching !== undefined}
        onChange={(event) => actions.switchTo(inbound, event.target.checked)}
        className="mr-1"
      />
      <Menu trigger={<IconButton label={texts.menu(name)} icon={Ellipsis} />}>
        <MenuItem icon={Trash2} isDanger onSelect={() => setAsking(true)}>
          {texts.delete}
        </MenuItem>
      </Menu>
      <ConfirmDialog
        isOpen={isAsking}
        title={texts.deleteTitle}
        lead={texts.deleteLead(name, collection)}
        confirmLabel={texts.delete}
        isSending={actions.isDeleting}
        error={actions.deleteProblem}
        onConfirm={() =>
          actions.remove(inbound).then(
            () => navigate({ href: paths.inboundList() }),
            () => undefined,
          )
        }
        onClose={() => setAsking(false)}
      />
    </>
  );
}
