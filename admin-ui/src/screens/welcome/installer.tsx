/** The very first visit: the link that the server printed leads here, and here the first superuser is made. */

import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { explain } from "#api/errors.ts";
import { createFirstSuperuser } from "#api/session.ts";
import { asHref, paths } from "#lib/paths.ts";
import { isExpired, readToken } from "#lib/token.ts";
import { LinkButton } from "#ui/button.tsx";
import { CardPage } from "#ui/card-page.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Form } from "#ui/form.tsx";
import { PasswordField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

const route = getRouteApi("/pbinstall/$token");

type Account = { email: string; password: string; repeated: string };

export function InstallerScreen() {
  const { token } = route.useParams();
  const navigate = route.useNavigate();
  const creating = useMutation({
    mutationFn: ({ email, password }: Account) => createFirstSuperuser(token, email.trim(), password),
    onSuccess: () => navigate({ href: paths.home(), replace: true }),
  });

  const claims = readToken(token);
  const problem = creating.error ? explain(creating.error) : null;
  const isRefused = problem?.kind === "forbidden" || problem?.kind === "signed-out";
  if (!claims || isExpired(claims, new Date()) || isRefused) return <LinkIsOver />;
  return (
    <CardPage title={words().welcome.title} lead={words().welcome.lead}>
      <AccountForm
        isSending={creating.isPending}
        message={problem?.message}
        messages={problem?.fields ?? {}}
        onSubmit={(account) => creating.mutate(account)}
      />
    </CardPage>
  );
}

type AccountFormProps = {
  isSending: boolean;
  message?: string;
  messages: Record<string, string>;
  onSubmit: (account: Account) => void;
};

function AccountForm({ isSending, message, messages, onSubmit }: AccountFormProps) {
  const form = useForm<Account>({ defaultValues: { email: "", password: "", repeated: "" } });
  const { errors } = form.formState;
  const isToldBesideInput = Boolean(messages.email || messages.password);
  return (
    <Form
      submitLabel={words().welcome.createAccount}
      isSending={isSending}
      error={isToldBesideInput ? undefined : message}
      onSubmit={form.handleSubmit(onSubmit)}
    >
      <TextField
        label={words().common.email}
        type="email"
        autoComplete="username"
        error={errors.email?.message ?? messages.email}
        {...form.register("email", { required: words().common.enterEmail })}
      />
      <PasswordField
        label={words().common.password}
        autoComplete="new-password"
        hint={words().welcome.passwordHint}
        error={errors.password?.message ?? messages.password}
        {...form.register("password", {
          required: words().common.choosePassword,
          minLength: { value: 8, message: words().common.passwordTooShort },
        })}
      />
      <PasswordField
        label={words().welcome.passwordAgain}
        autoComplete="new-password"
        error={errors.repeated?.message}
        {...form.register("repeated", {
          validate: (value, all) => value === all.password || words().common.passwordsDiffer,
        })}
      />
    </Form>
  );
}

function LinkIsOver() {
  return (
    <CardPage title={words().welcome.linkOver} lead={words().welcome.linkOverLead}>
      <div className="flex flex-col gap-4">
        <LinkButton look="primary" href={asHref(paths.signIn())} className="h-10">
          {words().welcome.goToSignIn}
        </LinkButton>
        <p className="text-sm text-ink-soft">{words().welcome.noAccountYet}</p>
        <CodeBlock label={words().welcome.command} code="steading superuser create you@example.com 'a good password'" />
      </div>
    </CardPage>
  );
}
