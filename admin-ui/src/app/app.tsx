/** The whole dashboard: its cache, its router, and what happens when the sign-in ends. */

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { watchActivity } from "#api/live-query.ts";
import { onSignedOut, renewSession } from "#api/session.ts";
import { Toasts } from "#ui/toast.tsx";
import { followLinks } from "./follow-links.ts";
import { createQueryClient } from "./query-client.ts";
import { createAppRouter } from "./routes.tsx";

const queryClient = createQueryClient();
const router = createAppRouter();

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

export function App() {
  useEffect(() => {
    // A refusal ends the sign-in, which onSignedOut notices; with the server away, the screens will say so.
    renewSession().catch(() => undefined);
    const stopFollowing = followLinks(router.history);
    const stopNoticing = watchActivity(queryClient);
    const stopWatching = onSignedOut(() => {
      queryClient.clear();
      // The gate in front of the inner routes looks again, and leads to the sign-in page.
      router.invalidate();
    });
    return () => {
      stopFollowing();
      stopNoticing();
      stopWatching();
    };
  }, []);
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  );
}
