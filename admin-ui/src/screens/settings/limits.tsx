/** How much a client may ask for: requests in a time, and requests in one batch. */

import { Plus, Trash2 } from "lucide-react";
import type { RateLimitRule } from "#api/settings.ts";
import { classNames } from "#lib/class-names.ts";
import { problemAt } from "#lib/problem-at.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { INPUT_LOOK, inputBorder } from "#ui/field-frame.tsx";
import { LinesField } from "#ui/lines-field.tsx";
import { Notice } from "#ui/notice.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { Section } from "#ui/page.tsx";
import { ScrollRegion } from "#ui/scroll-region.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";
import type { SettingsDraft } from "./use-settings-draft.ts";

export function LimitSettings({ draft }: { draft: SettingsDraft }) {
  const texts = words().settings.limits;
  const { rateLimits, batch } = draft.value;
  return (
    <div className="flex flex-col gap-5">
      <Section title={texts.rates} lead={texts.ratesLead}>
        {!rateLimits.enabled && <Notice>{texts.off}</Notice>}
        <SwitchField
          label={texts.enable}
          isOn={rateLimits.enabled}
          onChange={(enabled) => draft.change("rateLimits", { enabled })}
        />
        <Rules draft={draft} />
        <LinesField
          label={texts.excluded}
          hint={texts.excludedHint}
          value={rateLimits.excludedIPs}
          error={problemAt(draft.problems, "rateLimits.excludedIPs")}
          onChange={(excludedIPs) => draft.change("rateLimits", { excludedIPs })}
        />
      </Section>
      <Section title={texts.batch} lead={texts.batchLead}>
        <SwitchField
          label={texts.batchEnable}
          isOn={batch.enabled}
          onChange={(enabled) => draft.change("batch", { enabled })}
        />
        {batch.enabled && (
          <div className="grid gap-4 sm:grid-cols-3">
            <NumberField
              isWhole
              label={texts.batchRequests}
              value={batch.maxRequests}
              error={draft.problems["batch.maxRequests"]}
              onChange={(maxRequests) => draft.change("batch", { maxRequests: maxRequests ?? 0 })}
            />
            <NumberField
              isWhole
              label={texts.batchTime}
              unit={texts.seconds}
              value={batch.timeout}
              error={draft.problems["batch.timeout"]}
              onChange={(timeout) => draft.change("batch", { timeout: timeout ?? 0 })}
            />
            <NumberField
              isWhole
              label={texts.batchSize}
              hint={texts.batchSizeHint}
              unit={texts.bytes}
              value={batch.maxBodySize}
              error={draft.problems["batch.maxBodySize"]}
              onChange={(maxBodySize) => draft.change("batch", { maxBodySize: maxBodySize ?? 0 })}
            />
          </div>
        )}
      </Section>
    </div>
  );
}

function Rules({ draft }: { draft: SettingsDraft }) {
  const texts = words().settings.limits;
  const { rules } = draft.value.rateLimits;
  const set = (changed: RateLimitRule[]) => draft.change("rateLimits", { rules: changed });
  const change = (index: number, part: Partial<RateLimitRule>) =>
    set(rules.map((rule, at) => (at === index ? { ...rule, ...part } : rule)));
  return (
    <div className="flex flex-col gap-3">
      <ScrollRegion label={texts.rates}>
        <table className="w-full min-w-140 border-collapse text-sm">
          <thead>
            <tr className="text-left text-ink-soft">
              <th className="py-1 pr-2 font-medium">{texts.label}</th>
              <th className="py-1 pr-2 font-medium">{texts.requests}</th>
              <th className="py-1 pr-2 font-medium">{texts.inSeconds}</th>
              <th className="py-1 pr-2 font-medium">{texts.audience}</th>
              <th className="w-9">
                <span className="sr-only">{words().common.remove}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rules.map((rule, index) => (
              <RuleRow
                // biome-ignore lint/suspicious/noArrayIndexKey: rules have no identity but their place
                key={index}
                rule={rule}
                problem={problemAt(draft.problems, `rateLimits.rules.${index}`)}
                onChange={(part) => change(index, part)}
                onRemove={() => set(rules.filter((_, at) => at !== index))}
              />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {draft.problems["rateLimits.rules"] && <Notice tone="danger">{draft.problems["rateLimits.rules"]}</Notice>}
      <p className="text-sm text-ink-soft">{texts.labelHint}</p>
      <div>
        <Button
          icon={Plus}
          onClick={() => set([...rules, { label: "", audience: "", duration: 10, maxRequests: 100 }])}
        >
          {texts.addRule}
        </Button>
      </div>
    </div>
  );
}

type RuleRowProps = {
  rule: RateLimitRule;
  problem: string | undefined;
  onChange: (part: Partial<RateLimitRule>) => void;
  onRemove: () => void;
};

function RuleRow({ rule, problem, onChange, onRemove }: RuleRowProps) {
  const texts = words().settings.limits;
  const look = classNames(INPUT_LOOK, "h-9", inputBorder(problem));
  return (
    <>
      <tr>
        <td className="py-1 pr-2">
          <input
            aria-label={texts.label}
            aria-invalid={problem ? true : undefined}
            value={rule.label}
            spellCheck={false}
            onChange={(event) => onChange({ label: event.target.value })}
            className={classNames(look, "font-mono text-[13px]")}
          />
        </td>
        <td className="w-28 py-1 pr-2">
          <input
            aria-label={texts.requests}
            type="number"
            min={1}
            value={rule.maxRequests}
            onChange={(event) => onChange({ maxRequests: event.target.valueAsNumber || 0 })}
            className={look}
          />
        </td>
        <td className="w-28 py-1 pr-2">
          <input
            aria-label={texts.inSeconds}
            type="number"
            min={1}
            value={rule.duration}
            onChange={(event) => onChange({ duration: event.target.valueAsNumber || 0 })}
            className={look}
          />
        </td>
        <td className="w-44 py-1 pr-2">
          <select
            aria-label={texts.audience}
            value={rule.audience}
            onChange={(event) => onChange({ audience: event.target.value })}
            className={look}
          >
            <option value="">{texts.everybody}</option>
            <option value="@guest">{texts.guests}</option>
            <option value="@auth">{texts.signedIn}</option>
          </select>
        </td>
        <td className="py-1">
          <IconButton label={words().common.remove} icon={Trash2} onClick={onRemove} />
        </td>
      </tr>
      {problem && (
        <tr>
          <td colSpan={5} className="pb-2 text-danger">
            {problem}
          </td>
        </tr>
      )}
    </>
  );
}
