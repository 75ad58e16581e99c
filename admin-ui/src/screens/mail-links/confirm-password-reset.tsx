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
      <CardPage title="Your password is changed">
        <Notice tone="good">From now on, sign in with the new one. You can close this page.</Notice>
      </CardPage>
    );
  }
  return (
    <CardPage title="Choose a new password">
      <Form
        submitLabel="Save new password"
        isSending={sending.isPending}
        error={problem && !problem.fields.password ? linkProblem(problem) : undefined}
        onSubmit={form.handleSubmit(({ password }) => sending.mutate(password))}
      >
        <PasswordField
          label="New password"
          autoComplete="new-password"
          hint="At least 8 characters."
          error={errors.password?.message ?? problem?.fields.password}
          {...form.register("password", { required: "Please choose a password." })}
        />
        <PasswordField
          label="New password again"
          autoComplete="new-password"
          error={errors.repeated?.message}
          {...form.register("repeated", {
            validate: (value, all) => value === all.password || "The two passwords do not match.",
          })}
        />
      </Form>
    </CardPage>
  );
}
