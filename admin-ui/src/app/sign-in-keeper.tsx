/** Brings the dialog for signing in again over the screens, as long as they wait for that. */

import { lazy, Suspense, useEffect, useSyncExternalStore } from "react";
import { isSignInOver, watchSession } from "#api/session.ts";

const load = () => import("#screens/welcome/sign-in-again.tsx");
const SignInAgain = lazy(() => load().then((module) => ({ default: module.SignInAgain })));
/** Long enough for what the screen itself needs. */
const LOAD_AFTER_MS = 3_000;

export function SignInKeeper() {
  const isOver = useSyncExternalStore(watchSession, isSignInOver);
  useEffect(() => {
    // A server that was replaced meanwhile may not have this part any more.
    const timer = setTimeout(() => load().catch(() => undefined), LOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isOver) return null;
  return (
    <Suspense fallback={null}>
      <SignInAgain />
    </Suspense>
  );
}
