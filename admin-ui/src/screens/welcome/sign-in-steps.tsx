/**
 * What is asked of somebody who signs in, on a page or in a dialog. Some installations ask superusers for a second step:
 * a code that arrives by mail.
 */

import { useMutation } from "@tanstack/react-query";
import { type ComponentType, type ReactNode, useState } from "react";
import { useForm } from "react-hook-form";
import { explain } from "#api/errors.ts";
import { type SignInResult, signIn, signInWithCode } from "#api/session.ts";
import { Button } from "#ui/button.tsx";
import type { CardPageProps } from "#ui/card-page.tsx";
import { Form } from "#ui/form.tsx";
import { PasswordField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { ForgottenPassword } from "./forgotten-password.tsx";

type CodeStep = Extract<SignInResult, { status: "code-needed" }>;

type SignInStepsProps = {
  /** Stands around each step. */
  frame: ComponentType<CardPageProps>;
  /** Of the first step. */
  title: string;
  lead: ReactNode;
  email?: string;
  onDone: () => void;
};

export function SignInSteps({ frame, title, lead, email: start = "", onDone }: SignInStepsProps) {
  const [codeStep, setCodeStep] = useState<CodeStep | null>(null);
  const [email, setEmail] = useState(start);
  const [isForgotten, setForgotten] = useState(false);
  if (codeStep) return <CodeForm frame={frame} step={codeStep} onDone={onDone} />;
  if (isForgotten) return <ForgottenPassword frame={frame} email={email} onBack={() => setForgotten(false)} />;
  return (
    <PasswordForm
      frame={frame}
      title={title}
      lead={lead}
      email={email}
      onDone={(result) => (result.status === "signed-in" ? onDone() : setCodeStep(result))}
      onForgotten={(typed) => {
        setEmail(typed);
        setForgotten(true);
      }}
    />
  );
}

type PasswordFormProps = Pick<SignInStepsProps, "frame" | "title" | "lead"> & {
  email: string;
  onDone: (result: SignInResult) => void;
  onForgotten: (email: string) => void;
};

function PasswordForm({ frame: Frame, title, lead, email: start, onDone, onForgotten }: PasswordFormProps) {
  const form = useForm({ defaultValues: { email: start, password: "" } });
  const sending = useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) => signIn(email.trim(), password),
    onSuccess: onDone,
  });
  const { errors } = form.formState;
  return (
    <Frame title={title} lead={lead}>
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
    </Frame>
  );
}

type CodeFormProps = { frame: SignInStepsProps["frame"]; step: CodeStep; onDone: () => void };

function CodeForm({ frame: Frame, step, onDone }: CodeFormProps) {
  const form = useForm({ defaultValues: { code: "" } });
  const sending = useMutation({
    mutationFn: ({ code }: { code: string }) => signInWithCode(step.otpId, code.trim(), step.mfaId),
    onSuccess: onDone,
  });
  return (
    <Frame title={words().welcome.oneMoreStep} lead={words().welcome.oneMoreStepLead}>
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
    </Frame>
  );
}

function explainRefusal(error: unknown, message: string): string {
  const problem = explain(error);
  return problem.kind === "invalid" ? message : problem.message;
}
