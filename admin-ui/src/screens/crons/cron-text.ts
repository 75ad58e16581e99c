/** Says in words when a cron runs. */

import { cronRhythm } from "#lib/cron-rhythm.ts";
import { locale } from "#lib/locale.ts";
import { words } from "#words/words.ts";

/** Nothing for an expression that has no short name. */
export function cronText(expression: string): string | undefined {
  const texts = words().server.crons;
  const rhythm = cronRhythm(expression);
  switch (rhythm?.every) {
    case "minutes":
      return texts.everyMinutes(rhythm.count);
    case "hours":
      return texts.everyHours(rhythm.count, String(rhythm.minute).padStart(2, "0"));
    case "day":
      return texts.everyDay(timeText(rhythm));
    case "week":
      return texts.everyWeek(daysText(rhythm.days), timeText(rhythm));
    case "month":
      return texts.everyMonth(rhythm.day, timeText(rhythm));
    default:
      return undefined;
  }
}

function timeText({ hour, minute }: { hour: number; minute: number }): string {
  const time = new Date(Date.UTC(2026, 0, 4, hour, minute));
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short", timeZone: "UTC" }).format(time);
}

function daysText(days: readonly number[]): string {
  // The fourth of January 2026 is a Sunday.
  const names = days.map((day) => {
    const date = new Date(Date.UTC(2026, 0, 4 + day));
    return new Intl.DateTimeFormat(locale(), { weekday: "long", timeZone: "UTC" }).format(date);
  });
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(names);
}
