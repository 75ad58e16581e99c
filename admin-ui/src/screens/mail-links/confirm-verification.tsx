/** The link in a "please confirm your address" mail. Opening it is the confirmation. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { explain } from "#api/errors.ts";
import { confirmVerification } from "#api/links.ts";
import { CardPage } from "#ui/card-page.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";
import { linkProblem } from "./link-problem.ts";

const route = getRouteApi("/auth/confirm-verification/$token");

export function ConfirmVerificationScreen() {
  const { token } = route.useParams();
  // A query rather than a mutation: confirming twice does no harm, and it starts by itself exactly once.
  const confirming = useQuery({
    queryKey: ["confirm-verification", token],
    queryFn: () => confirmVerification(token).then(() => true),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <CardPage title={words().mailLinks.confirmTitle}>
      {confirming.isPending && <Loading label={words().mailLinks.confirming} />}
      {confirming.isSuccess && <Notice tone="good">{words().mailLinks.confirmed}</Notice>}
      {confirming.error && <Notice tone="danger">{linkProblem(explain(confirming.error))}</Notice>}
    </CardPage>
  );
}
