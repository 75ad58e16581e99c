/** Units of bytes and of time. */

/** The largest unit that shows the amount without a fraction; the smallest that is common for none. */
export function bestUnit(value: number, units: readonly { factor: number }[]): number {
  const fitting = units.filter(({ factor }) => value >= factor && value % factor === 0);
  const usual = value === 0 ? units.at(-1) : units[0];
  return (fitting.at(-1) ?? usual)?.factor ?? 1;
}
