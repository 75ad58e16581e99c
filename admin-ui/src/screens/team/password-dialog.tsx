/** Sets a superuser's password, for a colleague who forgot it or for oneself. */

import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { explain } from "#api/errors.ts";
import { changeSuperuserPassword, type Superuser } from "#api/superusers.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Form } from "#ui/form.tsx";
import { PasswordField } from "#ui/text-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function PasswordDialog({ person, onClose }: { person: Superuser; onClose: () => void }) {
  const texts = words().server.team;
  const common = words().common;
  const form = useForm({ defaultValues: { password: "" } });
  const changing = useMutation({
    mutationFn: (password: string) => changeSuperuserPassword(person, password),
    onSuccess: () => {
      toastDone(texts.passwordChanged);
      onClose();
    },
  });
  const problem = changing.error ? explain(changing.error) : null;
  return (
    <Dialog isOpen title={texts.changePassword} onClose={onClose}>
      <Form
        submitLabel={texts.changePassword}
        isSending={changing.isPending}
        error={problem && !problem.fields.password ? problem.message : undefined}
        onSubmit={form.handleSubmit(({ password }) => changing.mutate(password))}
      >
        <p className="text-sm break-words text-ink-soft">{person.email}</p>
        <PasswordField
          label={texts.newPassword}
          autoComplete="new-password"
          error={form.formState.errors.password?.message ?? problem?.fields.password}
          {...form.register("password", {
            required: common.choosePassword,
            minLength: { value: 8, message: common.passwordTooShort },
          })}
        />
      </Form>
    </Dialog>
  );
}
