/** What is shown, as a file; and a file as new records. */

import { Download, FileInput, FileSpreadsheet } from "lucide-react";
import { explain } from "#api/errors.ts";
import { type ExportFormat, exportAddress } from "#api/imports.ts";
import { asHref, paths } from "#lib/paths.ts";
import { IconButton } from "#ui/button.tsx";
import { Menu, MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

const FORMATS: readonly ExportFormat[] = ["csv", "xlsx", "json"];

type FileMenuProps = {
  collection: string;
  /** What the grid asks for, so that the file holds the same records in the same order. */
  filter: string;
  sort: string;
  canImport: boolean;
};

export function FileMenu({ collection, filter, sort, canImport }: FileMenuProps) {
  const texts = words().imports;
  const download = async (format: ExportFormat) => {
    try {
      window.location.assign(await exportAddress(collection, { format, filter, sort }));
    } catch (error) {
      toastProblem(explain(error).message);
    }
  };
  return (
    <Menu trigger={<IconButton label={texts.files} icon={FileSpreadsheet} look="plain" />}>
      {FORMATS.map((format) => (
        <MenuItem key={format} icon={Download} onSelect={() => void download(format)}>
          {texts.exportAs[format]}
        </MenuItem>
      ))}
      {canImport && (
        <>
          <MenuSeparator />
          <MenuItem
            icon={FileInput}
            onSelect={() => window.location.assign(asHref(paths.import({ into: collection })))}
          >
            {texts.title}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
