/** The way back in for a superuser who does not know the password any more. */

import { useMutation } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { useForm } from "react-hook-form";
import { explain } from "#api/errors.ts";
import { requestNewPassword } from "#api/session.ts";
import { Button } from "#ui/button.tsx";
import type { CardPageProps } from "#ui/card-page.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Form } from "#ui/form.tsx";
import { Notice } from "#ui/notice.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

type ForgottenPasswordProps = { email: string; frame: ComponentType<CardPageProps>; onBack: () => void };

/** `email`: what was typed when signing in. */
export function ForgottenPassword({ email, frame: Frame, onBack }: ForgottenPasswordProps) {
  const { welcome, common } = words();
  const form = useForm({ defaultValues: { email } });
  const sending = useMutation({ mutationFn: requestNewPassword });
  return (
    <Frame title={welcome.forgottenTitle} lead={welcome.forgottenLead}>
      <div className="flex flex-col gap-4">
        {sending.isSuccess ? (
          <Notice tone="good">{welcome.linkSent(sending.variables)}</Notice>
        ) : (
          <Form
            submitLabel={welcome.sendLink}
            isSending={sending.isPending}
            error={sending.error ? explain(sending.error).message : undefined}
            onSubmit={form.handleSubmit((values) => sending.mutate(values.email.trim()))}
          >
            <TextField
              label={common.email}
              type="email"
              autoComplete="username"
              error={form.formState.errors.email?.message}
              {...form.register("email", { required: common.enterEmail })}
            />
          </Form>
        )}
        <p className="text-sm text-ink-soft">{welcome.noMailArrives}</p>
        <CodeBlock label={welcome.command} code="steading superuser update you@example.com 'a good password'" />
        <Button look="quiet" onClick={onBack}>
          {welcome.backToSignIn}
        </Button>
      </div>
    </Frame>
  );
}
