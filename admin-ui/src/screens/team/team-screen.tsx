/** The superusers: who they are, inviting and removing them, and whether they need a second step. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, KeyRound, Trash2, UserPlus } from "lucide-react";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import {
  removeSuperuser,
  type Superuser,
  setSecondStep,
  signedInId,
  superuserOptionsQuery,
  superusersQuery,
} from "#api/superusers.ts";
import { formatDate } from "#lib/format.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { Loading } from "#ui/loading.tsx";
import { Menu, MenuItem } from "#ui/menu.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page, Section } from "#ui/page.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { InviteDialog } from "./invite-dialog.tsx";
import { PasswordDialog } from "./password-dialog.tsx";

export function TeamScreen() {
  const texts = words().server.team;
  const superusers = useQuery(superusersQuery());
  const [isInviting, setInviting] = useState(false);
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        <Button look="primary" icon={UserPlus} onClick={() => setInviting(true)}>
          {texts.add}
        </Button>
      }
    >
      <InviteDialog isOpen={isInviting} onClose={() => setInviting(false)} />
      {superusers.isPending && <Loading />}
      {superusers.error && <Notice tone="danger">{explain(superusers.error).message}</Notice>}
      {superusers.data && <People people={superusers.data} />}
      <SecondStep />
    </Page>
  );
}

function People({ people }: { people: Superuser[] }) {
  const texts = words().server.team;
  const cache = useQueryClient();
  const [wanted, setWanted] = useState<{ person: Superuser; act: "remove" | "password" } | null>(null);
  const removing = useMutation({
    mutationFn: (person: Superuser) => removeSuperuser(person.id),
    onSuccess: (_, person) => {
      toastDone(texts.removed(person.email));
      setWanted(null);
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.superusers() }),
  });
  return (
    <>
      <ul className="divide-y divide-line rounded-2xl border border-line bg-surface">
        {people.map((person) => (
          <li key={person.id} className="flex items-center gap-4 py-2.5 pr-2 pl-5">
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium">
                {person.email}
                {person.id === signedInId() && <span className="ml-2 text-sm text-ink-soft">({texts.you})</span>}
              </p>
              <p className="text-sm text-ink-soft">
                {texts.since} {formatDate(person.created)}
              </p>
            </div>
            <Menu trigger={<IconButton label={`${words().common.options}: ${person.email}`} icon={Ellipsis} />}>
              <MenuItem icon={KeyRound} onSelect={() => setWanted({ person, act: "password" })}>
                {texts.changePassword}
              </MenuItem>
              <MenuItem
                icon={Trash2}
                isDanger
                disabledReason={people.length === 1 ? texts.lastOne : undefined}
                onSelect={() => setWanted({ person, act: "remove" })}
              >
                {texts.remove}
              </MenuItem>
            </Menu>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        isOpen={wanted?.act === "remove"}
        title={texts.removeTitle}
        lead={texts.removeLead(wanted?.person.email ?? "")}
        confirmLabel={texts.remove}
        isSending={removing.isPending}
        error={removing.error ? explain(removing.error).message : undefined}
        onConfirm={() => wanted && removing.mutate(wanted.person)}
        onClose={() => setWanted(null)}
      />
      {wanted?.act === "password" && <PasswordDialog person={wanted.person} onClose={() => setWanted(null)} />}
    </>
  );
}

function SecondStep() {
  const texts = words().server.team;
  const cache = useQueryClient();
  const options = useQuery(superuserOptionsQuery());
  const switching = useMutation({
    mutationFn: setSecondStep,
    onSuccess: () => toastDone(texts.mfaSaved),
    onError: (error) => toastProblem(explain(error).message),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.superusers() }),
  });
  if (!options.data) return null;
  return (
    <Section title={texts.mfa} lead={texts.mfaLead}>
      <SwitchField
        label={texts.mfaOn}
        isOn={switching.isPending ? switching.variables : options.data.mfa.enabled}
        onChange={(isOn) => switching.mutate(isOn)}
      />
    </Section>
  );
}
