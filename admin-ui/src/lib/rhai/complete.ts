/** What may stand at a place in a script: functions, members of what scripts are given, collections and their fields. */

type Word = { label: string; kind: "function" | "property" | "keyword" | "class" };

type Collections = readonly { name: string; fields: readonly { name: string }[] }[];

const words = (kind: Word["kind"], names: string): Word[] => names.split(" ").map((label) => ({ label, kind }));

const EVENTS =
  "before_create before_update before_delete validate on_create on_update on_delete after_create after_update after_delete";

export const GLOBALS = words(
  "function",
  `${EVENTS} route job cron reject enqueue give_up mail http http_get http_post now date days hours minutes seconds json html text page redirect bytes no_content`,
);
const KEYWORDS = words(
  "keyword",
  "let const if else while loop for in break continue return throw try catch fn import as switch true false print",
);
const CALLER = words("property", "action caller collection db is_superuser original record request source");

/** By what stands before the dot. */
export const MEMBERS: Record<string, Word[]> = {
  db: words(
    "function",
    "find get first list each count exists create update save delete new_record acting_as sql transaction",
  ),
  e: CALLER,
  "e.request": words("property", "body headers ip method path query"),
  req: words(
    "property",
    "body bytes caller cookies db files form headers ip is_superuser json method params path query",
  ),
  record: words("function", "expand is_changed to_map collection_name"),
};

const NAMED_COLLECTION = new RegExp(
  `\\b(?:(?:${EVENTS.replaceAll(" ", "|")})\\(\\s*\\[?(?:\\s*"\\w*"\\s*,)*|db\\.\\w+\\()\\s*"(\\w*)$`,
);

export function completeRhai(text: string, position: number, collections: Collections) {
  const before = text.slice(text.lastIndexOf("\n", position - 1) + 1, position);
  const collection = NAMED_COLLECTION.exec(before);
  if (collection) {
    const options = collections.map(({ name }): Word => ({ label: name, kind: "class" }));
    return { from: position - (collection[1]?.length ?? 0), options };
  }
  if (isInTextOrComment(before)) return null;
  const path = /((?:\w+\.)*)(\w*)$/.exec(before);
  const typed = path?.[2] ?? "";
  const owner = path?.[1]?.slice(0, -1) ?? "";
  const from = position - typed.length;
  if (owner === "") return /^\d/.test(typed) ? null : { from, options: [...MEMBERS_OWNERS, ...GLOBALS, ...KEYWORDS] };
  const options = membersOf(owner, collections);
  return options.length > 0 ? { from, options } : null;
}

const MEMBERS_OWNERS = words("class", "db");

function membersOf(owner: string, collections: Collections): Word[] {
  const last = owner.split(".").at(-1) ?? "";
  if (owner === "e.request") return MEMBERS["e.request"] ?? [];
  if (last === "db") return MEMBERS.db ?? [];
  if (last === "record" || last === "original" || last === "caller") {
    const names = new Set(collections.flatMap(({ fields }) => fields.map(({ name }) => name)));
    return [...[...names].sort().map((label): Word => ({ label, kind: "property" })), ...(MEMBERS.record ?? [])];
  }
  return (owner === last && MEMBERS[owner]) || [];
}

/** Whether the end of the line is inside of quotes or behind `//`. Code inside of a text, `${…}`, counts as code. */
function isInTextOrComment(line: string): boolean {
  const rest = line.replace(/"(?:\\.|[^"\\])*"/g, '""');
  if (/\/\//.test(rest) || rest.includes('"', rest.lastIndexOf('""') + 2)) return true;
  const inTemplate = (rest.split("`").length - 1) % 2 === 1;
  return inTemplate && !/\$\{[^}]*$/.test(rest);
}
