/** Where the pop-up of a "sign in with …" button ends. The app that opened it goes on by itself. */

import { useEffect } from "react";
import { CardPage } from "#ui/card-page.tsx";
import { words } from "#words/words.ts";

export function OAuth2SuccessScreen() {
  useCloseWindow();
  return <CardPage title={words().mailLinks.signedInTitle} lead={words().mailLinks.signedInLead} />;
}

export function OAuth2FailureScreen() {
  useCloseWindow();
  return <CardPage title={words().mailLinks.failedTitle} lead={words().mailLinks.failedLead} />;
}

/** Browsers allow this only for windows that a page has opened, which is the case here. */
function useCloseWindow() {
  useEffect(() => {
    window.close();
  }, []);
}
