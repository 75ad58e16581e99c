/** Placeholders for the template of a message. */

export type Insert = {
  label: string;
  /** An expression of the template language. */
  expression: string;
  /** The relation that has to be sent along for it. */
  expand?: string;
};

/** In a body of JSON each value is written as JSON, with its quotes. */
export function placeholder({ expression }: Insert, isJson: boolean): string {
  return isJson ? `{{ ${expression}|tojson }}` : `{{ ${expression} }}`;
}

/** The address of a record in the dashboard, from the parts that a template knows. */
export const RECORD_LINK = "{{ app.url }}/_/#/collections/{{ collection }}?record={{ record.id }}";

/** Replaces what is selected. Returns the text and where the cursor is then. */
export function insertAt(text: string, from: number, to: number, inserted: string): { text: string; cursor: number } {
  const before = text.slice(0, from);
  // A placeholder in the middle of a sentence stands apart.
  const gap = /[\w}]$/.test(before) ? " " : "";
  return { text: before + gap + inserted + text.slice(to), cursor: from + gap.length + inserted.length };
}
