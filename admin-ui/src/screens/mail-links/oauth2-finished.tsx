/** Where the pop-up of a "sign in with …" button ends. The app that opened it goes on by itself. */

import { useEffect } from "react";
import { CardPage } from "#ui/card-page.tsx";

export function OAuth2SuccessScreen() {
  useCloseWindow();
  return (
    <CardPage title="You are signed in" lead="This window closes by itself. If it stays open, you can close it." />
  );
}

export function OAuth2FailureScreen() {
  useCloseWindow();
  return (
    <CardPage
      title="Signing in did not work"
      lead="Please close this window and try again from the app. If it keeps failing, tell whoever runs the app."
    />
  );
}

/** Browsers allow this only for windows that a page has opened, which is the case here. */
function useCloseWindow() {
  useEffect(() => {
    window.close();
  }, []);
}
