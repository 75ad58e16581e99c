/** Makes the function that counts in one language: `count(2, { one: "# record", other: "# records" })` is "2 records". */
export function counter(locale: string) {
  const rules = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  return (count: number, forms: { one: string; other: string }): string =>
    (rules.select(count) === "one" ? forms.one : forms.other).replace("#", number.format(count));
}
