/**
 * Every word that the dashboard shows or speaks, in the chosen language. `loadWords` runs before anything is drawn, so
 * `words()` may be called anywhere. Choosing another language reloads the page.
 */

import { setLocale } from "#lib/locale.ts";
import type { Words } from "./en/index.ts";

/** Each language by its own name. */
export const LANGUAGES = { en: "English", de: "Deutsch", es: "Español" } as const;

export type Language = keyof typeof LANGUAGES;

const STORAGE_KEY = "steading_language";

const CATALOGUES: Record<Language, () => Promise<Words>> = {
  en: () => import("./en/index.ts").then(({ en }) => en),
  de: () => import("./de/index.ts").then(({ de }) => de),
  es: () => import("./es/index.ts").then(({ es }) => es),
};

let loaded: Words | undefined;
let language: Language = "en";

/** The words of the chosen language. */
export function words(): Words {
  if (!loaded) throw new Error("words() was called before loadWords()");
  return loaded;
}

/** For unit tests, which have no browser to ask. */
export function setWords(catalogue: Words): void {
  loaded = catalogue;
}

export function currentLanguage(): Language {
  return language;
}

/** Loads the remembered language, else the first of the browser's that there is, else English. */
export async function loadWords(): Promise<void> {
  const wished = navigator.languages ?? [];
  language = languageFor([readChoice(), ...wished]);
  loaded = await CATALOGUES[language]();
  document.documentElement.lang = language;
  // Austrians who read German keep Austrian dates.
  setLocale(wished.find((tag) => languageOf(tag) === language) ?? language);
}

/** The first of `tags` that has a catalogue. */
export function languageFor(tags: readonly (string | null)[]): Language {
  return tags.map(languageOf).find(isLanguage) ?? "en";
}

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(STORAGE_KEY, chosen);
  location.reload();
}

function readChoice(): string | null {
  return localStorage.getItem(STORAGE_KEY);
}

function languageOf(tag: string | null): string {
  return tag?.toLowerCase().split("-")[0] ?? "";
}

function isLanguage(code: string): code is Language {
  return Object.hasOwn(LANGUAGES, code);
}
