/** What is shown, as a file; and a file as new records. On a phone also the links that the toolbar has no room for. */

import { CodeXml, Download, FileInput, FileSpreadsheet, Settings2 } from "lucide-react";
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
      <PhoneItems collection={collection} />
    </Menu>
  );
}

/** The links of the toolbar for which a phone has no room. */
function PhoneItems({ collection }: { collection: string }) {
  if (!window.matchMedia("(max-width: 639px)").matches) return null;
  const go = (path: string) => () => window.location.assign(asHref(path));
  return (
    <>
      <MenuSeparator />
      <MenuItem icon={Settings2} onSelect={go(paths.editCollection(collection))}>
        {words().schema.setUp(collection)}
      </MenuItem>
      <MenuItem icon={CodeXml} onSelect={go(paths.api(collection))}>
        {words().apiPage.title(collection)}
      </MenuItem>
    </>
  );
}
