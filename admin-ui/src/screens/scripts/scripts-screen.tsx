/** The owner's scripts: their files and what they handle, what they log, and a place to try things out. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useBlocker } from "@tanstack/react-router";
import { explain } from "#api/errors.ts";
import { type Scripts, scriptsQuery } from "#api/scripts.ts";
import { ownKey } from "#api/session.ts";
import { asHref, paths, type ScriptsPlace } from "#lib/paths.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { Tabs } from "#ui/tabs.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { LeaveDialog } from "#ui/unsaved-dialog.tsx";
import { useKeptText } from "#ui/use-kept-text.ts";
import { words } from "#words/words.ts";
import { Console } from "./console.tsx";
import { useDrafts } from "./drafts.ts";
import { FilesTab } from "./files-tab.tsx";
import { mistakeText } from "./mistake-text.ts";
import { ScriptLog } from "./script-log.tsx";

const route = getRouteApi("/inside/scripts");

export function ScriptsScreen() {
  const texts = words().scripts;
  const scripts = useQuery(scriptsQuery());
  return (
    <Page title={texts.title} lead={texts.lead} isWide>
      {scripts.isPending && <Loading />}
      {scripts.error && !scripts.data && <Notice tone="danger">{explain(scripts.error).message}</Notice>}
      {scripts.data && <Loaded scripts={scripts.data} />}
    </Page>
  );
}

function Loaded({ scripts }: { scripts: Scripts }) {
  const texts = words().scripts;
  const place = route.useSearch();
  const navigate = route.useNavigate();
  const drafts = useDrafts();
  const [trial, setTrial] = useKeptText(ownKey("script_draft"));
  const isDirty = drafts.names.length > 0;
  // The other tabs and files of this screen keep the drafts.
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  const go = (place: ScriptsPlace) => navigate({ href: paths.scripts(place) });
  return (
    <>
      {scripts.problem && (
        <Notice tone="danger">
          <p className="font-medium break-words">
            {mistakeText(scripts.problem)}{" "}
            {scripts.files.some(({ name }) => name === scripts.problem?.file) && (
              <TextLink href={asHref(paths.scripts({ file: scripts.problem.file, line: scripts.problem.line }))}>
                {texts.showIt}
              </TextLink>
            )}
          </p>
          <p>{texts.problemLead}</p>
        </Notice>
      )}
      <Tabs
        label={texts.title}
        value={place.tab ?? "files"}
        onChange={(tab) => go({ ...place, tab: tab === "files" ? undefined : tab })}
        tabs={[
          {
            value: "files",
            label: texts.files,
            content: <FilesTab scripts={scripts} place={place} drafts={drafts} onOpen={(file) => go({ file })} />,
          },
          {
            value: "log",
            label: texts.log,
            content: <ScriptLog files={scripts.files} file={place.file} onFile={(file) => go({ file, tab: "log" })} />,
          },
          {
            value: "console",
            label: texts.console,
            content: <Console isEditable={scripts.editable} text={trial} onChange={setTrial} />,
          },
        ]}
      />
      <LeaveDialog blocker={blocker} />
    </>
  );
}
