/** Light or dark: what the person chose, else what their system says. The page's root element carries it. */

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = "steading_theme";

export function currentTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(STORAGE_KEY, theme);
  applyTheme();
}

/** Styles ask for `data-theme`. The style sheet sets `color-scheme` by it, which the colours follow. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = currentTheme();
}
