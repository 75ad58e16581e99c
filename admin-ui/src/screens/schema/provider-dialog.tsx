/** The settings of one provider, with what to do on the provider's side. */

import { serverAddress } from "#api/client.ts";
import type { ProviderInfo } from "#api/schema.ts";
import type { OAuth2Provider } from "#api/types.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Disclosure } from "#ui/disclosure.tsx";
import { PasswordField, SelectField, TextField } from "#ui/text-field.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { TokensField } from "#ui/tokens-field.tsx";
import { words } from "#words/words.ts";
import { AppleSecret } from "./apple-secret.tsx";
import { PROVIDER_PAGES } from "./provider-pages.ts";

type ProviderDialogProps = {
  provider: OAuth2Provider;
  info: ProviderInfo | undefined;
  isStored: boolean;
  errors: Record<string, string>;
  onChange: (provider: OAuth2Provider) => void;
  onClose: () => void;
};

export function ProviderDialog({ provider, info, isStored, errors, onChange, onClose }: ProviderDialogProps) {
  const say = words().authOptions;
  const name = provider.displayName || info?.displayName || provider.name;
  const set = (change: Partial<OAuth2Provider>) => onChange({ ...provider, ...change });
  // Without addresses of their own these providers cannot work.
  const isCustom = /^oidc\d?$|^mailcow$/.test(provider.name);
  return (
    <Dialog isOpen title={say.providerTitle(name)} isWide onClose={onClose}>
      <div className="flex flex-col gap-5">
        <SetUpHelp name={provider.name} label={name} />
        {errors.name && <p className="text-sm text-danger">{errors.name}</p>}
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={say.clientId}
            value={provider.clientId}
            error={errors.clientId}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => set({ clientId: event.target.value })}
          />
          <PasswordField
            label={say.clientSecret}
            value={provider.clientSecret ?? ""}
            error={errors.clientSecret}
            hint={isStored ? say.secretKept : undefined}
            autoComplete="new-password"
            onChange={(event) =>
              set({ clientSecret: event.target.value === "" && isStored ? undefined : event.target.value })
            }
          />
        </div>
        {provider.name === "apple" && (
          <AppleSecret clientId={provider.clientId} onMade={(clientSecret) => set({ clientSecret })} />
        )}
        {isCustom && <Addresses provider={provider} errors={errors} isCustom set={set} />}
        {provider.name === "microsoft" && <EmailClaim provider={provider} set={set} />}
        <Disclosure
          label={words().common.advanced}
          isOpen={["displayName", "pkce", ...(isCustom ? [] : ["authURL", "tokenURL", "userInfoURL"])].some(
            (key) => errors[key],
          )}
        >
          <div className="flex flex-col gap-4">
            <TextField
              label={say.displayName}
              value={provider.displayName ?? ""}
              placeholder={info?.displayName}
              error={errors.displayName}
              onChange={(event) => set({ displayName: event.target.value })}
            />
            {!isCustom && <Addresses provider={provider} errors={errors} isCustom={false} set={set} />}
            <SelectField
              label={say.pkce}
              value={provider.pkce === true ? "on" : provider.pkce === false ? "off" : "usual"}
              options={(["usual", "on", "off"] as const).map((value) => ({ value, label: say.pkceChoices[value] }))}
              onChange={(chosen) => set({ pkce: chosen === "usual" ? null : chosen === "on" })}
            />
          </div>
        </Disclosure>
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            {say.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function SetUpHelp({ name, label }: { name: string; label: string }) {
  const say = words().authOptions;
  const page = PROVIDER_PAGES[name];
  return (
    <section className="rounded-xl bg-sunken px-4 py-3">
      <h3 className="mb-2 text-sm font-medium">{say.setUpSteps}</h3>
      <ol className="flex list-decimal flex-col gap-2 pl-5 text-sm">
        <li>
          {say.stepRegister(label)}{" "}
          {page && (
            <TextLink href={page} isExternal>
              {say.stepOpen}
            </TextLink>
          )}
        </li>
        <li>
          {say.stepRedirect}
          <div className="mt-1.5">
            <CodeBlock label={say.redirectUrl} code={`${serverAddress()}/api/oauth2-redirect`} />
          </div>
        </li>
        <li>{say.stepSecret}</li>
      </ol>
    </section>
  );
}

type PartProps = { provider: OAuth2Provider; set: (change: Partial<OAuth2Provider>) => void };

function Addresses({
  provider,
  errors,
  isCustom,
  set,
}: PartProps & { errors: Record<string, string>; isCustom: boolean }) {
  const say = words().authOptions;
  const { authURL = "", tokenURL = "", userInfoURL = "", extra = {} } = provider;
  const issuers = Array.isArray(extra.issuers) ? extra.issuers.filter((item) => typeof item === "string") : [];
  const isOidc = provider.name.startsWith("oidc");
  return (
    <>
      {!isCustom && <p className="text-sm text-ink-soft">{say.urlHint}</p>}
      <TextField
        type="url"
        label={say.authUrl}
        value={authURL}
        error={errors.authURL}
        onChange={(event) => set({ authURL: event.target.value })}
      />
      <TextField
        type="url"
        label={say.tokenUrl}
        value={tokenURL}
        error={errors.tokenURL}
        onChange={(event) => set({ tokenURL: event.target.value })}
      />
      <TextField
        type="url"
        label={say.userInfoUrl}
        hint={isOidc ? say.userInfoHint : undefined}
        value={userInfoURL}
        error={errors.userInfoURL}
        onChange={(event) => set({ userInfoURL: event.target.value })}
      />
      {isOidc && userInfoURL === "" && (
        <>
          <TextField
            type="url"
            label={say.jwksUrl}
            value={typeof extra.jwksURL === "string" ? extra.jwksURL : ""}
            error={errors["extra.jwksURL"]}
            onChange={(event) => set({ extra: { ...extra, jwksURL: event.target.value } })}
          />
          <TokensField
            label={say.issuers}
            hint={say.issuersHint}
            values={issuers}
            error={errors["extra.issuers"]}
            removeLabel={words().fieldOptions.removeValue}
            onChange={(next) => set({ extra: { ...extra, issuers: next } })}
          />
        </>
      )}
    </>
  );
}

function EmailClaim({ provider, set }: PartProps) {
  const say = words().authOptions;
  const { extra = {} } = provider;
  return (
    <SelectField
      label={say.emailClaim}
      value={typeof extra.idTokenEmailClaim === "string" ? extra.idTokenEmailClaim : ""}
      options={Object.entries(say.emailClaimChoices).map(([value, label]) => ({ value, label }))}
      onChange={(claim) => set({ extra: { ...extra, idTokenEmailClaim: claim } })}
    />
  );
}
