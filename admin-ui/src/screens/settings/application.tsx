/** What the application is called, where it is reached, and what the dashboard offers. */

import { Section } from "#ui/page.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { AccentField } from "./accent-field.tsx";
import type { SettingsDraft } from "./use-settings-draft.ts";

export function ApplicationSettings({ draft }: { draft: SettingsDraft }) {
  const texts = words().settings.application;
  const { meta, openapi, mailLinks } = draft.value;
  return (
    <div className="flex flex-col gap-5">
      <Section title={texts.identity}>
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          value={meta.appName}
          error={draft.problems["meta.appName"]}
          onChange={(event) => draft.change("meta", { appName: event.target.value })}
        />
        <TextField
          label={texts.address}
          hint={texts.addressHint}
          type="url"
          value={meta.appURL}
          error={draft.problems["meta.appURL"]}
          onChange={(event) => draft.change("meta", { appURL: event.target.value })}
        />
        <TextField
          label={texts.linkAddress}
          hint={texts.linkAddressHint}
          type="url"
          value={mailLinks?.baseURL ?? ""}
          error={draft.problems["mailLinks.baseURL"]}
          onChange={(event) => draft.change("mailLinks", { baseURL: event.target.value })}
        />
      </Section>
      <Section title={texts.dashboard}>
        <AccentField
          value={meta.accentColor}
          error={draft.problems["meta.accentColor"]}
          onChange={(accentColor) => draft.change("meta", { accentColor })}
        />
        <SwitchField
          label={texts.hideControls}
          hint={texts.hideControlsHint}
          isOn={meta.hideControls}
          onChange={(hideControls) => draft.change("meta", { hideControls })}
        />
        <SwitchField
          label={texts.openapi}
          hint={texts.openapiHint}
          isOn={openapi?.public ?? false}
          onChange={(isPublic) => draft.change("openapi", { public: isPublic })}
        />
      </Section>
    </div>
  );
}
