/** What can be done with the record apart from changing its fields. */

import { Braces, CopyPlus, EllipsisVertical, Keyboard, Link2, Trash2 } from "lucide-react";
import type { Collection, StoredRecord } from "#api/types.ts";
import { asHref, paths } from "#lib/paths.ts";
import { IconButton } from "#ui/button.tsx";
import { Menu, MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { asJson } from "./as-json.ts";
import { usePanelPlace } from "./panel-place.ts";

type PanelMenuProps = {
  collection: Collection;
  record: StoredRecord;
  onHelp: () => void;
  /** Called before the panel closes for that reason. */
  onDelete: () => void;
};

export function PanelMenu({ collection, record, onHelp, onDelete }: PanelMenuProps) {
  const { recordPanel, common } = words();
  const place = usePanelPlace();
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    toastDone(common.copied);
  };
  const link = () => new URL(asHref(paths.records(collection.name, { record: record.id })), location.href).href;
  return (
    <Menu trigger={<IconButton label={common.more} icon={EllipsisVertical} />}>
      <MenuItem icon={CopyPlus} onSelect={() => place.go({ create: "copy" })}>
        {recordPanel.duplicate}
      </MenuItem>
      <MenuItem icon={Braces} onSelect={() => copy(asJson(record))}>
        {recordPanel.copyJson}
      </MenuItem>
      <MenuItem icon={Link2} onSelect={() => copy(link())}>
        {recordPanel.copyLink}
      </MenuItem>
      <MenuItem icon={Keyboard} shortcut="?" onSelect={onHelp}>
        {recordPanel.shortcuts}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={Trash2} isDanger onSelect={() => place.remove(record, onDelete)}>
        {common.delete}
      </MenuItem>
    </Menu>
  );
}
