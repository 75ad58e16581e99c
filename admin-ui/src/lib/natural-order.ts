/** The order in which people expect names: `many_2` before `many_10`, without regard to letter case. */

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export function byName(one: { name: string }, other: { name: string }): number {
  return collator.compare(one.name, other.name) || (one.name < other.name ? -1 : 1);
}
