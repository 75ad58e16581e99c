/** The link in a "set a new password" mail. */

import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { explain } from "#api/errors.ts";
import { confirmPasswordReset } from "#api/links.ts";
import { CardPage } from "#ui/card-page.tsx";
import { Form } from "#ui/form.tsx";
import { Notice } from "#ui/notice.tsx";
import { PasswordField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { linkProblem } from "./link-problem.ts";

const route = getRouteApi("/auth/confirm-password-reset/$token");

export function ConfirmPasswordResetScreen() {
  const { token } = route.useParams();
  const form = useForm({ defaultValues: { password: "", repeated: "" } });
  const sending = useMutation({ mutationFn: (password: string) => confirmPasswordReset(token, password) });
  const problem = sending.error ? explain(sending.error) : null;
  const { errors } = form.formState;
  if (sending.isSuccess) {
    return (
      <CardPage title={words().mailLinks.resetDoneTitle}>
        <Notice tone="good">{words().mailLinks.resetDone}</Notice>
      </CardPage>
    );
  }
  return (
    <CardPage title={words().mailLinks.resetTitle}>
      <Form
        submitLabel={words().mailLinks.saveNewPassword}
        isSending={sending.isPending}
        error={problem && !problem.fields.password ? linkProblem(problem) : undefined}
        onSubmit={form.handleSubmit(({ password }) => sending.mutate(password))}
      >
        <PasswordField
          label={words().mailLinks.newPassword}
          autoComplete="new-password"
          hint={words().mailLinks.newPasswordHint}
          error={errors.password?.message ?? problem?.fields.password}
          {...form.register("password", { required: words().common.choosePassword })}
        />
        <PasswordField
          label={words().mailLinks.newPasswordAgain}
          autoComplete="new-password"
          error={errors.repeated?.message}
          {...form.register("repeated", {
            validate: (value, all) => value === all.password || words().common.passwordsDiffer,
          })}
        />
      </Form>
    </CardPage>
  );
}
