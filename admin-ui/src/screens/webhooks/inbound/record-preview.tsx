/** The record that the sample would become, as the server says. */

import type { InboundPreview } from "#api/inbound.ts";
import type { Collection } from "#api/types.ts";
import { words } from "#words/words.ts";
import { refusalsOf } from "./refusals.ts";
import { shortValue } from "./short-value.ts";
import type { InboundPreviewState } from "./use-inbound-preview.ts";

type RecordPreviewProps = { preview: InboundPreviewState; collection: Collection | undefined };

export function RecordPreview({ preview: { data, problem }, collection }: RecordPreviewProps) {
  const texts = words().inbound;
  const hasFields = problem !== null && Object.keys(problem.fields).length > 0;
  return (
    <div className="flex flex-col gap-2.5 border-t border-line pt-4">
      <h3 className="text-sm font-medium">{texts.preview}</h3>
      {!collection && <p className="text-sm text-ink-soft">{texts.previewWaits}</p>}
      {problem && (
        <p className="text-sm text-danger">{hasFields ? Object.values(problem.fields)[0] : problem.message}</p>
      )}
      {collection && data && <Outcome data={data} collection={collection} />}
    </div>
  );
}

function Outcome({ data, collection }: { data: InboundPreview; collection: Collection }) {
  const texts = words().inbound;
  const { outcome, event, record, sampleError } = data;
  if (outcome === "ignored")
    return <p className="text-sm text-straw">{event ? texts.previewIgnored(event) : texts.previewIgnoredPlain}</p>;
  if (outcome === "answered") return <p className="text-sm text-ink-soft">{texts.previewAnswered}</p>;
  const findings = [
    ...(sampleError ? [sampleError] : []),
    ...data.mapping.filter(({ error }) => error !== "").map(({ field, error }) => `${field}: ${error}`),
    ...[...refusalsOf(data)].map(([field, reason]) => `${field}: ${reason}`),
  ];
  const order = collection.fields.map(({ name }) => name).filter((name) => Object.hasOwn(record ?? {}, name));
  return (
    <>
      {outcome === "failed" && (
        <div className="text-sm text-danger">
          <p>{texts.previewFailed}</p>
          <ul className="list-disc pl-5">
            {findings.map((finding) => (
              <li key={finding} className="break-words">
                {finding}
              </li>
            ))}
          </ul>
        </div>
      )}
      {record && order.length === 0 && outcome === "stored" && (
        <p className="text-sm text-ink-soft">{texts.previewNothing}</p>
      )}
      {record && order.length > 0 && (
        <dl className="grid gap-x-4 gap-y-1.5 rounded-xl border border-line bg-raised px-4 py-3 text-sm sm:grid-cols-[12rem_minmax(0,1fr)]">
          {order.map((name) => (
            <div key={name} className="contents">
              <dt className="truncate text-ink-soft">{name}</dt>
              <dd className="mb-1 min-w-0 break-words sm:mb-0">{shortValue(record[name]) || "–"}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
