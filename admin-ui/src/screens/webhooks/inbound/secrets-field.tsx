/** The secrets that are accepted. Those that are stored are not shown; while one is replaced, two are valid. */

import { KeyRound, Plus, Sparkles, X } from "lucide-react";
import { formatMoment } from "#lib/format.ts";
import { inventSecret, PROVIDER_FACTS } from "#lib/inbound/providers.ts";
import { problemAt } from "#lib/problem-at.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { CopyButton } from "#ui/copy-button.tsx";
import { PasswordField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { SecretDraft } from "./draft.ts";
import type { FormProps } from "./form-props.ts";
import { sentSecrets } from "./plan.ts";

const MAX_SECRETS = 5;

export function SecretsField({ draft, problems, onChange }: FormProps) {
  const texts = words().inbound;
  const { secrets } = draft;
  const put = (next: SecretDraft[]) => onChange({ ...draft, secrets: next });
  const problem = problemAt(problems, "secrets");
  const isLonely = secrets.length === 1;
  const typed = secrets.filter(({ kind }) => kind === "new").length;
  return (
    <div className="flex flex-col gap-3">
      {typed === 0 && <p className="-mb-1.5 text-sm font-medium">{texts.secrets[draft.provider]}</p>}
      {secrets.map((secret, at) =>
        secret.kind === "stored" ? (
          <div key={secret.id} className="flex items-center gap-2.5 text-sm">
            <KeyRound className="size-4 shrink-0 text-ink-soft" aria-hidden />
            <span className="min-w-0 flex-1">{texts.stored(formatMoment(secret.created))}</span>
            {!isLonely && (
              <IconButton
                label={texts.removeStored(formatMoment(secret.created))}
                icon={X}
                className="size-8!"
                onClick={() => put(secrets.toSpliced(at, 1))}
              />
            )}
          </div>
        ) : (
          <NewSecret
            // biome-ignore lint/suspicious/noArrayIndexKey: what is typed is no key
            key={at}
            draft={draft}
            text={secret.text}
            isSecond={at > 0 && typed > 1}
            error={
              problems[`secrets.${sentSecrets(secrets.slice(0, at)).length}`] ??
              (at === 0 ? problems.secrets : undefined)
            }
            onType={(text) => put(secrets.with(at, { kind: "new", text }))}
            onRemove={isLonely ? undefined : () => put(secrets.toSpliced(at, 1))}
          />
        ),
      )}
      {problem && typed === 0 && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
      {secrets.length < MAX_SECRETS && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Button
            look="quiet"
            icon={Plus}
            className="h-8! px-2!"
            onClick={() => put([{ kind: "new", text: "" }, ...secrets])}
          >
            {texts.addSecret}
          </Button>
          <p className="text-sm text-ink-soft">{texts.addSecretHint}</p>
        </div>
      )}
    </div>
  );
}

type NewSecretProps = {
  draft: FormProps["draft"];
  text: string;
  isSecond: boolean;
  error: string | undefined;
  onType: (text: string) => void;
  onRemove: (() => void) | undefined;
};

function NewSecret({ draft, text, isSecond, error, onType, onRemove }: NewSecretProps) {
  const texts = words().inbound;
  const { isPublic, secret, looksLike } = PROVIDER_FACTS[draft.provider];
  const label = texts.secrets[draft.provider];
  const Field = isPublic ? TextField : PasswordField;
  const isOurs = secret === "ours";
  return (
    <div className="flex items-start gap-2">
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <Field
          label={isSecond ? texts.secretAnother(label) : label}
          hint={isPublic ? undefined : texts.secretNote}
          placeholder={looksLike}
          autoComplete="off"
          spellCheck={false}
          value={text}
          error={error}
          onChange={(event) => onType(event.target.value)}
        />
        {isOurs && (
          <div className="flex flex-wrap gap-2">
            {text === "" ? (
              <Button icon={Sparkles} onClick={() => onType(inventSecret())}>
                {texts.invent}
              </Button>
            ) : (
              <CopyButton text={text} label={texts.copySecret} />
            )}
          </div>
        )}
      </div>
      {onRemove && <IconButton label={texts.removeSecret} icon={X} className="mt-6.5" onClick={onRemove} />}
    </div>
  );
}
