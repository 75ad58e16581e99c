/** The request log: how much per hour, which entries, and everything about one of them. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { explain } from "#api/errors.ts";
import { clearLogs, type LogEntry, logStatsQuery, logsQuery } from "#api/logs.ts";
import { ownKey } from "#api/session.ts";
import { FilterProblem } from "#fields/filter-problem.tsx";
import { type LogsPlace, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Page } from "#ui/page.tsx";
import { Pager } from "#ui/pager.tsx";
import { SearchWithHistory } from "#ui/search-with-history.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { usePastSearches } from "#ui/use-past-searches.ts";
import { words } from "#words/words.ts";
import { HourChart } from "./hour-chart.tsx";
import { LogDownload } from "./log-download.tsx";
import { logFilter, misspeltData, suggestField } from "./log-filter.ts";
import { LogPanel } from "./log-panel.tsx";
import { LogTable } from "./log-table.tsx";
import { isShowingSuperusers, rememberSuperusers } from "./superusers.ts";

const route = getRouteApi("/inside/logs");

export function LogsScreen() {
  const texts = words().logs;
  const place = route.useSearch();
  const navigate = route.useNavigate();
  const [isLive, setLive] = useState(false);
  const [hasSuperusers, setSuperusers] = useState(isShowingSuperusers);
  const [open, setOpen] = useState<LogEntry | null>(null);
  const [selected, setSelected] = useState<ReadonlyMap<string, LogEntry>>(new Map());
  const go = (part: LogsPlace) => navigate({ href: paths.logs({ ...place, ...part }), replace: true });

  const filter = logFilter(place.filter ?? "", {
    isOnlyTrouble: place.trouble === true,
    isWithoutSuperusers: !hasSuperusers,
  });
  // What is out of sight is not selected, but other pages are only a step away.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when other entries are asked for
  useEffect(() => setSelected(new Map()), [filter]);
  const select = (entries: readonly LogEntry[], isSelected: boolean) => {
    const next = new Map(selected);
    for (const entry of entries) {
      if (isSelected) next.set(entry.id, entry);
      else next.delete(entry.id);
    }
    setSelected(next);
  };
  const page = place.page ?? 1;
  const entries = useQuery(logsQuery({ filter, page }, isLive));
  const stats = useQuery(logStatsQuery(filter, isLive));
  const search = (text: string) => go({ filter: text || undefined, page: undefined });
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      isWide
      actions={
        <>
          {entries.data && entries.data.items.length > 0 && (
            <LogDownload filter={filter} selected={[...selected.values()]} />
          )}
          <ClearButton />
        </>
      }
    >
      <HourChart hours={stats.data ?? []} />
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <Search value={place.filter ?? ""} onSearch={search} />
        </div>
        <SwitchField
          label={texts.onlyTrouble}
          isOn={place.trouble === true}
          onChange={(trouble) => go({ trouble: trouble || undefined, page: undefined })}
        />
        <SwitchField
          label={texts.hideSuperusers}
          isOn={!hasSuperusers}
          onChange={(isHidden) => {
            rememberSuperusers(!isHidden);
            setSuperusers(!isHidden);
            go({ page: undefined });
          }}
        />
        <SwitchField label={texts.live} hint={isLive ? texts.liveHint : undefined} isOn={isLive} onChange={setLive} />
      </div>
      {entries.isPending && <Loading />}
      {entries.error && (
        <FilterProblem
          error={entries.error}
          sent={filter}
          typed={place.filter ?? ""}
          onType={search}
          suggest={suggestField}
        />
      )}
      {entries.data?.items.length === 0 && (
        <EmptyState
          icon={ScrollText}
          title={filter === "" ? texts.none : texts.noneFound}
          lead={hasSuperusers ? texts.lead : texts.superusersHidden}
        >
          <Misspelt typed={place.filter ?? ""} onType={search} />
        </EmptyState>
      )}
      {entries.data && entries.data.items.length > 0 && (
        <>
          <LogTable entries={entries.data.items} selected={selected} onSelect={select} onOpen={setOpen} />
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

/** Nothing was found, maybe because of a slip. */
function Misspelt({ typed, onType }: { typed: string; onType: (text: string) => void }) {
  const slip = misspeltData(typed);
  if (!slip) return null;
  return (
    <p className="flex flex-wrap items-center justify-center gap-2 text-sm">
      {words().errors.didYouMean(slip.suggestion)}
      <Button onClick={() => onType(slip.corrected)}>{words().errors.replaceName(slip.suggestion)}</Button>
    </p>
  );
}

/** Long enough that half a filter is seldom asked for. */
const PAUSE_MS = 600;

function Search({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  // `null` while nothing is being typed: then the address has the word, also after the back button.
  const [typed, setTyped] = useState<string | null>(null);
  const past = usePastSearches(ownKey("searches_log"));
  const search = () => {
    if (typed === null) return;
    setTyped(null);
    onSearch(typed.trim());
  };
  const done = () => {
    search();
    past.remember({ kind: "typed", text: typed ?? value });
  };
  const latest = useRef(search);
  latest.current = search;
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => latest.current(), typed === "" ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <SearchWithHistory
      label={words().logs.search}
      value={typed ?? value}
      onChange={setTyped}
      past={past}
      onChoose={(chosen) => {
        setTyped(null);
        past.remember(chosen);
        onSearch(chosen.text);
      }}
      onDone={done}
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
