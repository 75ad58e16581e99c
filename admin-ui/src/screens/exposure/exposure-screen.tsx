/** What can a stranger read? Each collection, and what a chosen kind of caller may do with it. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { type ExposedCollection, type Exposure, exposureQuery } from "#api/exposure.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { CheckField } from "#ui/switch-field.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { CollectionAccess } from "./collection-access.tsx";

export function ExposureScreen() {
  const texts = words().exposure;
  const exposure = useQuery(exposureQuery());
  return (
    <Page title={texts.title} lead={texts.lead}>
      {exposure.isPending && <Loading />}
      {exposure.error && <Notice tone="danger">{explain(exposure.error).message}</Notice>}
      {exposure.data && <Report exposure={exposure.data} />}
    </Page>
  );
}

function Report({ exposure }: { exposure: Exposure }) {
  const texts = words().exposure;
  const [caller, setCaller] = useState("guest");
  const [isBuiltInShown, setBuiltInShown] = useState(false);
  const shown = exposure.collections.filter(({ system }) => isBuiltInShown || !system);
  return (
    <>
      {exposure.signUp.length > 0 && <Notice>{texts.signUp(exposure.signUp.join(", "))}</Notice>}
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        <div className="w-full sm:w-72">
          <SelectField
            label={texts.caller}
            value={caller}
            options={exposure.callers.map(({ key, collection }) => ({
              value: key,
              label: collection === null ? texts.guest : texts.signedIn(collection),
            }))}
            onChange={setCaller}
          />
        </div>
        <div className="pb-2">
          <CheckField label={texts.onlyOwn} isChecked={isBuiltInShown} onChange={setBuiltInShown} />
        </div>
      </div>
      <ul className="flex flex-col gap-4">
        {[...shown].sort(byWeight).map((collection) => (
          <li key={collection.id}>
            <CollectionAccess collection={collection} caller={caller} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** What needs attention comes first. */
function byWeight(one: ExposedCollection, other: ExposedCollection): number {
  return weight(other) - weight(one) || one.name.localeCompare(other.name);
}

function weight({ warnings }: ExposedCollection): number {
  if (warnings.some(({ severity }) => severity === "high")) return 2;
  return warnings.some(({ severity }) => severity === "medium") ? 1 : 0;
}
