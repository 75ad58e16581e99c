/** A search box with a magnifier and a way to empty it. */

import { Search, X } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { words } from "#words/words.ts";

export type SearchInputProps = {
  label: string;
  /** Shown while it is empty, where the label is too long for the box; the label is then the tooltip. */
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
  /** More attributes of the input. */
  input?: ComponentProps<"input">;
  /** Below the box, above everything else. */
  children?: ReactNode;
};

export function SearchInput({ label, placeholder, value, onChange, input, children }: SearchInputProps) {
  return (
    <div className="relative">
      <Search className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-ink-soft" aria-hidden />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder ?? label}
        title={placeholder === undefined ? undefined : label}
        value={value}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        {...input}
        className="h-9 w-full rounded-lg border border-line bg-raised px-8.5 text-sm placeholder:text-ink-soft focus-visible:outline-offset-0 [&::-webkit-search-cancel-button]:hidden"
      />
      {value !== "" && (
        <button
          type="button"
          aria-label={words().common.emptySearch}
          onClick={() => onChange("")}
          className="absolute top-0.5 right-0.5 flex size-8 items-center justify-center rounded-md text-ink-soft hover:text-ink"
        >
          <X className="size-4" aria-hidden />
        </button>
      )}
      {children}
    </div>
  );
}
