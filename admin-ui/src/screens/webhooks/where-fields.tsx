/** Where it goes: an address that is a secret, with the way to find it, or a mail address. */

import { useQuery } from "@tanstack/react-query";
import { settingsQuery } from "#api/settings.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { Disclosure } from "#ui/disclosure.tsx";
import { Notice } from "#ui/notice.tsx";
import { TextField } from "#ui/text-field.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import type { FormProps } from "./form-props.ts";
import { looksForeign } from "./kinds.ts";

export function WhereFields(props: FormProps) {
  const { draft, problems } = props;
  const texts = words().webhooks;
  if (draft.format === "email") return <MailAddress {...props} />;
  if (draft.storedUrl !== "") return <StoredUrl {...props} />;
  const service = draft.format === "json" || draft.format === "template" ? "other" : draft.format;
  const isForeign = looksForeign(draft.format, draft.url);
  return (
    <div className="flex flex-col gap-1.5">
      <TextField
        label={texts.url[service]}
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        value={draft.url}
        error={problems.url}
        hint={isForeign ? texts.notOf(texts.formats[draft.format]) : texts.urlHint}
        onChange={(event) => props.onChange({ ...draft, url: event.target.value })}
      />
      <KeepStored {...props} />
      <Disclosure label={texts.howTo}>
        <ol className="flex list-decimal flex-col gap-1.5 pl-6 text-sm text-ink-soft marker:text-ink-soft">
          {texts.steps[service].map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </Disclosure>
    </div>
  );
}

function StoredUrl({ draft, problems, onChange }: FormProps) {
  const texts = words().webhooks;
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-sm font-medium">{texts.url.other}</p>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-sunken py-1.5 pr-1.5 pl-3">
        <code className="min-w-0 flex-1 basis-60 font-mono text-[13px] break-all">{draft.storedUrl}</code>
        <Button onClick={() => onChange({ ...draft, storedUrl: "", url: "" })}>{texts.replaceUrl}</Button>
      </div>
      <p className={`text-sm ${problems.url ? "text-danger" : "text-ink-soft"}`}>{problems.url ?? texts.urlStored}</p>
    </div>
  );
}

/** Who began to replace the address may think better of it. */
function KeepStored({ draft, stored, onChange }: FormProps) {
  if (!stored || stored.format === "email" || stored.format !== draft.format) return null;
  return (
    <div>
      <Button
        look="quiet"
        className="h-8! px-2!"
        onClick={() => onChange({ ...draft, storedUrl: stored.url, url: "" })}
      >
        {words().webhooks.keepUrl}
      </Button>
    </div>
  );
}

function MailAddress({ draft, problems, onChange }: FormProps) {
  const texts = words().webhooks;
  const { data: settings } = useQuery(settingsQuery());
  return (
    <>
      <TextField
        label={texts.to}
        type="email"
        hint={texts.toHint}
        value={draft.url}
        error={problems.url}
        onChange={(event) => onChange({ ...draft, url: event.target.value })}
      />
      {settings && !settings.smtp.enabled && (
        <Notice>
          {texts.noMailServer} <TextLink href={asHref(paths.settings("mail"))}>{texts.setUpMail}</TextLink>
        </Notice>
      )}
    </>
  );
}
