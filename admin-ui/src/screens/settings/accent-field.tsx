/** The owner's colour: picked or typed, with how it will look in both themes. */

import { useId } from "react";
import { normalHex } from "#lib/accent/colour.ts";
import { accentShades, GROUNDS, INK, type Shades, USUAL_ACCENT } from "#lib/accent/shades.ts";
import { classNames } from "#lib/class-names.ts";
import { Button } from "#ui/button.tsx";
import { FieldFrame, INPUT_LOOK, inputBorder } from "#ui/field-frame.tsx";
import { words } from "#words/words.ts";

type AccentFieldProps = { value: string; error: string | undefined; onChange: (value: string) => void };

export function AccentField({ value, error, onChange }: AccentFieldProps) {
  const texts = words().settings.application;
  const hex = normalHex(value);
  return (
    <div className="flex flex-col gap-3">
      <FieldFrame label={texts.colour} hint={texts.colourHint} error={error}>
        {(attributes) => (
          <div className="flex flex-wrap items-center gap-2">
            <input
              type="color"
              aria-label={texts.pickColour}
              value={hex ?? USUAL_ACCENT}
              onChange={(event) => onChange(event.target.value)}
              className="h-10 w-12 shrink-0 cursor-pointer rounded-lg border border-line-strong bg-raised p-1"
            />
            <input
              {...attributes}
              value={value}
              placeholder={USUAL_ACCENT}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => onChange(event.target.value)}
              className={classNames(INPUT_LOOK, "h-10 w-32! font-mono text-sm", inputBorder(error))}
            />
            {hex !== USUAL_ACCENT && <Button onClick={() => onChange(USUAL_ACCENT)}>{texts.usualColour}</Button>}
          </div>
        )}
      </FieldFrame>
      {hex !== null && <Preview accent={hex} />}
    </div>
  );
}

function Preview({ accent }: { accent: string }) {
  const texts = words().settings.application;
  const shades = accentShades(accent);
  return (
    <div className="grid gap-2 sm:grid-cols-2">
      {(["light", "dark"] as const).map((theme) => (
        <Sample key={theme} title={texts.colourPreview[theme]} theme={theme} shades={shades[theme]} />
      ))}
    </div>
  );
}

type SampleProps = { title: string; theme: "light" | "dark"; shades: Shades };

/** Its colours stand in the elements, because the theme of the page may be the other one. */
function Sample({ title, theme, shades }: SampleProps) {
  const texts = words().settings.application;
  const titleId = useId();
  const { surface, line } = GROUNDS[theme];
  return (
    <figure
      aria-labelledby={titleId}
      className="flex min-w-0 flex-col gap-2 rounded-xl border p-3 text-sm"
      style={{ backgroundColor: surface, borderColor: line, color: INK[theme] }}
    >
      <figcaption id={titleId} className="text-xs">
        {title}
      </figcaption>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="rounded-lg px-3 py-1.5 font-medium" style={{ backgroundColor: shades.main, color: shades.on }}>
          {texts.previewButton}
        </span>
        <span className="rounded-lg px-2.5 py-1.5" style={{ backgroundColor: shades.wash, color: shades.strong }}>
          {texts.previewChosen}
        </span>
        <span className="underline" style={{ color: shades.strong }}>
          {texts.previewLink}
        </span>
      </div>
    </figure>
  );
}
