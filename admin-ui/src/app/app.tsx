/** The whole dashboard: its cache, its router, and what happens when the sign-in ends. */

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { refreshOnReturn } from "#api/live-query.ts";
import { renewSession, watchSession } from "#api/session.ts";
import type { SessionChange } from "#api/session-guard.ts";
import { renewWhileUsed } from "#api/session-renewal.ts";
import { closeToasts, Toasts } from "#ui/toast.tsx";
import { followLinks } from "./follow-links.ts";
import { createQueryClient } from "./query-client.ts";
import { refuseStrayFiles } from "./refuse-stray-files.ts";
import { createAppRouter } from "./routes.tsx";
import { SignInKeeper } from "./sign-in-keeper.tsx";
import { SignOutQuestion } from "./sign-out.tsx";

const queryClient = createQueryClient();
const router = createAppRouter();

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

function onSession(change: SessionChange) {
  if (change === "signed-out") {
    closeToasts();
    queryClient.clear();
    // The gate in front of the inner routes looks again, and leads to the sign-in page.
    router.invalidate();
  }
  // Nothing of the other person stays. The browser asks if something is not saved.
  if (change === "replaced") window.location.reload();
  // Nobody has told what others changed meanwhile.
  if (change === "resumed") queryClient.invalidateQueries({ queryKey: ["records"] });
}

export function App() {
  useEffect(() => {
    // A refusal ends the sign-in, which is noticed below; with the server away, the screens will say so.
    renewSession().catch(() => undefined);
    const stopFollowing = followLinks(router.history);
    const stopRefusing = refuseStrayFiles();
    const stopNoticing = refreshOnReturn(queryClient);
    const stopWatching = watchSession(onSession);
    const stopRenewing = renewWhileUsed();
    return () => {
      stopFollowing();
      stopRefusing();
      stopNoticing();
      stopWatching();
      stopRenewing();
    };
  }, []);
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <SignOutQuestion />
      <SignInKeeper />
      <Toasts />
    </QueryClientProvider>
  );
}
