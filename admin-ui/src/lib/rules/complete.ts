/** What may stand at a place in a rule: fields, `@request.…`, `@collection.…`, back-relations, macros, functions. */

export type Word = {
  label: string;
  sort: "field" | "relation" | "back" | "macro" | "function" | "collection" | "modifier" | "request" | "choice";
  /** The type of the value, as the server calls it. */
  type?: string;
};

/** The vocabulary of all collections, as the server tells it. */
export type Vocabulary = {
  collections: readonly {
    name: string;
    type: string;
    fields: readonly {
      name: string;
      type: string;
      target: string | null;
      modifiers: readonly string[];
      choices?: readonly string[];
    }[];
    backRelations: readonly { name: string; collection: string }[];
  }[];
  authCollections: readonly string[];
  request: readonly { name: string; choices?: readonly string[] }[];
  macros: readonly { name: string; type: string }[];
  functions: readonly { name: string; arguments: readonly string[] }[];
  bodyModifiers: readonly string[];
};

export type WordsAt = { from: number; words: Word[] };

/** Words for the place `position` in `text`, a rule of `collection`. `null` where no name can stand, as inside a text. */
export function wordsAt(text: string, position: number, collection: string, vocabulary: Vocabulary): WordsAt | null {
  const before = text.slice(0, position);
  if (isInsideText(before)) return choicesAt(before, collection, vocabulary);
  const path = /[@#\w][\w.:@]*$/.exec(before)?.[0] ?? "";
  const start = position - path.length;
  const colon = path.lastIndexOf(":");
  if (colon > path.lastIndexOf(".") && colon > 0 && !/^@collection\.\w*:\w*$/.test(path)) {
    return { from: start + colon + 1, words: modifiersOf(path.slice(0, colon), collection, vocabulary) };
  }
  const dot = path.lastIndexOf(".");
  if (dot < 0) return { from: start, words: firstWords(collection, vocabulary) };
  return { from: start + dot + 1, words: wordsAfter(path.slice(0, dot), collection, vocabulary) };
}

function firstWords(collection: string, vocabulary: Vocabulary): Word[] {
  const ends = (name: string) => (name.endsWith(".") ? name.slice(0, -1) : name);
  return [
    ...fieldWords(collection, vocabulary),
    ...vocabulary.request.map(({ name }): Word => ({ label: ends(name), sort: "request" })),
    { label: "@collection", sort: "collection" },
    ...vocabulary.macros.map(({ name, type }): Word => ({ label: name, sort: "macro", type })),
    ...vocabulary.functions.map(({ name }): Word => ({ label: name, sort: "function" })),
  ];
}

function fieldWords(name: string, vocabulary: Vocabulary): Word[] {
  const found = find(name, vocabulary);
  if (!found) return [];
  return [
    ...found.fields.map(
      (field): Word => ({
        label: field.name,
        sort: field.target ? "relation" : "field",
        type: field.target ?? field.type,
      }),
    ),
    ...found.backRelations.map(({ name, collection }): Word => ({ label: name, sort: "back", type: collection })),
  ];
}

/** Follows a path such as `author.team` or `@request.auth.team` to the collection where it ends. */
function wordsAfter(path: string, collection: string, vocabulary: Vocabulary): Word[] {
  const [first = "", second = "", ...rest] = path.split(".");
  if (first === "@request") {
    if (second === "") {
      return vocabulary.request.map(
        ({ name }): Word => ({
          label: name.replace(/^@request\./, "").replace(/\.$/, ""),
          sort: "request",
        }),
      );
    }
    if (second === "auth") {
      const words = vocabulary.authCollections.flatMap((name) =>
        fieldWords(follow(name, rest, vocabulary) ?? "", vocabulary),
      );
      return unique(words);
    }
    return second === "body" ? fieldWords(follow(collection, rest, vocabulary) ?? "", vocabulary) : [];
  }
  if (first === "@collection") {
    if (second === "") return vocabulary.collections.map(({ name }): Word => ({ label: name, sort: "collection" }));
    return fieldWords(follow(second.split(":", 1)[0] ?? "", rest, vocabulary) ?? "", vocabulary);
  }
  return fieldWords(follow(collection, path.split("."), vocabulary) ?? "", vocabulary);
}

function modifiersOf(path: string, collection: string, vocabulary: Vocabulary): Word[] {
  const asWord = (label: string): Word => ({ label, sort: "modifier" });
  if (/^@request\.(query|headers)\./.test(path)) return ["isset", "lower"].map(asWord);
  if (/^@request\.body\./.test(path)) return vocabulary.bodyModifiers.map(asWord);
  const parts = path.replace(/^@request\.auth\./, "").split(".");
  const name = parts.pop() ?? "";
  const starts = path.startsWith("@request.auth.") ? vocabulary.authCollections : [collection];
  const modifiers = starts.flatMap((start) => {
    const owner = find(follow(start, parts, vocabulary) ?? "", vocabulary);
    return owner?.fields.find((field) => field.name === name)?.modifiers ?? [];
  });
  return [...new Set(modifiers)].map(asWord);
}

/** Inside an open text behind `field = `, the choices of that field. */
function choicesAt(before: string, collection: string, vocabulary: Vocabulary): WordsAt | null {
  const [, path = "", typed = ""] = /([@\w][\w.:]*)\s*\??(?:!?=|!?~)\s*["']([^"']*)$/.exec(before) ?? [];
  const known = vocabulary.request.find(({ name }) => name === path)?.choices;
  const parts = path.split(":", 1)[0]?.split(".") ?? [];
  const name = parts.pop() ?? "";
  const owner = find(follow(collection, parts, vocabulary) ?? "", vocabulary);
  const choices = known ?? owner?.fields.find((field) => field.name === name)?.choices;
  if (!choices) return null;
  return { from: before.length - typed.length, words: choices.map((label) => ({ label, sort: "choice" })) };
}

function isInsideText(before: string): boolean {
  let quote = "";
  for (let at = 0; at < before.length; at++) {
    const char = before[at] ?? "";
    if (quote === "") {
      if (char === '"' || char === "'") quote = char;
      if (char === "/" && before[at + 1] === "/") {
        const end = before.indexOf("\n", at);
        if (end < 0) return true;
        at = end;
      }
    } else if (char === "\\") at += 1;
    else if (char === quote) quote = "";
  }
  return quote !== "";
}

function follow(start: string, path: readonly string[], vocabulary: Vocabulary): string | undefined {
  let at: string | undefined = start;
  for (const segment of path) {
    const owner: Vocabulary["collections"][number] | undefined = find(at ?? "", vocabulary);
    at =
      owner?.fields.find(({ name }) => name === segment)?.target ??
      owner?.backRelations.find(({ name }) => name === segment)?.collection;
    if (at === undefined) return undefined;
  }
  return at;
}

function find(name: string, vocabulary: Vocabulary) {
  return vocabulary.collections.find((collection) => collection.name === name);
}

function unique(words: Word[]): Word[] {
  return [...new Map(words.map((word) => [word.label, word])).values()];
}
