/** Which collection the address is about, and which ones were looked at lately, in this browser. */

import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";

const STORAGE_KEY = "steading_recent_collections";
const MAX_REMEMBERED = 12;

/** `/collections/orders`, `/collections/orders/api` and `/schema/orders` are about `orders`. */
export function collectionAt(pathname: string): string | undefined {
  const [, name] = /^\/(?:collections|schema)\/([^/]+)/.exec(pathname) ?? [];
  try {
    return name && decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** The latest first. */
export function recentCollections(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

export function useRememberCollection(): void {
  const name = collectionAt(useLocation().pathname);
  useEffect(() => {
    if (name === undefined) return;
    const next = [name, ...recentCollections().filter((other) => other !== name)].slice(0, MAX_REMEMBERED);
    localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
  }, [name]);
}

/** Those looked at lately first, the others as they were. */
export function recentFirst<One extends { name: string }>(
  collections: readonly One[],
  recent: readonly string[],
): One[] {
  const isRecent = new Set(recent);
  const first = recent.flatMap((name) => collections.find((collection) => collection.name === name) ?? []);
  return [...first, ...collections.filter(({ name }) => !isRecent.has(name))];
}
