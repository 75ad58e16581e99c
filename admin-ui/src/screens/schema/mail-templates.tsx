/** The mails that an auth collection sends: their texts, what can be filled in, and how they look. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { appNameQuery, scaffoldsQuery } from "#api/schema.ts";
import type { Collection, MailTemplate } from "#api/types.ts";
import { Button } from "#ui/button.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Disclosure } from "#ui/disclosure.tsx";
import { Section } from "#ui/page.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { keptFields } from "./draft.ts";
import { fillTemplate, placeholdersOf, type TemplateName } from "./mail-placeholders.ts";
import type { Editor } from "./use-editor.ts";

const TEMPLATES: readonly TemplateName[] = [
  "verificationTemplate",
  "resetPasswordTemplate",
  "confirmEmailChangeTemplate",
  "otp",
  "authAlert",
];

export function MailTemplates({ editor }: { editor: Editor }) {
  const say = words().authOptions;
  const { data: scaffolds } = useQuery({ ...scaffoldsQuery(), gcTime: 60_000 });
  return (
    <Section title={say.mails}>
      <div className="flex flex-col gap-2">
        {TEMPLATES.map((name) => {
          const template = templateOf(editor.draft.collection, name);
          if (!template) return null;
          const path = name === "otp" || name === "authAlert" ? `${name}.emailTemplate` : name;
          const errors = editor.errorsOf(path);
          return (
            <Disclosure key={name} label={say.mailNames[name]} isOpen={Object.keys(errors).length > 0}>
              <Template
                editor={editor}
                name={name}
                template={template}
                usual={scaffolds && templateOf(scaffolds.auth, name)}
                errors={errors}
                onChange={(next) => writeTemplate(editor, name, next)}
              />
            </Disclosure>
          );
        })}
      </div>
    </Section>
  );
}

function templateOf(collection: Omit<Collection, "fields">, name: TemplateName): MailTemplate | undefined {
  if (name === "otp" || name === "authAlert") return collection[name]?.emailTemplate;
  return collection[name];
}

function writeTemplate(editor: Editor, name: TemplateName, template: MailTemplate): void {
  const { otp, authAlert } = editor.draft.collection;
  if (name === "otp") otp && editor.setKeys({ otp: { ...otp, emailTemplate: template } });
  else if (name === "authAlert") authAlert && editor.setKeys({ authAlert: { ...authAlert, emailTemplate: template } });
  else editor.setKeys({ [name]: template });
}

type TemplateProps = {
  editor: Editor;
  name: TemplateName;
  template: MailTemplate;
  /** The server's own text. */
  usual: MailTemplate | undefined;
  errors: Record<string, string>;
  onChange: (template: MailTemplate) => void;
};

function Template({ editor, name, template, usual, errors, onChange }: TemplateProps) {
  const say = words().authOptions;
  const { data: app } = useQuery(appNameQuery());
  const [isShown, setShown] = useState(false);
  const fields = keptFields(editor.draft)
    .filter(({ field }) => !field.hidden && field.type !== "password" && field.name !== "")
    .map(({ field }) => field.name);
  const sample = {
    appName: app?.name ?? "",
    appUrl: app?.url ?? "",
    code: say.sample.code,
    place: say.sample.place,
    person: say.sample.name,
  };
  return (
    <div className="flex flex-col gap-4 border-l-2 border-line pl-4">
      <TextField
        label={say.subject}
        value={template.subject}
        error={errors.subject}
        onChange={(event) => onChange({ ...template, subject: event.target.value })}
      />
      <CodeEditor
        label={say.body}
        language="html"
        value={template.body}
        minLines={8}
        error={errors.body}
        onChange={(body) => onChange({ ...template, body })}
      />
      <div className="flex flex-col gap-1.5">
        <p className="text-sm">
          <span className="font-medium">{say.placeholders}.</span>{" "}
          <span className="text-ink-soft">{say.placeholdersHint}</span>
        </p>
        <ul className="flex flex-wrap gap-1.5">
          {placeholdersOf(name, fields).map((placeholder) => (
            <li key={placeholder}>
              <button
                type="button"
                aria-label={say.insert(placeholder)}
                onClick={() => onChange({ ...template, body: `${template.body}${placeholder}` })}
                className="rounded-md border border-line bg-raised px-1.5 py-0.5 font-mono text-xs hover:border-moss"
              >
                {placeholder}
              </button>
            </li>
          ))}
        </ul>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button aria-expanded={isShown} onClick={() => setShown(!isShown)}>
          {say.preview}
        </Button>
        {usual && (usual.subject !== template.subject || usual.body !== template.body) && (
          <Button look="quiet" onClick={() => onChange(usual)}>
            {say.defaultTemplate}
          </Button>
        )}
      </div>
      {isShown && (
        <div className="overflow-hidden rounded-xl border border-line bg-white">
          <p className="border-b border-line bg-sunken px-3 py-2 text-sm font-medium text-ink">
            {fillTemplate(template.subject, sample)}
          </p>
          {/* The empty sandbox runs no scripts, sends no forms and opens nothing. */}
          <iframe
            title={say.previewOf(say.mailNames[name])}
            sandbox=""
            srcDoc={`<meta charset="utf-8"><style>body{font:15px/1.5 sans-serif;color:#222;margin:16px}</style>${fillTemplate(template.body, sample)}`}
            className="h-72 w-full"
          />
          {/<img[^>]+src\s*=\s*["']?\s*https?:/i.test(template.body) && (
            <p className="border-t border-line bg-sunken px-3 py-2 text-sm text-ink-soft">{say.imagesElsewhere}</p>
          )}
        </div>
      )}
    </div>
  );
}
