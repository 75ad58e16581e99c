import type { QueryClient } from "@tanstack/react-query";
import type { LucideIcon } from "lucide-react";

/** Something that the search of everything offers. */
export type Command = {
  key: string;
  label: string;
  /** Other words for it. */
  terms?: string;
  /** What it holds, where the label does not say why it is here. */
  note?: string;
  /** What kind of thing it is, in a word. */
  detail?: string;
  icon?: LucideIcon;
  path?: string;
  act?: (cache: QueryClient) => void;
  /** One of many of its kind: only shown when it is searched for, after the others, and not all of them. */
  isMinor?: boolean;
};
