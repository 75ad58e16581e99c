/** The search box. What is typed goes into the address after a short pause, or immediately with Enter. */

import { type ReactNode, useEffect, useState } from "react";
import type { PastSearch } from "#lib/past-searches.ts";
import { SearchWithHistory } from "#ui/search-with-history.tsx";
import type { PastSearches } from "#ui/use-past-searches.ts";
import { words } from "#words/words.ts";

const PAUSE_MS = 300;

type SearchBoxProps = {
  committed: string;
  onCommit: (typed: string) => void;
  past: PastSearches;
  /** An earlier filter of the filter panel was chosen. */
  onFilter: (where: string) => void;
  /** A filter of the filter panel, in words. */
  showFilter: (where: string) => ReactNode;
};

export function SearchBox({ committed, onCommit, past, onFilter, showFilter }: SearchBoxProps) {
  // `null` while nothing is being typed: then the address has the word, also after the back button.
  const [typed, setTyped] = useState<string | null>(null);

  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => {
      setTyped(null);
      onCommit(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, onCommit]);

  const put = (text: string) => {
    setTyped(null);
    if (text !== committed) onCommit(text);
  };
  // What is looked for while somebody still types is not worth remembering.
  const done = () => {
    const text = typed ?? committed;
    put(text);
    past.remember({ kind: "typed", text });
  };
  const choose = (search: PastSearch) => {
    past.remember(search);
    if (search.kind === "built") onFilter(search.text);
    else put(search.text);
  };
  return (
    <SearchWithHistory
      label={words().grid.search}
      placeholder={words().grid.searchShort}
      value={typed ?? committed}
      onChange={setTyped}
      past={past}
      onChoose={choose}
      onDone={done}
      show={({ kind, text }) => (kind === "built" ? showFilter(text) : text)}
    />
  );
}
