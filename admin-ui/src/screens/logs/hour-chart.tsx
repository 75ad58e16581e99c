/** How many entries each hour has, as bars. The same numbers are in a table for those who cannot see the bars. */

import type { LogHour } from "#api/logs.ts";
import { formatMoment } from "#lib/format.ts";
import { words } from "#words/words.ts";
import { fillHours } from "./fill-hours.ts";

const WIDTH = 720;
const HEIGHT = 96;
const GAP = 1.5;

export function HourChart({ hours }: { hours: readonly LogHour[] }) {
  const texts = words().logs;
  const bars = fillHours(hours);
  if (bars.length === 0) return null;
  const highest = Math.max(...bars.map(({ total }) => total), 1);
  const step = WIDTH / bars.length;
  return (
    <figure className="rounded-2xl border border-line bg-surface p-4">
      <figcaption className="mb-2 text-sm text-ink-soft">{texts.chart}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="h-24 w-full" aria-hidden="true">
        {bars.map(({ date, total }, index) => {
          const height = total === 0 ? 0 : Math.max(1.5, (total / highest) * HEIGHT);
          return (
            <rect
              key={date}
              x={index * step}
              y={HEIGHT - height}
              width={Math.max(step - GAP, 0.5)}
              height={height}
              className="fill-moss"
            >
              <title>{`${formatMoment(date)}: ${texts.entries(total)}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className="mt-1 flex justify-between text-xs text-ink-soft">
        <span>{formatMoment(bars[0]?.date ?? "")}</span>
        <span>{formatMoment(bars.at(-1)?.date ?? "")}</span>
      </div>
      <table className="sr-only">
        <caption>{texts.chart}</caption>
        <tbody>
          {hours.map(({ date, total }) => (
            <tr key={date}>
              <th scope="row">{formatMoment(date)}</th>
              <td>{total}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
