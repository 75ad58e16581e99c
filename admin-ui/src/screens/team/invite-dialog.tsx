/** Makes an account for a colleague. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Dices } from "lucide-react";
import { useForm } from "react-hook-form";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { addSuperuser } from "#api/superusers.ts";
import { inventPassword } from "#lib/password.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Form } from "#ui/form.tsx";
import { PasswordField, TextField } from "#ui/text-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function InviteDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} title={words().server.team.add} onClose={onClose}>
      <InviteForm onClose={onClose} />
    </Dialog>
  );
}

type Account = { email: string; password: string };

function InviteForm({ onClose }: { onClose: () => void }) {
  const texts = words().server.team;
  const common = words().common;
  const cache = useQueryClient();
  const form = useForm<Account>({ defaultValues: { email: "", password: "" } });
  const { errors } = form.formState;
  const adding = useMutation({
    mutationFn: ({ email, password }: Account) => addSuperuser(email.trim(), password),
    onSuccess: (_, { email }) => {
      cache.invalidateQueries({ queryKey: keys.superusers() });
      toastDone(texts.added(email.trim()));
      onClose();
    },
  });
  const problem = adding.error ? explain(adding.error) : null;
  const isToldBesideInput = Boolean(problem?.fields.email || problem?.fields.password);
  return (
    <Form
      submitLabel={texts.add}
      isSending={adding.isPending}
      error={problem && !isToldBesideInput ? problem.message : undefined}
      onSubmit={form.handleSubmit((account) => adding.mutate(account))}
    >
      <p className="text-sm text-ink-soft">{texts.addLead}</p>
      <TextField
        label={common.email}
        type="email"
        autoComplete="off"
        error={errors.email?.message ?? problem?.fields.email}
        {...form.register("email", { required: common.enterEmail })}
      />
      <PasswordField
        label={common.password}
        autoComplete="new-password"
        error={errors.password?.message ?? problem?.fields.password}
        {...form.register("password", {
          required: common.choosePassword,
          minLength: { value: 8, message: common.passwordTooShort },
        })}
      />
      <div>
        <Button
          icon={Dices}
          onClick={() => form.setValue("password", inventPassword({}) ?? "", { shouldValidate: true })}
        >
          {texts.generate}
        </Button>
      </div>
    </Form>
  );
}
