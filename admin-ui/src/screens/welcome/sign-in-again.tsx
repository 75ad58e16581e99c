/**
 * Signing in again over the screens, which stay as they are. It is the browser's own modal dialog, because another dialog
 * or panel may be open below, which must neither close nor take the focus back.
 */

import { type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { awaitedEmail, signOut } from "#api/session.ts";
import { hasUnsavedWork } from "#lib/unsaved-work.ts";
import { Button } from "#ui/button.tsx";
import type { CardPageProps } from "#ui/card-page.tsx";
import { UnsavedQuestion } from "#ui/unsaved-dialog.tsx";
import { words } from "#words/words.ts";
import { SignInSteps } from "./sign-in-steps.tsx";

export function SignInAgain() {
  const { welcome, common, app } = words();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isLeaving, setLeaving] = useState(false);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLInputElement>("input[type=password]")?.focus();
    // Gives the focus back.
    return () => element?.close();
  }, []);
  // There is no way around it, and the keys of the screens below wait too.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") event.preventDefault();
    event.stopPropagation();
  };
  const leave = () => (hasUnsavedWork() ? setLeaving(true) : signOut());
  return createPortal(
    <dialog
      ref={dialog}
      aria-label={isLeaving ? common.unsavedTitle : welcome.signInEnded}
      onKeyDown={onKeyDown}
      onCancel={(event) => event.preventDefault()}
      onClose={({ currentTarget }) => currentTarget.isConnected && currentTarget.showModal()}
      className="m-auto w-[calc(100vw-2rem)] max-w-md rounded-2xl border border-line bg-surface p-5 text-ink shadow-2xl backdrop:bg-black/40 dark:backdrop:bg-black/60"
    >
      {isLeaving ? (
        <Frame title={common.unsavedTitle}>
          <UnsavedQuestion onLeave={signOut} onStay={() => setLeaving(false)} />
        </Frame>
      ) : (
        <>
          <SignInSteps
            frame={Frame}
            title={welcome.signInEnded}
            lead={welcome.signInEndedLead}
            email={awaitedEmail()}
            onDone={() => undefined}
          />
          <Button look="quiet" className="mt-1 w-full" onClick={leave}>
            {app.signOut}
          </Button>
        </>
      )}
    </dialog>,
    document.body,
  );
}

function Frame({ title, lead, children }: CardPageProps) {
  return (
    <section>
      <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
      {lead && <p className="mt-1.5 text-ink-soft">{lead}</p>}
      <div className="mt-4">{children}</div>
    </section>
  );
}
