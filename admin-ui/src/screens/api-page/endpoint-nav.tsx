/** The list of endpoints, in groups. On a phone it is a choice above the page. */

import { useNavigate } from "@tanstack/react-router";
import type { Collection } from "#api/types.ts";
import { classNames } from "#lib/class-names.ts";
import { asHref, paths } from "#lib/paths.ts";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { Endpoint, EndpointId } from "./endpoints.ts";

type PageId = EndpointId | "types";

const SIGN_IN = new Set<EndpointId>(["authMethods", "password", "oauth2", "otp", "mfa", "refresh"]);
const ACCOUNT = new Set<EndpointId>(["verification", "passwordReset", "emailChange", "impersonate"]);

type EndpointNavProps = { collection: Collection; endpoints: Endpoint[]; current: PageId };

export function EndpointNav({ collection, endpoints, current }: EndpointNavProps) {
  const { apiPage } = words();
  const navigate = useNavigate();
  const ids = endpoints.map(({ id }) => id);
  const groups: { title: string; pages: PageId[] }[] = [
    { title: apiPage.groups.records, pages: ids.filter((id) => !SIGN_IN.has(id) && !ACCOUNT.has(id)) },
    { title: apiPage.groups.signIn, pages: ids.filter((id) => SIGN_IN.has(id)) },
    { title: apiPage.groups.account, pages: ids.filter((id) => ACCOUNT.has(id)) },
    { title: apiPage.groups.more, pages: ["types"] },
  ];
  const all = groups.flatMap(({ pages }) => pages);
  return (
    <>
      <nav
        aria-label={apiPage.endpoints}
        className="hidden w-60 shrink-0 overflow-y-auto border-r border-line px-3 py-4 lg:block"
      >
        {groups
          .filter(({ pages }) => pages.length > 0)
          .map(({ title, pages }) => (
            <section key={title} className="mb-4">
              <h2 className="px-2 pb-1 text-xs font-medium text-ink-soft">{title}</h2>
              <ul>
                {pages.map((page) => (
                  <li key={page}>
                    <a
                      href={asHref(paths.api(collection.name, page))}
                      aria-current={page === current ? "page" : undefined}
                      className={classNames(
                        "block rounded-lg px-2 py-1.5 text-sm",
                        page === current
                          ? "bg-moss-wash font-medium text-moss-strong"
                          : "text-ink-soft hover:bg-line/50 hover:text-ink",
                      )}
                    >
                      {apiPage.names[page]}
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          ))}
      </nav>
      <div className="px-4 pt-4 sm:px-8 lg:hidden">
        <SelectField
          label={apiPage.endpoints}
          value={current}
          options={all.map((page) => ({ value: page, label: apiPage.names[page] }))}
          onChange={(page) => navigate({ href: paths.api(collection.name, page) })}
        />
      </div>
    </>
  );
}
