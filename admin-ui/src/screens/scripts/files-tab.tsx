/** The files at the left, the open one at the right; without one, what all of them handle. On a phone one after the other. */

import { ArrowLeft, Plus } from "lucide-react";
import { useState } from "react";
import type { Scripts } from "#api/scripts.ts";
import { classNames } from "#lib/class-names.ts";
import { formatMoment } from "#lib/format.ts";
import { asHref, paths, type ScriptsPlace } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { Section } from "#ui/page.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import type { Drafts } from "./drafts.ts";
import { FileEditor } from "./file-editor.tsx";
import { FileList } from "./file-list.tsx";
import { Handlers } from "./handlers.tsx";
import { NewFileDialog } from "./new-file-dialog.tsx";
import { NoScripts } from "./no-scripts.tsx";
import { ReadOnlyNotice } from "./read-only-notice.tsx";

type FilesTabProps = {
  scripts: Scripts;
  place: ScriptsPlace;
  drafts: Drafts;
  /** Goes to a file, or to none. */
  onOpen: (file: string | undefined) => void;
};

export function FilesTab({ scripts, place, drafts, onOpen }: FilesTabProps) {
  const texts = words().scripts;
  const [isAdding, setAdding] = useState(false);
  const { files, editable, folder } = scripts;
  const dialog = (
    <NewFileDialog
      isOpen={isAdding}
      isFirst={files.length === 0}
      onCreated={(name) => {
        setAdding(false);
        onOpen(name);
      }}
      onClose={() => setAdding(false)}
    />
  );
  if (files.length === 0 && place.file === undefined) {
    return (
      <>
        <NoScripts folder={folder} isEditable={editable} onAdd={() => setAdding(true)} />
        {dialog}
      </>
    );
  }
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[15rem_minmax(0,1fr)]">
      <div className={classNames("flex min-w-0 flex-col gap-3", place.file !== undefined && "max-lg:hidden")}>
        {editable && (
          <Button icon={Plus} onClick={() => setAdding(true)}>
            {texts.newFile}
          </Button>
        )}
        <FileList scripts={scripts} current={place.file} drafts={drafts} />
      </div>
      <div className="flex min-w-0 flex-col gap-6">
        {place.file !== undefined && (
          <a
            href={asHref(paths.scripts())}
            className="inline-flex items-center gap-1.5 self-start rounded-md text-sm text-ink-soft hover:text-ink lg:hidden"
          >
            <ArrowLeft className="size-4" aria-hidden />
            {texts.allFiles}
          </a>
        )}
        {!editable && <ReadOnlyNotice folder={folder} />}
        {place.file === undefined ? (
          <Section title={texts.handlers} lead={texts.handlersLead(formatMoment(scripts.loadedAt))}>
            <Handlers files={files} />
            <p className="text-sm text-ink-soft">
              {scripts.watching ? texts.watching : texts.notWatching}{" "}
              <TextLink href={asHref(paths.logs({ filter: "data.type = 'script'" }))}>{texts.wholeLog}</TextLink>
            </p>
          </Section>
        ) : (
          <FileEditor
            key={place.file}
            name={place.file}
            line={place.line}
            scripts={scripts}
            drafts={drafts}
            onGone={() => onOpen(undefined)}
            onRenamed={onOpen}
          />
        )}
      </div>
      {dialog}
    </div>
  );
}
