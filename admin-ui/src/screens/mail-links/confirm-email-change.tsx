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
import { linkProblem } from "./link-problem.ts";

const route = getRouteApi("/auth/confirm-email-change/$token");

export function ConfirmEmailChangeScreen() {
  const { token } = route.useParams();
  const form = useForm({ defaultValues: { password: "" } });
  const sending = useMutation({ mutationFn: (password: string) => confirmEmailChange(token, password) });
  const problem = sending.error ? explain(sending.error) : null;
  const newEmail = readToken(token)?.newEmail ?? "your new address";
  if (sending.isSuccess) {
    return (
      <CardPage title="Your address is changed">
        <Notice tone="good">From now on, sign in with {newEmail}. You can close this page.</Notice>
      </CardPage>
    );
  }
  return (
    <CardPage title="Change your email address" lead={`Type your password to move your account to ${newEmail}.`}>
      <Form
        submitLabel="Change address"
        isSending={sending.isPending}
        error={problem && !problem.fields.password ? linkProblem(problem) : undefined}
        onSubmit={form.handleSubmit(({ password }) => sending.mutate(password))}
      >
        <PasswordField
          label="Password"
          autoComplete="current-password"
          error={form.formState.errors.password?.message ?? problem?.fields.password}
          {...form.register("password", { required: "Please enter your password." })}
        />
      </Form>
    </CardPage>
  );
}
