/** The locale that numbers and dates are written in. Set once, before anything is drawn. */

let chosen: string | undefined;

export function setLocale(locale: string): void {
  chosen = locale;
}

/** Undefined stands for the browser's own. */
export function locale(): string | undefined {
  return chosen;
}
