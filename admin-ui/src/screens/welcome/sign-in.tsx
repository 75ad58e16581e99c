/** The page for signing in to the dashboard. */

import { getRouteApi } from "@tanstack/react-router";
import { isInsidePath, paths } from "#lib/paths.ts";
import { CardPage } from "#ui/card-page.tsx";
import { words } from "#words/words.ts";
import { SignInSteps } from "./sign-in-steps.tsx";

const route = getRouteApi("/sign-in");

export function SignInScreen() {
  const { next } = route.useSearch();
  const navigate = route.useNavigate();
  const { welcome } = words();
  const enter = () => navigate({ href: isInsidePath(next) ? next : paths.home(), replace: true });
  return <SignInSteps frame={CardPage} title={welcome.signIn} lead={welcome.signInLead} onDone={enter} />;
}
