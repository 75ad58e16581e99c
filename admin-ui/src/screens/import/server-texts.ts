/** What the server says of a file and its cells, in the words of the page. What is not known here is shown as it came. */

import { words } from "#words/words.ts";

type Texts = ReturnType<typeof words>["imports"]["said"];
type Translation = (texts: Texts, parts: readonly string[]) => string;

const REASONS: readonly [RegExp, Translation][] = [
  [/^not a number: "?(.*?)"?$/s, (texts, [, cell = ""]) => texts.noNumber(cell)],
  [/^not true or false: "?(.*?)"?$/s, (texts, [, cell = ""]) => texts.noBool(cell)],
  [/^not a date: "?(.*?)"? \(write it like .*\)$/s, (texts, [, cell = ""]) => texts.noDate(cell)],
  [
    /^no record of (\w+) has the (\w+) "(.*)"$/s,
    (texts, [, name = "", field = "", key = ""]) => texts.noMatch(name, field, key),
  ],
  [
    /^several records of (\w+) have the (\w+) "(.*)"$/s,
    (texts, [, name = "", field = "", key = ""]) => texts.manyMatch(name, field, key),
  ],
  [/^there is no (\w+) "(.*)"$/s, (texts, [, name = "", key = ""]) => texts.noRecord(name, key)],
  [/^no record of (\w+) has this value$/, (texts, [, name = ""]) => texts.noneToChange(name)],
  [/^there is no record with the id (.*)$/s, (texts, [, id = ""]) => texts.noId(id)],
  [/^(\d+) cells?, but the heading has (\d+)$/, (texts, [, found = "", wanted = ""]) => texts.cells(found, wanted)],
  [/^the cell of the id column is empty$/, (texts) => texts.emptyId],
  [/^Must be a valid email address\.$/, (texts) => texts.noEmail],
  [/^Must be a valid URL\.$/i, (texts) => texts.noUrl],
  [/^Cannot be blank\.$/, (texts) => texts.blank],
  [/^Value must be unique\.$/, (texts) => texts.notUnique],
];

const WHY: readonly [RegExp, Translation][] = [
  [/^digits with leading zeros$/, (texts) => texts.leadingZeros],
  [/^digits of a code/, (texts) => texts.code],
  [/^more like versions than numbers$/, (texts) => texts.versions],
  [/^too many digits for a number$/, (texts) => texts.manyDigits],
  [/^(?:numbers|true or false), but (?:(\d+) cells? (?:is|are) empty)$/, (texts, [, n = ""]) => texts.gaps(Number(n))],
  [/^no cell is filled$/, (texts) => texts.empty],
  [/^the day (?:comes first|is read first)$/, (texts) => texts.dayFirst],
  [/^the month comes first$/, (texts) => texts.monthFirst],
  [/^dates with the day or the month first/, (texts) => texts.whichDates],
  [/^numbers with a point or a comma before three digits/, (texts) => texts.whichNumbers],
  [/^amounts of money, and a number/, (texts) => texts.money],
  [/^values of different kinds$/, (texts) => texts.mixed],
  [/^(\w+) has no such field$/, (texts, [, name = ""]) => texts.noField(name)],
  [/^to (\w+)$/, (texts, [, name = ""]) => texts.linksTo(name)],
];

const WARNINGS: readonly [RegExp, Translation][] = [
  [/^The file is not UTF-8; it was read as (.*)\.$/, (texts, [, encoding = ""]) => texts.encoding(encoding)],
  [
    /^(\d+) rows? cannot be read\. The first is line (\d+): (.*)\.$/s,
    (texts, [, count = "", line = "", why = ""]) => texts.unreadable(Number(count), line, sayReason(why)),
  ],
  [/^Column (\d+) has no heading\.$/, (texts, [, at = ""]) => texts.noHeading(at)],
  [/^The column does not tell whether .* of (\S+) comes first\.$/, (texts, [, cell = ""]) => texts.unclearDate(cell)],
  [/^(\S+) can be more than a thousand or less/, (texts, [, cell = ""]) => texts.unclearNumber(cell)],
  [/^No cell is filled\.$/, (texts) => texts.emptyColumn],
  [
    /^An id has 15 letters and digits: (.*) becomes (\S+)\.$/s,
    (texts, [, cell = "", id = ""]) => texts.newId(cell, id),
  ],
];

/** What is wrong with a row or one of its cells. */
export function sayReason(reason: string): string {
  return say(REASONS, reason);
}

/** Why the server proposes something for a column. */
export function sayWhy(reason: string): string {
  return say(WHY, reason);
}

export function sayWarning(message: string): string {
  return say(WARNINGS, message);
}

function say(translations: typeof REASONS, text: string): string {
  for (const [pattern, translate] of translations) {
    const parts = pattern.exec(text);
    if (parts) return translate(words().imports.said, parts);
  }
  return text;
}
