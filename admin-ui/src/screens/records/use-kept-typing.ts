/** What stands in an open cell is kept when the screen is left, as by the back button. */

import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { finishOpenEditors } from "#fields/open-editors.ts";

export function useKeptTyping(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onBeforeNavigate", ({ pathChanged }) => {
        if (pathChanged) finishOpenEditors();
      }),
    [router],
  );
}
