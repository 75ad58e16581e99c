/** What one kind of caller may do with one collection, and by which rule. */

import type { Access, ExposedAction, ExposedCollection, ExposureWarning } from "#api/exposure.ts";
import { CollectionIcon } from "#fields/collection-icon.tsx";
import { classNames } from "#lib/class-names.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Notice } from "#ui/notice.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";

type CollectionAccessProps = { collection: ExposedCollection; caller: string };

export function CollectionAccess({ collection, caller }: CollectionAccessProps) {
  const texts = words().exposure;
  const { name, type, actions, files, fields, warnings } = collection;
  const hidden = fields.filter(({ visibility }) => visibility === "hidden").map((field) => field.name);
  return (
    <section className="flex flex-col gap-3 rounded-2xl border border-line bg-surface p-5">
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 className="flex min-w-0 items-center gap-2 font-semibold">
          <CollectionIcon type={type} />
          <span className="truncate">{name}</span>
        </h2>
        <TextLink href={asHref(paths.editCollection(name, { tab: "access" }))}>{texts.editRules}</TextLink>
      </header>
      {warnings.map((warning) => (
        <Warning key={`${warning.code} ${warning.message}`} warning={warning} />
      ))}
      <dl className="grid gap-x-4 gap-y-2 text-sm sm:grid-cols-[9rem_minmax(0,1fr)]">
        {actions.map((action) => (
          <Line key={action.action} action={action} caller={caller} />
        ))}
        {files.map(({ field, access }) => (
          <div key={field} className="contents">
            <dt className="text-ink-soft">
              {texts.files}: {field}
            </dt>
            <dd>
              <AccessBadge access={access[caller] ?? "closed"} />
            </dd>
          </div>
        ))}
      </dl>
      {hidden.length > 0 && <p className="text-sm text-ink-soft">{texts.hiddenFields(hidden.join(", "))}</p>}
    </section>
  );
}

function Line({ action, caller }: { action: ExposedAction; caller: string }) {
  const access = action.access[caller] ?? "closed";
  const rule = action.parts?.[caller] ?? action.rule;
  return (
    <div className="contents">
      <dt className="text-ink-soft">{words().exposure.actions[action.action]}</dt>
      <dd className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-1">
        <AccessBadge access={access} />
        {access === "conditional" && rule && <code className="min-w-0 text-[13px] break-words">{rule}</code>}
      </dd>
    </div>
  );
}

const TONES: Record<Access, string> = {
  open: "bg-danger-wash text-danger",
  conditional: "bg-straw-wash text-straw",
  link: "bg-straw-wash text-straw",
  closed: "bg-sunken text-ink-soft",
};

function AccessBadge({ access }: { access: Access }) {
  const texts = words().exposure;
  return (
    <span
      title={texts.accessLong[access]}
      className={classNames("inline-block rounded-md px-1.5 text-[13px] leading-6", TONES[access])}
    >
      {texts.access[access]}
    </span>
  );
}

function Warning({ warning: { severity, message } }: { warning: ExposureWarning }) {
  return (
    <Notice tone={severity === "high" ? "danger" : "plain"}>
      <strong className="font-medium">{words().exposure.severity[severity]}:</strong> {message}
    </Notice>
  );
}
