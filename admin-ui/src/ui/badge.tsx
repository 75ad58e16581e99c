/** A small coloured label. The same text always gets the same colour; none is the red of what went wrong. */

const TONES = [
  "bg-moss-wash text-moss-strong",
  "bg-straw-wash text-straw",
  "bg-sky-wash text-sky",
  "bg-plum-wash text-plum",
  "bg-sunken text-ink",
];

export function Badge({ text }: { text: string }) {
  return (
    <span className={`inline-block max-w-full truncate rounded-md px-1.5 text-[13px] leading-6 ${toneOf(text)}`}>
      {text}
    </span>
  );
}

function toneOf(text: string): string {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return TONES[sum % TONES.length] ?? "";
}
