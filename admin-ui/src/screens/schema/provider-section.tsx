/** Signing in with accounts from elsewhere: which providers, and what is taken over from them. */

import { useQuery } from "@tanstack/react-query";
import { ArrowUp, CircleAlert, Plus, Settings2, Trash2 } from "lucide-react";
import { useState } from "react";
import { type ProviderInfo, providersQuery } from "#api/schema.ts";
import type { AuthOptions, MappedFields, OAuth2Provider } from "#api/types.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Section } from "#ui/page.tsx";
import { SearchInput } from "#ui/search-input.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { keptFields } from "./draft.ts";
import { ProviderDialog } from "./provider-dialog.tsx";
import type { Editor } from "./use-editor.ts";

export function ProviderSection({ editor }: { editor: Editor }) {
  const say = words().authOptions;
  const { oauth2 } = editor.draft.collection;
  const { data: known = [] } = useQuery(providersQuery());
  const [isChoosing, setChoosing] = useState(false);
  const [openName, setOpenName] = useState<string>();
  if (!oauth2) return null;
  const set = (change: Partial<AuthOptions["oauth2"]>) => editor.setKeys({ oauth2: { ...oauth2, ...change } });
  const { providers } = oauth2;
  const infoOf = (name: string) => known.find((info) => info.name === name);
  const openAt = providers.findIndex(({ name }) => name === openName);
  const open = providers[openAt];
  const add = (name: string) => {
    set({ enabled: true, providers: [...providers, { name, clientId: "", clientSecret: "" }] });
    setChoosing(false);
    setOpenName(name);
  };
  return (
    <Section title={say.oauth2} lead={say.oauth2Lead}>
      <SwitchField label={say.isOn} isOn={oauth2.enabled} onChange={(enabled) => set({ enabled })} />
      {providers.length === 0 && oauth2.enabled && <p className="text-sm text-ink-soft">{say.noProviders}</p>}
      {providers.length > 0 && (
        <ul className="flex flex-col gap-2">
          {providers.map((provider, at) => (
            <ProviderRow
              key={provider.name}
              provider={provider}
              info={infoOf(provider.name)}
              hasErrors={Object.keys(editor.errorsOf(`oauth2.providers.${at}`)).length > 0}
              isFirst={at === 0}
              onEdit={() => setOpenName(provider.name)}
              onUp={() => set({ providers: providers.toSpliced(at, 1).toSpliced(at - 1, 0, provider) })}
              onRemove={() => set({ providers: providers.toSpliced(at, 1) })}
            />
          ))}
        </ul>
      )}
      <div>
        <Button icon={Plus} onClick={() => setChoosing(true)}>
          {say.addProvider}
        </Button>
      </div>
      {oauth2.enabled && (
        <Mapping editor={editor} value={oauth2.mappedFields} onChange={(mappedFields) => set({ mappedFields })} />
      )}
      <Dialog isOpen={isChoosing} title={say.addProvider} isWide onClose={() => setChoosing(false)}>
        <ProviderChoice known={known} taken={providers.map(({ name }) => name)} onChoose={add} />
      </Dialog>
      {open && (
        <ProviderDialog
          provider={open}
          info={infoOf(open.name)}
          isStored={editor.draft.stored?.oauth2?.providers.some(({ name }) => name === open.name) === true}
          errors={editor.errorsOf(`oauth2.providers.${openAt}`)}
          onChange={(provider) => set({ providers: providers.with(openAt, provider) })}
          onClose={() => setOpenName(undefined)}
        />
      )}
    </Section>
  );
}

type ProviderRowProps = {
  provider: OAuth2Provider;
  info: ProviderInfo | undefined;
  hasErrors: boolean;
  isFirst: boolean;
  onEdit: () => void;
  onUp: () => void;
  onRemove: () => void;
};

function ProviderRow({ provider, info, hasErrors, isFirst, onEdit, onUp, onRemove }: ProviderRowProps) {
  const say = words().authOptions;
  const name = provider.displayName || info?.displayName || provider.name;
  return (
    <li className="flex items-center gap-2 rounded-xl border border-line bg-raised py-1 pr-1.5 pl-4">
      <Logo svg={info?.logo} />
      <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
      {hasErrors && <CircleAlert className="size-4 text-danger" aria-label={words().schema.hasErrors} />}
      {!isFirst && <IconButton label={say.moveUp(name)} icon={ArrowUp} onClick={onUp} />}
      <IconButton label={say.editProvider(name)} icon={Settings2} onClick={onEdit} />
      <IconButton label={say.removeProvider(name)} icon={Trash2} onClick={onRemove} />
    </li>
  );
}

/** Drawn as a mask in the colour of the text, so it shows in both themes, and nothing inside it can run. */
function Logo({ svg }: { svg: string | undefined }) {
  if (!svg) return null;
  const image = `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
  return (
    <span
      aria-hidden
      className="size-5 shrink-0 bg-ink-soft"
      style={{ maskImage: image, maskSize: "contain", maskRepeat: "no-repeat", maskPosition: "center" }}
    />
  );
}

type ProviderChoiceProps = { known: ProviderInfo[]; taken: string[]; onChoose: (name: string) => void };

function ProviderChoice({ known, taken, onChoose }: ProviderChoiceProps) {
  const [wanted, setWanted] = useState("");
  const word = wanted.trim().toLowerCase();
  const found = known.filter(
    ({ name, displayName }) => !taken.includes(name) && `${name} ${displayName}`.toLowerCase().includes(word),
  );
  return (
    <div className="flex flex-col gap-3">
      <SearchInput label={words().authOptions.findProvider} value={wanted} onChange={setWanted} />
      <ul className="grid grid-cols-2 gap-1 sm:grid-cols-3">
        {found.map(({ name, displayName, logo }) => (
          <li key={name}>
            <button
              type="button"
              onClick={() => onChoose(name)}
              className="flex w-full items-center gap-2.5 rounded-lg px-2.5 py-2 text-left text-sm hover:bg-moss-wash"
            >
              <Logo svg={logo} />
              <span className="min-w-0 truncate">{displayName}</span>
              {name !== displayName.toLowerCase() && <span className="truncate text-xs text-ink-soft">{name}</span>}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const MAPPED = ["name", "username", "avatarURL", "id"] as const;

type MappingProps = { editor: Editor; value: MappedFields; onChange: (value: MappedFields) => void };

function Mapping({ editor, value, onChange }: MappingProps) {
  const say = words().authOptions;
  const own = keptFields(editor.draft).map(({ field }) => field);
  const targets = own.filter(
    ({ system, type }) => !system && ["text", "editor", "url", "file", "email"].includes(type),
  );
  return (
    <fieldset className="flex flex-col gap-3 border-t border-line pt-4">
      <legend className="float-left text-sm font-medium">{say.mapped}</legend>
      <p className="text-sm text-ink-soft">{say.mappedLead}</p>
      <div className="grid gap-3 sm:grid-cols-2">
        {MAPPED.map((name) => (
          <SelectField
            key={name}
            label={say.mappedNames[name]}
            value={value[name]}
            error={editor.errorsOf(`oauth2.mappedFields.${name}`)[""]}
            options={[
              { value: "", label: say.notTaken },
              ...targets
                .filter(({ type }) => type !== "file" || name === "avatarURL")
                .map((field) => ({ value: field.name, label: field.name })),
            ]}
            onChange={(field) => onChange({ ...value, [name]: field })}
          />
        ))}
      </div>
    </fieldset>
  );
}
