/** How mail leaves the server, and a way to try it. */

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { signedInEmail } from "#api/session.ts";
import { MAIL_TEMPLATES, type MailTemplate, sendTestMail } from "#api/settings.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { Section } from "#ui/page.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { PasswordField, SelectField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { SettingsDraft } from "./use-settings-draft.ts";

export function MailSettings({ draft }: { draft: SettingsDraft }) {
  const texts = words().settings.mail;
  const { meta, smtp } = draft.value;
  return (
    <div className="flex flex-col gap-5">
      <Section title={texts.sender}>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={texts.senderName}
            value={meta.senderName}
            error={draft.problems["meta.senderName"]}
            onChange={(event) => draft.change("meta", { senderName: event.target.value })}
          />
          <TextField
            label={texts.senderAddress}
            type="email"
            value={meta.senderAddress}
            error={draft.problems["meta.senderAddress"]}
            onChange={(event) => draft.change("meta", { senderAddress: event.target.value })}
          />
        </div>
      </Section>
      <Section title={texts.server} lead={texts.serverLead}>
        <SwitchField
          label={texts.useSmtp}
          hint={texts.useSmtpHint}
          isOn={smtp.enabled}
          onChange={(enabled) => draft.change("smtp", { enabled })}
        />
        {smtp.enabled && <SmtpInputs draft={draft} />}
      </Section>
      <TestMail isDirty={draft.isDirty} />
    </div>
  );
}

function SmtpInputs({ draft }: { draft: SettingsDraft }) {
  const texts = words().settings.mail;
  const { smtp } = draft.value;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label={texts.host}
        value={smtp.host}
        spellCheck={false}
        error={draft.problems["smtp.host"]}
        onChange={(event) => draft.change("smtp", { host: event.target.value })}
      />
      <NumberField
        isWhole
        label={texts.port}
        hint={texts.portHint}
        value={smtp.port}
        error={draft.problems["smtp.port"]}
        onChange={(port) => draft.change("smtp", { port: port ?? 0 })}
      />
      <TextField
        label={texts.username}
        value={smtp.username}
        autoComplete="off"
        error={draft.problems["smtp.username"]}
        onChange={(event) => draft.change("smtp", { username: event.target.value })}
      />
      <PasswordField
        label={words().common.password}
        hint={words().settings.secretHint}
        value={smtp.password ?? ""}
        autoComplete="new-password"
        error={draft.problems["smtp.password"]}
        onChange={(event) => draft.change("smtp", { password: event.target.value })}
      />
      <SelectField
        label={texts.encryption}
        value={smtp.tls ? "tls" : "starttls"}
        options={[
          { value: "starttls", label: texts.starttls },
          { value: "tls", label: texts.tls },
        ]}
        onChange={(value) => draft.change("smtp", { tls: value === "tls" })}
      />
      <SelectField
        label={texts.authMethod}
        value={smtp.authMethod}
        options={[
          { value: "", label: texts.authAutomatic },
          { value: "PLAIN", label: "PLAIN" },
          { value: "LOGIN", label: "LOGIN" },
        ]}
        error={draft.problems["smtp.authMethod"]}
        onChange={(authMethod) => draft.change("smtp", { authMethod })}
      />
      <TextField
        label={texts.localName}
        hint={texts.localNameHint}
        value={smtp.localName}
        placeholder="localhost"
        spellCheck={false}
        error={draft.problems["smtp.localName"]}
        onChange={(event) => draft.change("smtp", { localName: event.target.value })}
      />
    </div>
  );
}

function TestMail({ isDirty }: { isDirty: boolean }) {
  const texts = words().settings.mail;
  const [email, setEmail] = useState(signedInEmail);
  const [template, setTemplate] = useState<MailTemplate>("verification");
  const sending = useMutation({ mutationFn: () => sendTestMail(email.trim(), template) });
  const problem = sending.error ? explain(sending.error) : null;
  return (
    <Section title={texts.test} lead={texts.testLead}>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={texts.testTo}
          type="email"
          value={email}
          error={problem?.fields.email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <SelectField
          label={texts.testTemplate}
          value={template}
          options={MAIL_TEMPLATES.map((value) => ({ value, label: texts.templates[value] }))}
          onChange={setTemplate}
        />
      </div>
      {sending.isSuccess && <Notice tone="good">{texts.testSent(email.trim())}</Notice>}
      {problem && !problem.fields.email && <Notice tone="danger">{problem.message}</Notice>}
      <div>
        <Button disabled={sending.isPending || isDirty} onClick={() => sending.mutate()}>
          {sending.isPending ? words().common.oneMoment : texts.testSend}
        </Button>
        {isDirty && <p className="mt-2 text-sm text-ink-soft">{words().settings.saveFirst}</p>}
      </div>
    </Section>
  );
}
