/** The search box. What is typed goes into the address after a short pause, or immediately with Enter. */

import { useEffect, useState } from "react";
import { SearchInput } from "#ui/search-input.tsx";
import { words } from "#words/words.ts";

const PAUSE_MS = 300;

type SearchBoxProps = { committed: string; onCommit: (typed: string) => void };

export function SearchBox({ committed, onCommit }: SearchBoxProps) {
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

  const commitNow = () => {
    if (typed === null) return;
    setTyped(null);
    onCommit(typed);
  };
  return (
    <SearchInput
      label={words().grid.search}
      placeholder={words().grid.searchShort}
      value={typed ?? committed}
      onChange={setTyped}
      onKeyDown={(event) => event.key === "Enter" && commitNow()}
    />
  );
}
