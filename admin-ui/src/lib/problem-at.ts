/** The first finding at a path or below it, of findings by the path of their input. */
export function problemAt(problems: Readonly<Record<string, string>>, path: string): string | undefined {
  return Object.entries(problems).find(([at]) => at === path || at.startsWith(`${path}.`))?.[1];
}
