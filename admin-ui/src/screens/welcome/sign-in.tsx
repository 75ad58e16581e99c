/**
 * Signing in to the dashboard. Some installations ask superusers for a second step: a code that arrives by mail.
 */

import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { explain } from "#api/errors.ts";
import { type SignInResult, signIn, signInWithCode } from "#api/session.ts";
import { isInsidePath, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { CardPage } from "#ui/card-page.tsx";
import { Form } from "#ui/form.tsx";
import { PasswordField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { ForgottenPassword } from "./forgotten-password.tsx";

const route = getRouteApi("/sign-in");

type CodeStep = Extract<SignInResult, { status: "code-needed" }>;

export function SignInScreen() {
  const { next } = route.useSearch();
  const navigate = route.useNavigate();
  const [codeStep, setCodeStep] = useState<CodeStep | null>(null);
  const [email, setEmail] = useState("");
  const [isForgotten, setForgotten] = useState(false);

  const enter = () => navigate({ href: isInsidePath(next) ? next : paths.home(), replace: true });
  if (codeStep) return <CodeForm step={codeStep} onDone={enter} />;
  if (isForgotten) return <ForgottenPassword email={email} onBack={() => setForgotten(false)} />;
  return (
    <PasswordForm
      email={email}
      onDone={(result) => (result.status === "signed-in" ? enter() : setCodeStep(result))}
      onForgotten={(typed) => {
        setEmail(typed);
        setForgotten(true);
      }}
    />
  );
}

type PasswordFormProps = {
  email: string;
  onDone: (result: SignInResult) => void;
  onForgotten: (email: string) => void;
};

function PasswordForm({ email: start, onDone, onForgotten }: PasswordFormProps) {
  const form = useForm({ defaultValues: { email: start, password: "" } });
  const sending = useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) => signIn(email.trim(), password),
    onSuccess: onDone,
  });
  const { errors } = form.formState;
  return (
    <CardPage title={words().welcome.signIn} lead={words().welcome.signInLead}>
      <Form
        submitLabel={words().welcome.signIn}
        isSending={sending.isPending}
        error={sending.error ? explainRefusal(sending.error, words().welcome.noMatch) : undefined}
        onSubmit={form.handleSubmit((values) => sending.mutate(values))}
      >
        <TextField
          label={words().common.email}
          type="email"
          autoComplete="username"
          error={errors.email?.message}
          {...form.register("email", { required: words().common.enterEmail })}
        />
        <PasswordField
          label={words().common.password}
          autoComplete="current-password"
          error={errors.password?.message}
          {...form.register("password", { required: words().common.enterPassword })}
        />
      </Form>
      <Button look="quiet" className="mt-3 w-full" onClick={() => onForgotten(form.getValues("email").trim())}>
        {words().welcome.forgotten}
      </Button>
    </CardPage>
  );
}

function CodeForm({ step, onDone }: { step: CodeStep; onDone: () => void }) {
  const form = useForm({ defaultValues: { code: "" } });
  const sending = useMutation({
    mutationFn: ({ code }: { code: string }) => signInWithCode(step.otpId, code.trim(), step.mfaId),
    onSuccess: onDone,
  });
  return (
    <CardPage title={words().welcome.oneMoreStep} lead={words().welcome.oneMoreStepLead}>
      <Form
        submitLabel={words().welcome.signIn}
        isSending={sending.isPending}
        error={sending.error ? explainRefusal(sending.error, words().welcome.wrongCode) : undefined}
        onSubmit={form.handleSubmit((values) => sending.mutate(values))}
      >
        <TextField
          label={words().welcome.codeFromMail}
          inputMode="numeric"
          autoComplete="one-time-code"
          error={form.formState.errors.code?.message}
          {...form.register("code", { required: words().welcome.enterCode })}
        />
      </Form>
    </CardPage>
  );
}

function explainRefusal(error: unknown, message: string): string {
  const problem = explain(error);
  return problem.kind === "invalid" ? message : problem.message;
}
