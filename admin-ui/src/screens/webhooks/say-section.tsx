/** What the message says, with a preview of it for a real record. */

import { useRef } from "react";
import { flushSync } from "react-dom";
import type { Collection } from "#api/types.ts";
import { type Insert, insertAt, placeholder, RECORD_LINK } from "#lib/webhooks/inserts.ts";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Section } from "#ui/page.tsx";
import { SelectField, TextAreaField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { withExpand } from "./draft.ts";
import type { FormProps } from "./form-props.ts";
import { InsertPalette } from "./insert-palette.tsx";
import { kindOf } from "./kinds.ts";
import { MessagePreview } from "./message-preview.tsx";
import { recordInserts } from "./record-inserts.ts";
import type { Preview } from "./use-preview.ts";
import { chosenCollections } from "./when-section.tsx";

type SaySectionProps = FormProps & { preview: Preview; collections: readonly Collection[] };

export function SaySection(props: SaySectionProps) {
  const { draft, collections, onChange } = props;
  const texts = words().webhooks;
  const isProgram = kindOf(draft.format) === "program";
  return (
    <Section title={texts.say}>
      {isProgram && (
        <SelectField
          label={texts.body}
          value={draft.format === "template" ? "template" : "json"}
          options={[
            { value: "json", label: texts.bodies.json },
            { value: "template", label: texts.bodies.template },
          ]}
          onChange={(format) => onChange({ ...draft, format })}
        />
      )}
      {draft.format !== "json" && <Message {...props} />}
      <MessagePreview preview={props.preview} collections={collections} />
    </Section>
  );
}

function Message({ draft, problems, collections, onChange }: SaySectionProps) {
  const texts = words().webhooks;
  const area = useRef<HTMLTextAreaElement>(null);
  const [collection] = chosenCollections(draft.listening, collections);
  const isOwnBody = draft.format === "template";
  const isJson = isOwnBody && /json/i.test(draft.contentType);
  const insert = (text: string, expand?: string) => {
    const input = area.current;
    const end = draft.template.length;
    const { text: template, cursor } = insertAt(
      draft.template,
      input?.selectionStart ?? end,
      input?.selectionEnd ?? end,
      text,
    );
    const next = { ...draft, template };
    // The next letter goes behind what was inserted, however soon it is typed.
    flushSync(() => onChange(expand === undefined ? next : withExpand(next, expand)));
    input?.focus();
    input?.setSelectionRange(cursor, cursor);
  };
  const palette = (
    <InsertPalette
      groups={collection ? recordInserts(collection, collections) : []}
      onInsert={(one: Insert) => insert(placeholder(one, isJson), one.expand)}
      onInsertLink={() => insert(isJson ? `"${RECORD_LINK}"` : RECORD_LINK)}
      focusAfterChoice={() => area.current}
    />
  );
  if (isOwnBody)
    return (
      <>
        <CodeEditor
          label={texts.bodyText}
          language="json"
          value={draft.template}
          minLines={6}
          error={problems.template}
          onChange={(template) => onChange({ ...draft, template })}
        />
        {palette}
      </>
    );
  return (
    <>
      <TextAreaField
        ref={area}
        label={texts.message}
        hint={draft.format === "email" ? `${texts.subjectHint} ${texts.messageHint}` : texts.messageHint}
        rows={4}
        value={draft.template}
        error={problems.template}
        onChange={(event) => onChange({ ...draft, template: event.target.value })}
      />
      {palette}
    </>
  );
}
