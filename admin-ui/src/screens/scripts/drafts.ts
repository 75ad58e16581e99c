/** What was typed into files and is not saved yet. It lives as long as the screen, whichever file is open. */

import { useMemo, useState } from "react";

/** `hash` is that of the text that is being changed. A file that is gone by now has none. */
type Draft = { text: string; hash: string | undefined };

export type Drafts = {
  of: (name: string) => Draft | undefined;
  names: readonly string[];
  put: (name: string, draft: Draft) => void;
  drop: (name: string) => void;
  /** The file has another name now. */
  move: (from: string, to: string) => void;
  /** `text` is stored. What was typed since then is a change of that. */
  saved: (name: string, text: string, hash: string) => void;
};

export function useDrafts(): Drafts {
  const [drafts, setDrafts] = useState<ReadonlyMap<string, Draft>>(new Map());
  return useMemo(
    () => ({
      of: (name) => drafts.get(name),
      names: [...drafts.keys()],
      put: (name, draft) => setDrafts((all) => new Map(all).set(name, draft)),
      drop: (name) => setDrafts((all) => new Map([...all].filter(([one]) => one !== name))),
      move: (from, to) => setDrafts((all) => new Map([...all].map(([one, draft]) => [one === from ? to : one, draft]))),
      saved: (name, text, hash) =>
        setDrafts((all) => {
          const now = all.get(name);
          if (now && now.text !== text) return new Map(all).set(name, { text: now.text, hash });
          return new Map([...all].filter(([one]) => one !== name));
        }),
    }),
    [drafts],
  );
}
