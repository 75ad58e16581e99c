/** Says what a changed option of a field means for those who fill it in. The names of options are those of the form. */

import { formatDate, formatNumber, formatStoredNumber } from "#lib/format.ts";
import { locale } from "#lib/locale.ts";
import type { SchemaChange } from "#lib/schema/compare.ts";
import { words } from "#words/words.ts";

type OptionChange = Extract<SchemaChange, { kind: "field-option" }>;

/** What holds where the option is 0 or missing, by type and option. */
const USUAL: Record<string, number> = {
  "text.max": 5_000,
  "password.max": 71,
  "editor.maxSize": 5 * 1024 * 1024,
  "file.maxSize": 5 * 1024 * 1024,
  "json.maxSize": 1024 * 1024,
};

/** `null` for an option that has no words of its own. */
export function describeFieldOption(change: OptionChange): string | null {
  const { option, before, after } = change;
  const say = words().schema.changes;
  if (option === "values") return describeChoices(textsOf(before), textsOf(after));
  const flags = flagsOf(change);
  if (flags) return after === true ? flags.on : flags.off;
  const label = labelOf(change);
  const text = (value: unknown) => limitText(change, value) ?? (label === null ? null : valueText(value));
  const [is, was] = [text(after), text(before)];
  if (is === null || was === null) return null;
  return `${label === null ? "" : `${label}: `}${say.before(is, was)}`;
}

function flagsOf({ type, option }: OptionChange): { on: string; off: string } | null {
  const say = words().schema.changes;
  if (option === "hidden") return say.hidden;
  if (option !== "required") return null;
  if (type === "bool") return say.requiredBool;
  return type === "number" ? say.requiredNumber : say.required;
}

function describeChoices(before: string[], after: string[]): string {
  const say = words().schema.changes;
  const list = (choices: string[]) => choices.map((choice) => words().rules.phrases.text(choice)).join(", ");
  const added = after.filter((choice) => !before.includes(choice));
  const removed = before.filter((choice) => !after.includes(choice));
  const parts = [
    ...(added.length > 0 ? [say.choicesAdded(list(added))] : []),
    ...(removed.length > 0 ? [say.choicesRemoved(list(removed))] : []),
  ];
  return parts.length > 0 ? parts.join("; ") : say.choicesMoved;
}

/** What stands before the value; `null` where the value says it by itself, and for options without words. */
function labelOf({ type, option }: OptionChange): string | null {
  const say = words().fieldOptions;
  const labels: Record<string, string> = {
    pattern: say.pattern,
    autogeneratePattern: say.autogenerate,
    presentable: say.presentable,
    help: say.help,
    onlyInt: say.onlyInt,
    convertURLs: say.convertUrls,
    onlyDomains: say.domainRule.only,
    exceptDomains: say.domainRule.except,
    onCreate: say.onCreate,
    onUpdate: say.onUpdate,
    cascadeDelete: say.cascade,
    minSelect: say.atLeast,
    maxSelect: say.howMany,
    mimeTypes: say.fileTypes,
    thumbs: say.thumbs,
    protected: say.isProtected,
    cost: say.cost,
    maxSize: type === "file" ? say.fileSize : type === "json" ? say.maxSizeJson : say.maxSizeText,
    ...(type === "date" && { min: say.earliest, max: say.latest }),
  };
  return labels[option] ?? null;
}

/** Of options that set a limit, where 0 and nothing often mean the usual one. */
function limitText({ type, option }: OptionChange, value: unknown): string | null {
  if (option === "maxSize") return bytesText(sizeOf(type, option, value));
  if (option === "maxSelect") return words().schema.changes.howMany(Math.max(1, Number(value ?? 1)));
  if (option !== "min" && option !== "max") return null;
  if (type === "text" || type === "password") return lengthText(option, sizeOf(type, option, value));
  if (type === "number") return boundText(option, value);
  return type === "date" ? dateText(value) : null;
}

function valueText(value: unknown): string | null {
  if (value === undefined || value === null || value === "") return words().common.none;
  if (typeof value === "boolean") return value ? words().common.yes : words().common.no;
  if (typeof value === "number") return formatNumber(value);
  if (Array.isArray(value)) return value.length === 0 ? words().common.none : listText(textsOf(value));
  return typeof value === "string" ? words().rules.phrases.text(value) : null;
}

function sizeOf(type: string, option: string, value: unknown): number {
  return typeof value === "number" && value > 0 ? value : (USUAL[`${type}.${option}`] ?? 0);
}

function lengthText(option: "min" | "max", size: number): string {
  const say = words().schema.changes;
  if (option === "max") return say.longest(size);
  return size === 0 ? say.noShortest : say.shortest(size);
}

function boundText(option: "min" | "max", value: unknown): string {
  const say = words().schema.changes;
  if (typeof value !== "number") return option === "max" ? say.noLargest : say.noSmallest;
  return option === "max" ? say.largest(formatStoredNumber(value)) : say.smallest(formatStoredNumber(value));
}

function dateText(value: unknown): string {
  return typeof value === "string" && value !== "" ? formatDate(value) : words().fieldOptions.noLimit;
}

/** In the units of the form, which counts a kilobyte as 1,024 bytes. */
function bytesText(size: number): string {
  const units = words().fieldOptions.bytes;
  const unit = units.findLast(({ factor }) => size % factor === 0) ?? units[0];
  return unit ? `${formatNumber(size / unit.factor)} ${unit.label}` : formatNumber(size);
}

function listText(items: string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(items);
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
