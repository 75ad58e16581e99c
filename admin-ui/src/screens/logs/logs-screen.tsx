/** The request log: how much per hour, which entries, and everything about one of them. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { useEffect, useState } from "react";
import { explain } from "#api/errors.ts";
import { clearLogs, type LogEntry, logStatsQuery, logsQuery } from "#api/logs.ts";
import { type LogsPlace, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { Pager } from "#ui/pager.tsx";
import { SearchInput } from "#ui/search-input.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { HourChart } from "./hour-chart.tsx";
import { logFilter } from "./log-filter.ts";
import { LogPanel } from "./log-panel.tsx";
import { LogTable } from "./log-table.tsx";

const route = getRouteApi("/inside/logs");

export function LogsScreen() {
  const texts = words().logs;
  const place = route.useSearch();
  const navigate = route.useNavigate();
  const [isLive, setLive] = useState(false);
  const [open, setOpen] = useState<LogEntry | null>(null);
  const go = (part: LogsPlace) => navigate({ href: paths.logs({ ...place, ...part }), replace: true });

  const filter = logFilter(place.filter ?? "", place.trouble === true);
  const page = place.page ?? 1;
  const entries = useQuery(logsQuery({ filter, page }, isLive));
  const stats = useQuery(logStatsQuery(filter, isLive));
  const problem = entries.error ? explain(entries.error) : null;
  return (
    <Page title={texts.title} lead={texts.lead} isWide actions={<ClearButton />}>
      <HourChart hours={stats.data ?? []} />
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <Search value={place.filter ?? ""} onSearch={(text) => go({ filter: text || undefined, page: undefined })} />
        </div>
        <SwitchField
          label={texts.onlyTrouble}
          isOn={place.trouble === true}
          onChange={(trouble) => go({ trouble: trouble || undefined, page: undefined })}
        />
        <SwitchField label={texts.live} hint={isLive ? texts.liveHint : undefined} isOn={isLive} onChange={setLive} />
      </div>
      {entries.isPending && <Loading />}
      {problem && <Notice tone="danger">{problem.message}</Notice>}
      {entries.data?.items.length === 0 && (
        <EmptyState icon={ScrollText} title={filter === "" ? texts.none : texts.noneFound} lead={texts.lead} />
      )}
      {entries.data && entries.data.items.length > 0 && (
        <>
          <LogTable entries={entries.data.items} onOpen={setOpen} />
          <Pager
            label={texts.title}
            summary={texts.entries(entries.data.totalItems)}
            page={page}
            pages={entries.data.totalPages}
            onPage={(page) => go({ page: page > 1 ? page : undefined })}
          />
        </>
      )}
      <LogPanel entry={open} onClose={() => setOpen(null)} />
    </Page>
  );
}

/** What is typed is searched for with Enter, because half a filter is an error. */
function Search({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <SearchInput
      label={words().logs.search}
      value={typed}
      onChange={(text) => {
        setTyped(text);
        if (text === "") onSearch("");
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") onSearch(typed.trim());
      }}
    />
  );
}

function ClearButton() {
  const texts = words().logs;
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const clearing = useMutation({
    mutationFn: clearLogs,
    onSuccess: () => {
      toastDone(texts.cleared);
      setAsking(false);
      cache.invalidateQueries({ queryKey: ["logs"] });
    },
  });
  return (
    <>
      <Button onClick={() => setAsking(true)}>{texts.clear}</Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={texts.clearTitle}
        lead={texts.clearLead}
        confirmLabel={texts.clear}
        isSending={clearing.isPending}
        error={clearing.error ? explain(clearing.error).message : undefined}
        onConfirm={() => clearing.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
