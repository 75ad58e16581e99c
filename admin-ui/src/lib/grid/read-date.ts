/**
 * Dates as people and spreadsheets write them. A day without a time is kept as midnight UTC and means that day
 * everywhere; a time is of the viewer's zone unless it says another.
 */

const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))? ?(Z|[+-]\d{2}:?\d{2})?$/i;
const NUMBERS = /^(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?(?:,? +(\d{1,2}(?::\d{2}(?::\d{2})?)? ?(?:[ap]\.?m\.?)?))?$/i;
const TIME = /^(\d{1,2})(?::(\d{2})(?::(\d{2})(\.\d+)?)?)? ?(?:([ap])\.?m\.?)?$/i;

/** Gives the form in which the server keeps dates, or `null`. */
export function readDate(text: string, locale: string | undefined): string | null {
  const bare = text.trim().replace(/\s+/g, " ");
  return readIso(bare) ?? readNumbers(bare, locale) ?? readNamed(bare);
}

function readIso(text: string): string | null {
  const [, year, month, day, time, zone] = ISO.exec(text) ?? [];
  if (!year || !month || !day) return null;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  if (zone && time) return zoned(date, time, zone);
  return compose(date, time);
}

function zoned({ year, month, day }: Day, time: string, zone: string): string | null {
  if (!isRealDay({ year, month, day })) return null;
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = /^\d:/.test(time) ? `0${time}` : time;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  return stored(new Date(`${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${clock}${offset}`));
}

function readNumbers(text: string, locale: string | undefined): string | null {
  const [, first, , second, third, time] = NUMBERS.exec(text) ?? [];
  if (!first || !second || !third) return null;
  const order = first.length > 2 ? "ymd" : dayOrder(locale, text);
  const [a, b, c] = [first, second, third].map(Number) as [number, number, number]; // three groups were found
  if (order === "ymd") return compose({ year: a, month: b, day: c }, time);
  const year = third.length <= 2 ? c + (c < 50 ? 2000 : 1900) : c;
  const day = order === "dmy" ? { year, month: b, day: a } : { year, month: a, day: b };
  const swapped = { year, month: day.day, day: day.month };
  // 25/12/2026 can be read one way only.
  return compose(isRealDay(day) ? day : swapped, time);
}

/** Dots are written day first everywhere. */
function dayOrder(locale: string | undefined, text: string): "dmy" | "mdy" {
  if (/^\d+\./.test(text)) return "dmy";
  const parts = new Intl.DateTimeFormat(locale).formatToParts(new Date(2026, 10, 20)).map(({ type }) => type);
  return parts.indexOf("month") < parts.indexOf("day") ? "mdy" : "dmy";
}

/** `20 Nov 2026 14:30`, as browsers read it. */
function readNamed(text: string): string | null {
  if (!/[a-z]{3}/i.test(text) || !/\d{4}/.test(text)) return null;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return null;
  if (/\d:\d/.test(text)) return stored(date);
  return compose({ year: date.getFullYear(), month: date.getMonth() + 1, day: date.getDate() });
}

type Day = { year: number; month: number; day: number };

function isRealDay({ year, month, day }: Day): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function compose(day: Day, time?: string): string | null {
  if (!isRealDay(day)) return null;
  if (time === undefined) return stored(new Date(Date.UTC(day.year, day.month - 1, day.day)));
  const [, hours, minutes = "0", seconds = "0", fraction = "0", half] = TIME.exec(time.trim()) ?? [];
  if (hours === undefined) return null;
  const hour = half ? (Number(hours) % 12) + (half.toLowerCase() === "p" ? 12 : 0) : Number(hours);
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const ms = Math.floor(Number(`0${fraction}`) * 1000) || 0;
  return stored(new Date(day.year, day.month - 1, day.day, hour, Number(minutes), Number(seconds), ms));
}

function stored(date: Date): string | null {
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace("T", " ");
}

/** Text that spreadsheets and `readDate` understand: a day, or a day and a time of the viewer's zone. */
export function writeDate(value: string): string {
  const date = new Date(value.replace(" ", "T"));
  if (value === "" || Number.isNaN(date.getTime())) return value;
  if (date.getTime() % 86_400_000 === 0) return value.slice(0, 10);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const ms = date.getMilliseconds();
  return `${day} ${time}${ms === 0 ? "" : `.${String(ms).padStart(3, "0")}`}`;
}
