/** Signing out, which asks first when something is not saved. */

import { useEffect, useState } from "react";
import { signOut } from "#api/session.ts";
import { hasUnsavedWork } from "#lib/unsaved-work.ts";
import { UnsavedDialog } from "#ui/unsaved-dialog.tsx";

let ask: () => void = signOut;

export function requestSignOut(): void {
  if (hasUnsavedWork()) ask();
  else signOut();
}

/** Stands once, around everything. */
export function SignOutQuestion() {
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    ask = () => setAsking(true);
    return () => {
      ask = signOut;
    };
  }, []);
  const leave = () => {
    setAsking(false);
    signOut();
  };
  return <UnsavedDialog isOpen={isAsking} onLeave={leave} onStay={() => setAsking(false)} />;
}
