/** Guesses which value of a body belongs into which field: by their names, and by what the field can hold. */

import type { Leaf } from "./leaves.ts";

type NamedField = { name: string; type: string };

/** Words that mean the same, in the languages of the dashboard. */
const SAME: readonly (readonly string[])[] = [
  ["amount", "total", "sum", "price", "paid", "betrag", "summe", "preis", "importe", "precio"],
  ["email", "mail", "correo"],
  ["phone", "tel", "telephone", "mobile", "telefon", "telefono"],
  ["from", "sender", "absender", "remitente"],
  ["to", "recipient", "receiver", "empfanger", "destinatario"],
  ["message", "body", "text", "content", "nachricht", "mensaje", "texto"],
  ["title", "subject", "betreff", "titel", "titulo", "asunto"],
  ["created", "date", "time", "timestamp", "at", "datum", "zeit", "fecha", "hora"],
  ["customer", "client", "buyer", "payer", "kunde", "cliente"],
  ["currency", "wahrung", "moneda"],
  ["status", "state", "estado"],
  ["number", "no", "nr", "nummer", "numero"],
  ["url", "link", "address", "adresse", "enlace"],
  ["name", "nombre"],
  ["user", "login", "author", "username", "benutzer", "usuario"],
  ["event", "type", "ereignis", "evento"],
  ["repository", "repo", "project"],
];

const CONCEPT = new Map(SAME.flatMap((words) => words.map((word) => [word, words[0] ?? word])));

const ENOUGH = 50;

/** Types that few values of a message fit. */
const FEW = new Set(["number", "date", "email", "url"]);

/** The path for each field that has a likely one, by the name of the field. No path is given twice. */
export function suggestPaths(fields: readonly NamedField[], leaves: readonly Leaf[]): Map<string, string> {
  const ways = leaves.map((leaf) => ({ leaf, way: leaf.names.map(wordsOf) }));
  const pairs = fields.flatMap((field) => {
    const wanted = wordsOf(field.name);
    return ways
      .filter(({ leaf }) => canHold(field.type, leaf))
      .map(({ leaf, way }) => ({
        field: field.name,
        path: leaf.path,
        score: likeness(wanted, field.type, way, leaf.value),
      }));
  });
  const found = new Map<string, string>();
  const taken = new Set<string>();
  // Sorting is stable: of equally likely ones the first in the body wins.
  for (const { field, path, score } of pairs.sort((one, other) => other.score - one.score)) {
    if (score < ENOUGH) break;
    if (found.has(field) || taken.has(path)) continue;
    found.set(field, path);
    taken.add(path);
  }
  return found;
}

/** Whether its name is one that people use for what they want to keep. */
export function saysSomething({ names }: Leaf): boolean {
  return wordsOf(names.at(-1) ?? "").some((word) => CONCEPT.has(word));
}

/** How much a field and a value are alike, from 0 to 100. `way`: the words of each name on the way to the value. */
function likeness(wanted: readonly string[], type: string, way: readonly string[][], value: unknown): number {
  const own = way.at(-1) ?? [];
  const depth = way.length;
  const ends = [1, 2, 3].map((count) => way.slice(-count).flat().join(" "));
  if (ends.some((end) => end === wanted.join(" "))) return 100 - depth;
  const concepts = [...new Set(wanted.map(conceptOf))];
  const ownConcepts = [...new Set(own.map(conceptOf))];
  if (concepts.join(" ") === ownConcepts.join(" ")) return 85 - depth;
  const all = new Set(way.flat().map(conceptOf));
  // All words of the field are on the way, and the last of them at its end: "customer email" in customer.details.email.
  const last = concepts.at(-1) ?? "";
  if (ownConcepts.includes(last) && concepts.every((word) => all.has(word))) return 78 - depth;
  if (type === "email" && isEmail(value)) return 65 - depth;
  if (!ownConcepts.includes(last)) return 0;
  if (concepts.length === 1) return 62 - depth;
  // "invoiceDate" and a time: a guess, where few values can be meant at all.
  return FEW.has(type) ? 56 - depth : 0;
}

/** A rough look: the server decides. */
function canHold(type: string, { value, isWhole }: Leaf): boolean {
  if (isWhole) return type === "json";
  if (value === null || value === "") return false;
  if (type === "number")
    return typeof value === "number" || (typeof value === "string" && /^-?\d+([.]\d+)?$/.test(value));
  if (type === "bool") return typeof value === "boolean";
  if (type === "email") return isEmail(value);
  if (type === "url") return typeof value === "string" && /^https?:\/\//.test(value);
  if (type === "date") return isDate(value);
  return type === "text" || type === "editor" || type === "select" || type === "json";
}

function isEmail(value: unknown): boolean {
  return typeof value === "string" && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value);
}

const FIRST_SECOND = 946_684_800;

/** A written date, or seconds or milliseconds since 1970 that are not from before 2000. */
export function isDate(value: unknown): boolean {
  if (typeof value === "number") return value >= FIRST_SECOND && value < FIRST_SECOND * 5000;
  return (
    typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value.replace(" ", "T")))
  );
}

/** `customerEMail_2` as customer, e, mail, 2. Accents do not count. */
function wordsOf(name: string): string[] {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

function conceptOf(word: string): string {
  return CONCEPT.get(word) ?? CONCEPT.get(word.replace(/s$/, "")) ?? word;
}
