/** Makes an account for a colleague, and shows what the colleague needs to know. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Dices } from "lucide-react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { addSuperuser } from "#api/superusers.ts";
import { inventPassword } from "#lib/password.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Form } from "#ui/form.tsx";
import { Notice } from "#ui/notice.tsx";
import { PasswordField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

export function InviteDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} title={words().server.team.add} onClose={onClose}>
      <Invitation onClose={onClose} />
    </Dialog>
  );
}

type Account = { email: string; password: string };

/** Mounted with the dialog, so that a password is not kept longer than it is shown. */
function Invitation({ onClose }: { onClose: () => void }) {
  const [added, setAdded] = useState<Account | null>(null);
  return added ? <Handover account={added} onClose={onClose} /> : <InviteForm onAdded={setAdded} />;
}

/** No mail is needed: the owner passes this on. */
function Handover({ account: { email, password }, onClose }: { account: Account; onClose: () => void }) {
  const texts = words().server.team;
  const address = dashboardAddress();
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="good">{texts.added(email)}</Notice>
      <p className="text-sm text-ink-soft">{texts.handOver}</p>
      <CodeBlock label={texts.invitation} code={texts.invitationText(address, email, password)} />
      {isThisMachine(address) && <Notice>{texts.onlyHere}</Notice>}
      <Button look="primary" className="self-end" onClick={onClose}>
        {words().common.close}
      </Button>
    </div>
  );
}

function dashboardAddress(): string {
  return new URL(".", location.href).href;
}

/** A loopback address is another machine's own, too. */
function isThisMachine(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127\./.test(hostname);
}

function InviteForm({ onAdded }: { onAdded: (account: Account) => void }) {
  const texts = words().server.team;
  const common = words().common;
  const cache = useQueryClient();
  const form = useForm<Account>({ defaultValues: { email: "", password: "" } });
  const { errors } = form.formState;
  const adding = useMutation({
    mutationFn: ({ email, password }: Account) => addSuperuser(email.trim(), password),
    onSuccess: (_, { email, password }) => {
      cache.invalidateQueries({ queryKey: keys.superusers() });
      onAdded({ email: email.trim(), password });
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
