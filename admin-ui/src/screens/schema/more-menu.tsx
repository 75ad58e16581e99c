/** What else can be done with a collection: copies of it, and its end. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Braces, CodeXml, CopyPlus, Ellipsis, Eraser, Trash2 } from "lucide-react";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { countQuery } from "#api/records.ts";
import { deleteCollection, truncateCollection } from "#api/schema.ts";
import type { Collection } from "#api/types.ts";
import { paths } from "#lib/paths.ts";
import { IconButton } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { Menu, MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

type Danger = "truncate" | "delete";

export function MoreMenu({ collection }: { collection: Collection }) {
  const say = words().schema;
  const navigate = useNavigate();
  const [danger, setDanger] = useState<Danger>();
  const copyJson = async () => {
    await navigator.clipboard.writeText(JSON.stringify(collection, null, 2));
    toastDone(words().common.copied);
  };
  const { name, type, system } = collection;
  return (
    <>
      <Menu trigger={<IconButton label={say.actions} icon={Ellipsis} look="plain" />}>
        {!system && (
          <MenuItem icon={CopyPlus} onSelect={() => navigate({ href: paths.newCollection({ copy: name }) })}>
            {say.duplicate}
          </MenuItem>
        )}
        <MenuItem icon={CodeXml} onSelect={() => navigate({ href: paths.api(name) })}>
          {words().apiPage.title(name)}
        </MenuItem>
        <MenuItem icon={Braces} onSelect={copyJson}>
          {say.copyJson}
        </MenuItem>
        {type !== "view" && name !== "_superusers" && (
          <>
            <MenuSeparator />
            <MenuItem icon={Eraser} isDanger onSelect={() => setDanger("truncate")}>
              {say.truncate}
            </MenuItem>
          </>
        )}
        {!system && (
          <MenuItem icon={Trash2} isDanger onSelect={() => setDanger("delete")}>
            {say.delete}
          </MenuItem>
        )}
      </Menu>
      <DangerDialog key={danger} collection={collection} danger={danger} onClose={() => setDanger(undefined)} />
    </>
  );
}

type DangerDialogProps = { collection: Collection; danger: Danger | undefined; onClose: () => void };

function DangerDialog({ collection, danger, onClose }: DangerDialogProps) {
  const say = words().schema;
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<string>();
  const { id, name, type } = collection;
  const count = useQuery({ ...countQuery(name), enabled: danger !== undefined });
  const amount = words().common.records(count.data ?? 0);
  const isDelete = danger === "delete";
  const carryOut = async () => {
    setSending(true);
    setError(undefined);
    try {
      await (isDelete ? deleteCollection(id) : truncateCollection(id));
      onClose();
      toastDone(isDelete ? say.deleted(name) : say.truncated(name));
      if (isDelete) await navigate({ href: paths.home(), ignoreBlocker: true });
      cache.invalidateQueries({ queryKey: keys.collections() });
      cache.invalidateQueries({ queryKey: keys.records(name) });
    } catch (refused) {
      setError(explain(refused).message);
      setSending(false);
    }
  };
  return (
    <ConfirmDialog
      isOpen={danger !== undefined}
      title={isDelete ? say.deleteTitle(name) : say.truncateTitle(name)}
      lead={isDelete ? (type === "view" ? say.deleteViewLead : say.deleteLead(amount)) : say.truncateLead(amount)}
      confirmLabel={words().common.delete}
      typedText={name}
      isSending={isSending}
      error={error}
      onConfirm={carryOut}
      onClose={onClose}
    />
  );
}
