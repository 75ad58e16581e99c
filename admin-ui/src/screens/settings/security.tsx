/** From where superusers may sign in, and which reverse proxy is believed. */

import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "#api/server.ts";
import { problemAt } from "#lib/problem-at.ts";
import { Button } from "#ui/button.tsx";
import { LinesField } from "#ui/lines-field.tsx";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/page.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";
import type { SettingsDraft } from "./use-settings-draft.ts";

export function SecuritySettings({ draft }: { draft: SettingsDraft }) {
  const texts = words().settings.security;
  const { superuserIPs, trustedProxy } = draft.value;
  const { data: health } = useQuery(healthQuery());
  return (
    <div className="flex flex-col gap-5">
      <Section title={texts.addresses} lead={texts.addressesLead}>
        {health && <p className="text-sm text-ink-soft">{texts.yourAddress(health.realIP)}</p>}
        <LinesField
          label={texts.allowed}
          hint={texts.allowedHint}
          placeholder="203.0.113.0/24"
          value={superuserIPs}
          error={problemAt(draft.problems, "superuserIPs")}
          onChange={(lines) => draft.replace("superuserIPs", lines)}
        />
        {superuserIPs.length > 0 && <Notice>{texts.lockOut}</Notice>}
      </Section>
      <Section title={texts.proxy} lead={texts.proxyLead}>
        {health?.possibleProxyHeader && (
          <Notice tone="danger">
            <p>{texts.proxySeen(health.possibleProxyHeader)}</p>
            <Button
              className="mt-2"
              onClick={() => draft.change("trustedProxy", { headers: [health.possibleProxyHeader] })}
            >
              {texts.trustIt(health.possibleProxyHeader)}
            </Button>
          </Notice>
        )}
        <LinesField
          label={texts.headers}
          hint={texts.headersHint}
          placeholder="X-Forwarded-For"
          value={trustedProxy.headers}
          error={problemAt(draft.problems, "trustedProxy.headers")}
          onChange={(headers) => draft.change("trustedProxy", { headers })}
        />
        <SwitchField
          label={texts.leftmost}
          hint={texts.leftmostHint}
          isOn={trustedProxy.useLeftmostIP}
          onChange={(useLeftmostIP) => draft.change("trustedProxy", { useLeftmostIP })}
        />
      </Section>
    </div>
  );
}
