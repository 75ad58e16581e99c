/** What one kind of caller may do with one collection, and by which rule. */

import type { Access, ExposedAction, ExposedCollection, ExposureWarning } from "#api/exposure.ts";
import { CollectionIcon } from "#fields/collection-icon.tsx";
import { classNames } from "#lib/class-names.ts";
import { asHref, paths } from "#lib/paths.ts";
import { isNeverForGuests } from "#lib/rules/presets.ts";
import { Notice } from "#ui/notice.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";

type CollectionAccessProps = { collection: ExposedCollection; caller: string };

export function CollectionAccess({ collection, caller }: CollectionAccessProps) {
  const texts = words().exposure;
  const { name, type, actions, files, fields, warnings } = collection;
  const isClosed = [...actions, ...files].every(({ access }) => (access[caller] ?? "closed") === "closed");
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
      {isClosed ? (
        <p className="text-sm text-ink-soft">{texts.nothing}</p>
      ) : (
        <dl className="grid gap-x-4 gap-y-2 text-sm sm:grid-cols-[14rem_minmax(0,1fr)]">
          {actions.map((action) => (
            <Line key={action.action} action={action} caller={caller} warnings={warnings} />
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
      )}
      {hidden.length > 0 && <p className="text-sm text-ink-soft">{texts.hiddenFields(hidden.join(", "))}</p>}
    </section>
  );
}

type LineProps = { action: ExposedAction; caller: string; warnings: readonly ExposureWarning[] };

function Line({ action, caller, warnings }: LineProps) {
  const { rules, exposure } = words();
  const access = action.access[caller] ?? "closed";
  const rule = action.parts?.[caller] ?? action.rule;
  const isNever = caller === GUEST && access === "conditional" && rule !== null && isNeverForGuests(rule);
  const isWarned = warnings.some((warning) => {
    return warning.action === action.action && warning.severity !== "info" && (warning.caller ?? caller) === caller;
  });
  return (
    <div className="contents">
      <dt className="text-ink-soft">{rules.names[`${action.action}Rule`]}</dt>
      <dd className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-1">
        {isNever ? (
          <span className={classNames(BADGE, TONES.closed)}>{exposure.neverForGuests}</span>
        ) : (
          <AccessBadge access={access} isWarned={isWarned} />
        )}
        {access === "conditional" && rule && <code className="min-w-0 text-[13px] break-words">{rule}</code>}
      </dd>
    </div>
  );
}

/** The server's key of those who are not signed in. */
const GUEST = "guest";

const BADGE = "inline-block rounded-md px-1.5 text-[13px] leading-6";

/** Without alarm: what is open may be meant so. */
const TONES: Record<Access, string> = {
  open: "bg-moss-wash text-moss-strong",
  conditional: "bg-sky-wash text-sky",
  link: "bg-straw-wash text-straw",
  closed: "bg-sunken text-ink-soft",
};

function AccessBadge({ access, isWarned = false }: { access: Access; isWarned?: boolean }) {
  const texts = words().exposure;
  return (
    <span
      title={texts.accessLong[access]}
      className={classNames(BADGE, isWarned ? "bg-straw-wash text-straw" : TONES[access])}
    >
      {texts.access[access]}
    </span>
  );
}

function Warning({ warning }: { warning: ExposureWarning }) {
  const { code, severity, field } = warning;
  const { severity: names, openFiles } = words().exposure;
  return (
    <Notice tone={severity === "high" ? "danger" : "plain"}>
      <strong className="font-medium">{names[severity]}:</strong>{" "}
      {code === "files_unprotected" && field ? openFiles(field) : warning.message}
    </Notice>
  );
}
