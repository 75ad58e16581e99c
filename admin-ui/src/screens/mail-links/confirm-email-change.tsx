/** The link in a "confirm your new address" mail. The password proves that it is the same person. */

import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { explain } from "#api/errors.ts";
import { confirmEmailChange } from "#api/links.ts";
import { readToken } from "#lib/token.ts";
import { CardPage } from "#ui/card-page.tsx";
import { Form } from "#ui/form.tsx";
import { Notice } from "#ui/notice.tsx";
import { PasswordField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { linkProblem } from "./link-problem.ts";

const route = getRouteApi("/auth/confirm-email-change/$token");

export function ConfirmEmailChangeScreen() {
  const { token } = route.useParams();
  const form = useForm({ defaultValues: { password: "" } });
  const sending = useMutation({ mutationFn: (password: string) => confirmEmailChange(token, password) });
  const problem = sending.error ? explain(sending.error) : null;
  const newEmail = readToken(token)?.newEmail ?? words().mailLinks.newAddress;
  if (sending.isSuccess) {
    return (
      <CardPage title={words().mailLinks.changedTitle}>
        <Notice tone="good">{words().mailLinks.changed(newEmail)}</Notice>
      </CardPage>
    );
  }
  return (
    <CardPage title={words().mailLinks.changeTitle} lead={words().mailLinks.changeLead(newEmail)}>
      <Form
        submitLabel={words().mailLinks.changeIt}
        isSending={sending.isPending}
        error={problem && !problem.fields.password ? linkProblem(problem) : undefined}
        onSubmit={form.handleSubmit(({ password }) => sending.mutate(password))}
      >
        <PasswordField
          label={words().common.password}
          autoComplete="current-password"
          error={form.formState.errors.password?.message ?? problem?.fields.password}
          {...form.register("password", { required: words().common.enterPassword })}
        />
      </Form>
    </CardPage>
  );
}
