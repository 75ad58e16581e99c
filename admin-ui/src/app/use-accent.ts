/** Draws the page in the owner's colour. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { settingsQuery } from "#api/settings.ts";

export function useAccent(): void {
  const { data: colour } = useQuery({ ...settingsQuery(), select: ({ meta }) => meta.accentColor });
  useEffect(() => {
    if (colour === undefined) return;
    // Without the file, the page keeps the colours it has.
    import("#lib/accent/choose.ts").then(({ chooseAccent }) => chooseAccent(colour)).catch(() => undefined);
  }, [colour]);
}
