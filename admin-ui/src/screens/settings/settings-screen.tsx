/** What an owner may change while the server runs. Every change is sent together, when it is saved. */

import { getRouteApi, useBlocker } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { explain } from "#api/errors.ts";
import { paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { FormBar } from "#ui/form-bar.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { Tabs } from "#ui/tabs.tsx";
import { LeaveDialog } from "#ui/unsaved-dialog.tsx";
import { words } from "#words/words.ts";
import { ApplicationSettings } from "./application.tsx";
import { LimitSettings } from "./limits.tsx";
import { LogSettings } from "./log-settings.tsx";
import { MailSettings } from "./mail.tsx";
import { SecuritySettings } from "./security.tsx";
import { StorageSettings } from "./storage.tsx";
import { type SettingsDraft, useSettingsDraft } from "./use-settings-draft.ts";

const route = getRouteApi("/inside/settings");

const TABS: Record<string, { label: () => string; Content: ComponentType<{ draft: SettingsDraft }> }> = {
  application: { label: () => words().settings.application.tab, Content: ApplicationSettings },
  mail: { label: () => words().settings.mail.tab, Content: MailSettings },
  storage: { label: () => words().settings.storage.tab, Content: StorageSettings },
  limits: { label: () => words().settings.limits.tab, Content: LimitSettings },
  security: { label: () => words().settings.security.tab, Content: SecuritySettings },
  log: { label: () => words().settings.log.tab, Content: LogSettings },
};

export function SettingsScreen() {
  const { tab = "application" } = route.useSearch();
  const navigate = route.useNavigate();
  const { draft, error } = useSettingsDraft();
  const texts = words().settings;
  return (
    <>
      <Page title={texts.title} lead={texts.lead}>
        {draft === null ? (
          <Waiting error={error} />
        ) : (
          <Tabs
            label={texts.title}
            value={tab in TABS ? tab : "application"}
            onChange={(chosen) => navigate({ href: paths.settings(chosen), replace: true })}
            tabs={Object.entries(TABS).map(([value, { label, Content }]) => ({
              value,
              label: label(),
              content: <Content draft={draft} />,
            }))}
          />
        )}
      </Page>
      {draft && <SaveBar draft={draft} />}
    </>
  );
}

function Waiting({ error }: { error: unknown }) {
  return error ? <Notice tone="danger">{explain(error).message}</Notice> : <Loading />;
}

function SaveBar({ draft }: { draft: SettingsDraft }) {
  const { isDirty, isSaving, message } = draft;
  // Another tab of this screen keeps the draft.
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  return (
    <>
      {isDirty && (
        <FormBar problem={message} note={words().settings.unsaved} isSaving={isSaving} onSave={draft.save}>
          <Button onClick={draft.discard}>{words().settings.discard}</Button>
        </FormBar>
      )}
      <LeaveDialog blocker={blocker} />
    </>
  );
}
