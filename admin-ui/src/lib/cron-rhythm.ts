/** Reads the cron expressions that people use most, so that they can be said in words. */

export type CronRhythm =
  | { every: "minutes"; count: number }
  /** At `minute` of every hour, or of every so many. */
  | { every: "hours"; count: number; minute: number }
  | { every: "day"; hour: number; minute: number }
  /** 0 is Sunday. */
  | { every: "week"; days: readonly number[]; hour: number; minute: number }
  | { every: "month"; day: number; hour: number; minute: number };

const SHORT: Record<string, string> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
};

/** `null` for an expression that is not one of the usual ones. */
export function cronRhythm(expression: string): CronRhythm | null {
  const text = expression.trim();
  const fields = (SHORT[text] ?? text).split(/\s+/);
  if (fields.length !== 5) return null;
  const [minutes = "", hours = "", day = "", month = "", weekday = ""] = fields;
  if (month !== "*") return null;
  const isDaily = day === "*" && weekday === "*";
  const step = stepOf(minutes);
  if (step !== null) return isDaily && hours === "*" ? { every: "minutes", count: step } : null;
  const minute = numberOf(minutes);
  if (minute === null) return null;
  const hourStep = stepOf(hours);
  if (hourStep !== null) return isDaily ? { every: "hours", count: hourStep, minute } : null;
  const hour = numberOf(hours);
  if (hour === null) return null;
  if (isDaily) return { every: "day", hour, minute };
  const days = day === "*" ? daysOf(weekday) : null;
  if (days) return { every: "week", days, hour, minute };
  const date = weekday === "*" ? numberOf(day) : null;
  return date === null ? null : { every: "month", day: date, hour, minute };
}

/** `*` and `* / 5` (without the spaces). */
function stepOf(field: string): number | null {
  const found = /^\*(?:\/(\d+))?$/.exec(field);
  return found ? Number(found[1] ?? 1) : null;
}

function numberOf(field: string): number | null {
  return /^\d+$/.test(field) ? Number(field) : null;
}

/** `1-5` and `0,6`. */
function daysOf(field: string): number[] | null {
  const days = new Set<number>();
  for (const part of field.split(",")) {
    const found = /^([0-7])(?:-([0-7]))?$/.exec(part);
    if (!found) return null;
    const [from, to] = [Number(found[1]), Number(found[2] ?? found[1])];
    for (let day = from; day <= to; day++) days.add(day % 7);
  }
  return days.size === 0 ? null : [...days];
}
