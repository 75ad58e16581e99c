/** Which language the examples are read in. Kept in the browser. */

export type CodeLanguage = "js" | "dart" | "curl";

const STORAGE_KEY = "steading_code_language";

export function rememberedLanguage(): CodeLanguage {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === "dart" || stored === "curl" ? stored : "js";
}

export function rememberLanguage(language: CodeLanguage): void {
  localStorage.setItem(STORAGE_KEY, language);
}
