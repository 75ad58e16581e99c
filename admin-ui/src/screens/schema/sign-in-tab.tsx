/** How the people of an auth collection sign in. */

import type { AuthOptions, TokenOptions } from "#api/types.ts";
import { uniqueColumn } from "#lib/schema/index-text.ts";
import { Button } from "#ui/button.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { Section } from "#ui/page.tsx";
import { CheckField, SwitchField } from "#ui/switch-field.tsx";
import { UnitField } from "#ui/unit-field.tsx";
import { words } from "#words/words.ts";
import { MailTemplates } from "./mail-templates.tsx";
import { ProviderSection } from "./provider-section.tsx";
import { RuleSetting } from "./rule-setting.tsx";
import type { Editor } from "./use-editor.ts";

export function SignInTab({ editor }: { editor: Editor }) {
  const { collection } = editor.draft;
  // `_superusers` signs in with a password always, and never with other accounts.
  const isSuperusers = collection.name === "_superusers";
  return (
    <div className="flex flex-col gap-5">
      <PasswordSection editor={editor} isFixed={isSuperusers} />
      {!isSuperusers && <ProviderSection editor={editor} />}
      <OtpSection editor={editor} />
      <MfaSection editor={editor} />
      <AlertSection editor={editor} />
      <MailTemplates editor={editor} />
      <TokenSection editor={editor} />
    </div>
  );
}

function PasswordSection({ editor, isFixed }: { editor: Editor; isFixed: boolean }) {
  const say = words().authOptions;
  const { passwordAuth, indexes = [] } = editor.draft.collection;
  if (!passwordAuth) return null;
  const set = (change: Partial<AuthOptions["passwordAuth"]>) =>
    editor.setKeys({ passwordAuth: { ...passwordAuth, ...change } });
  const chosen = passwordAuth.identityFields;
  const unique = indexes.map(uniqueColumn).filter((name) => name !== null && name !== "tokenKey");
  const offered = [...new Set(["email", ...unique, ...chosen].filter((name) => name !== null))];
  const errors = editor.errorsOf("passwordAuth");
  const error = Object.entries(errors).find(([path]) => path.startsWith("identityFields"))?.[1] ?? errors[""];
  return (
    <Section title={say.password} lead={say.passwordLead}>
      {!isFixed && (
        <SwitchField label={say.isOn} isOn={passwordAuth.enabled} onChange={(enabled) => set({ enabled })} />
      )}
      {passwordAuth.enabled && (
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-sm font-medium">{say.identityFields}</legend>
          {offered.map((name) => (
            <CheckField
              key={name}
              label={name}
              isChecked={chosen.includes(name)}
              onChange={(isChosen) =>
                set({ identityFields: isChosen ? [...chosen, name] : chosen.filter((other) => other !== name) })
              }
            />
          ))}
          <p className={error ? "text-sm text-danger" : "text-sm text-ink-soft"}>{error ?? say.identityHint}</p>
        </fieldset>
      )}
    </Section>
  );
}

function OtpSection({ editor }: { editor: Editor }) {
  const say = words().authOptions;
  const { otp } = editor.draft.collection;
  if (!otp) return null;
  const set = (change: Partial<AuthOptions["otp"]>) => editor.setKeys({ otp: { ...otp, ...change } });
  const errors = editor.errorsOf("otp");
  return (
    <Section title={say.otp} lead={say.otpLead}>
      <SwitchField label={say.isOn} isOn={otp.enabled} onChange={(enabled) => set({ enabled })} />
      {otp.enabled && (
        <div className="grid gap-4 sm:grid-cols-2">
          <DurationField
            label={say.otpDuration}
            value={otp.duration}
            error={errors.duration}
            onChange={(duration) => set({ duration })}
          />
          <NumberField
            label={say.otpLength}
            value={otp.length}
            error={errors.length}
            isWhole
            onChange={(length) => set({ length: length ?? 0 })}
          />
        </div>
      )}
    </Section>
  );
}

function MfaSection({ editor }: { editor: Editor }) {
  const say = words().authOptions;
  const { mfa } = editor.draft.collection;
  if (!mfa) return null;
  const set = (change: Partial<AuthOptions["mfa"]>) => editor.setKeys({ mfa: { ...mfa, ...change } });
  const errors = editor.errorsOf("mfa");
  return (
    <Section title={say.mfa} lead={say.mfaLead}>
      <SwitchField label={say.isOn} isOn={mfa.enabled} onChange={(enabled) => set({ enabled })} />
      {(errors.enabled || errors[""]) && <p className="text-sm text-danger">{errors.enabled ?? errors[""]}</p>}
      {mfa.enabled && (
        <>
          <div className="max-w-sm">
            <DurationField
              label={say.mfaDuration}
              value={mfa.duration}
              error={errors.duration}
              onChange={(duration) => set({ duration })}
            />
          </div>
          <div className="-mx-5 -mb-5 border-t border-line">
            <RuleSetting
              editor={editor}
              name="mfa.rule"
              rule={mfa.rule}
              owners={[]}
              choices={["everyone", "custom"]}
              onChange={(rule) => set({ rule: rule ?? "" })}
            />
          </div>
        </>
      )}
    </Section>
  );
}

function AlertSection({ editor }: { editor: Editor }) {
  const say = words().authOptions;
  const { authAlert } = editor.draft.collection;
  if (!authAlert) return null;
  return (
    <Section title={say.alert} lead={say.alertLead}>
      <SwitchField
        label={say.alertOn}
        isOn={authAlert.enabled}
        onChange={(enabled) => editor.setKeys({ authAlert: { ...authAlert, enabled } })}
      />
    </Section>
  );
}

const TOKENS = ["authToken", "passwordResetToken", "verificationToken", "emailChangeToken", "fileToken"] as const;

function TokenSection({ editor }: { editor: Editor }) {
  const say = words().authOptions;
  return (
    <Section title={say.tokens} lead={say.tokensLead}>
      {TOKENS.map((name) => {
        const token = editor.draft.collection[name];
        return (
          token && (
            <TokenRow
              key={name}
              label={say.tokenNames[name]}
              token={token}
              error={editor.errorsOf(name).duration ?? editor.errorsOf(name).secret}
              onChange={(next) => editor.setKeys({ [name]: next })}
            />
          )
        );
      })}
    </Section>
  );
}

type TokenRowProps = {
  label: string;
  token: TokenOptions;
  error: string | undefined;
  onChange: (token: TokenOptions) => void;
};

function TokenRow({ label, token, error, onChange }: TokenRowProps) {
  const say = words().authOptions;
  const { secret, ...kept } = token;
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
      <div className="min-w-56 flex-1">
        <DurationField
          label={label}
          value={token.duration}
          error={error}
          onChange={(duration) => onChange({ ...token, duration })}
        />
      </div>
      {secret === undefined ? (
        <Button look="quiet" onClick={() => onChange({ ...token, secret: newSecret() })}>
          {say.invalidate}
        </Button>
      ) : (
        <p className="flex min-h-9 items-center gap-2 text-sm text-danger">
          {say.invalidated}
          <Button onClick={() => onChange(kept)}>{say.keepThem}</Button>
        </p>
      )}
    </div>
  );
}

type DurationFieldProps = {
  label: string;
  value: number;
  error: string | undefined;
  onChange: (seconds: number) => void;
};

function DurationField(props: DurationFieldProps) {
  const say = words().authOptions;
  return <UnitField {...props} units={say.durations} unitLabel={`${props.label}: ${say.unit}`} />;
}

/** Fifty letters and digits: nothing that was signed before fits any longer. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(50));
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join("");
}
