/** Who is signed in, how the dashboard looks and speaks to them, and the way out. */

import { ChevronsUpDown, LogOut } from "lucide-react";
import { useState } from "react";
import { signedInEmail } from "#api/session.ts";
import { chooseTheme, currentTheme, THEMES, type Theme } from "#lib/theme.ts";
import { Menu, MenuChoices, MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { chooseLanguage, currentLanguage, LANGUAGES, type Language, words } from "#words/words.ts";
import { requestSignOut } from "./sign-out.tsx";

export function AccountBar() {
  const email = signedInEmail();
  return (
    <div className="border-t border-line p-2">
      <Menu trigger={<AccountButton email={email} />} align="start" side="top">
        <AccountMenu />
      </Menu>
    </div>
  );
}

function AccountButton({ email, ...rest }: { email: string }) {
  return (
    <button
      type="button"
      className="flex w-full items-center gap-2 rounded-lg px-2 py-1.5 text-left hover:bg-line/50"
      {...rest}
    >
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm font-medium" title={email}>
          {email}
        </span>
        <span className="block text-xs text-ink-soft">{words().app.fullAccess}</span>
      </span>
      <ChevronsUpDown className="size-4 shrink-0 text-ink-soft" aria-hidden />
    </button>
  );
}

function AccountMenu() {
  const [theme, setTheme] = useState(currentTheme);
  const app = words().app;
  const change = (chosen: Theme) => {
    chooseTheme(chosen);
    setTheme(chosen);
  };
  return (
    <>
      <MenuChoices
        label={app.theme}
        value={theme}
        choices={THEMES.map((value) => ({ value, label: app.themes[value] }))}
        onChange={change}
      />
      <MenuSeparator />
      <MenuChoices<Language>
        label={app.language}
        value={currentLanguage()}
        choices={languageChoices()}
        onChange={chooseLanguage}
      />
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={requestSignOut}>
        {app.signOut}
      </MenuItem>
    </>
  );
}

function languageChoices(): { value: Language; label: string }[] {
  return [
    { value: "en", label: LANGUAGES.en },
    { value: "de", label: LANGUAGES.de },
    { value: "es", label: LANGUAGES.es },
  ];
}
