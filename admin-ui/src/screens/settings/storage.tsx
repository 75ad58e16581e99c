/** Where files of records and backups are kept: on the server's disk, or in a bucket. */

import { useMutation } from "@tanstack/react-query";
import { explain } from "#api/errors.ts";
import { type S3Settings, testStorage } from "#api/settings.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/page.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { PasswordField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { SettingsDraft } from "./use-settings-draft.ts";

export function StorageSettings({ draft }: { draft: SettingsDraft }) {
  const texts = words().settings.storage;
  const { s3, backups } = draft.value;
  return (
    <div className="flex flex-col gap-5">
      <Section title={texts.files} lead={texts.filesLead}>
        <BucketInputs
          value={s3}
          path="s3"
          problems={draft.problems}
          switchLabel={texts.useBucket}
          switchHint={texts.useBucketHint}
          onChange={(part) => draft.change("s3", part)}
        />
        {s3.endpoint !== "" && (
          <div className="flex flex-col gap-2">
            <p className="text-sm text-ink-soft">{texts.moveLead}</p>
            <CodeBlock label={texts.moveCommand} code="steading files move --to s3" />
          </div>
        )}
        {s3.enabled && <TestBucket filesystem="storage" isDirty={draft.isDirty} />}
      </Section>
      <Section title={texts.backups} lead={texts.backupsLead}>
        <BucketInputs
          value={backups.s3}
          path="backups.s3"
          problems={draft.problems}
          switchLabel={texts.useBackupBucket}
          onChange={(part) => draft.change("backups", { s3: { ...backups.s3, ...part } })}
        />
        {backups.s3.enabled && <TestBucket filesystem="backups" isDirty={draft.isDirty} />}
      </Section>
    </div>
  );
}

type BucketInputsProps = {
  value: S3Settings;
  /** Of the setting, before the names of its inputs. */
  path: string;
  problems: Record<string, string>;
  switchLabel: string;
  switchHint?: string;
  onChange: (part: Partial<S3Settings>) => void;
};

function BucketInputs({ value, path, problems, switchLabel, switchHint, onChange }: BucketInputsProps) {
  const texts = words().settings.storage;
  const error = (name: keyof S3Settings) => problems[`${path}.${name}`];
  return (
    <>
      <SwitchField
        label={switchLabel}
        hint={switchHint}
        isOn={value.enabled}
        onChange={(enabled) => onChange({ enabled })}
      />
      {/* It can be filled in before it is used, so that files are moved first. */}
      <details open={value.enabled}>
        <summary className="w-fit text-sm text-ink-soft hover:text-ink">{texts.theBucket}</summary>
        <div className="mt-3 grid gap-4 sm:grid-cols-2">
          <TextField
            label={texts.endpoint}
            placeholder="https://s3.eu-central-1.amazonaws.com"
            value={value.endpoint}
            spellCheck={false}
            error={error("endpoint")}
            onChange={(event) => onChange({ endpoint: event.target.value })}
          />
          <TextField
            label={texts.bucket}
            value={value.bucket}
            spellCheck={false}
            error={error("bucket")}
            onChange={(event) => onChange({ bucket: event.target.value })}
          />
          <TextField
            label={texts.region}
            value={value.region}
            spellCheck={false}
            error={error("region")}
            onChange={(event) => onChange({ region: event.target.value })}
          />
          <TextField
            label={texts.accessKey}
            value={value.accessKey}
            autoComplete="off"
            spellCheck={false}
            error={error("accessKey")}
            onChange={(event) => onChange({ accessKey: event.target.value })}
          />
          <PasswordField
            label={texts.secret}
            hint={words().settings.secretHint}
            value={value.secret ?? ""}
            autoComplete="new-password"
            error={error("secret")}
            onChange={(event) => onChange({ secret: event.target.value })}
          />
          <div className="self-center">
            <SwitchField
              label={texts.pathStyle}
              hint={texts.pathStyleHint}
              isOn={value.forcePathStyle}
              onChange={(forcePathStyle) => onChange({ forcePathStyle })}
            />
          </div>
        </div>
      </details>
    </>
  );
}

function TestBucket({ filesystem, isDirty }: { filesystem: "storage" | "backups"; isDirty: boolean }) {
  const texts = words().settings.storage;
  const testing = useMutation({ mutationFn: () => testStorage(filesystem) });
  return (
    <>
      {testing.isSuccess && <Notice tone="good">{texts.testGood}</Notice>}
      {testing.error && <Notice tone="danger">{explain(testing.error).message}</Notice>}
      <div>
        <Button disabled={testing.isPending || isDirty} onClick={() => testing.mutate()}>
          {testing.isPending ? words().common.oneMoment : texts.test}
        </Button>
        {isDirty && <p className="mt-2 text-sm text-ink-soft">{words().settings.saveFirst}</p>}
      </div>
    </>
  );
}
