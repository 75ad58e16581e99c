/** Everything about one entry of the log. */

import type { LogEntry } from "#api/logs.ts";
import { formatExactDate } from "#lib/format.ts";
import { CopyButton } from "#ui/copy-button.tsx";
import { levelName } from "#ui/log-level.ts";
import { Notice } from "#ui/notice.tsx";
import { SidePanel } from "#ui/side-panel.tsx";
import { words } from "#words/words.ts";
import { keyName, readRequest, valueText } from "./log-entry.ts";

export function LogPanel({ entry, onClose }: { entry: LogEntry | null; onClose: () => void }) {
  return (
    <SidePanel isOpen={entry !== null} title={words().logs.detail} onClose={onClose}>
      {entry && <Detail entry={entry} />}
    </SidePanel>
  );
}

function Detail({ entry }: { entry: LogEntry }) {
  const texts = words().logs;
  const { why } = readRequest(entry);
  const values = Object.entries(entry.data).filter(([, value]) => value !== "" && value !== null);
  return (
    <div className="flex flex-col gap-4">
      <p className="font-mono text-sm break-all">{entry.message}</p>
      {why && (
        <Notice tone="danger">
          <strong className="font-medium">{entry.data.reason ? texts.reason : texts.error}</strong>
          <p className="break-words">{why}</p>
        </Notice>
      )}
      <dl className="grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] gap-x-4 text-sm">
        <Line name={texts.time} value={formatExactDate(entry.created)} />
        <Line name={texts.level} value={levelName(entry.level)} />
        {values.map(([name, value]) => (
          <Line key={name} name={keyName(name)} rawName={`data.${name}`} value={valueText(name, value)} />
        ))}
      </dl>
      <div>
        <CopyButton label={texts.copyJson} text={JSON.stringify(entry, null, 2)} />
      </div>
    </div>
  );
}

/** `rawName`: as it is written in a filter. */
function Line({ name, rawName, value }: { name: string; rawName?: string; value: string }) {
  return (
    <>
      <dt title={rawName} className="border-b border-line py-2 text-ink-soft">
        {name}
      </dt>
      <dd className="border-b border-line py-2 break-words whitespace-pre-wrap">{value}</dd>
    </>
  );
}
