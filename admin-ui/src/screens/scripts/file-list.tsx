/** The files by their kind, with what is to be known of each: unsaved, broken, failing. */

import { CircleAlert } from "lucide-react";
import type { ScriptInfo, ScriptKind, Scripts } from "#api/scripts.ts";
import { classNames } from "#lib/class-names.ts";
import { asHref, paths } from "#lib/paths.ts";
import { words } from "#words/words.ts";
import type { Drafts } from "./drafts.ts";

const KINDS: readonly ScriptKind[] = ["script", "module", "template", "test"];

type FileListProps = { scripts: Scripts; current: string | undefined; drafts: Drafts };

export function FileList({ scripts, current, drafts }: FileListProps) {
  const texts = words().scripts;
  return (
    <nav aria-label={texts.files} className="flex flex-col gap-4">
      {KINDS.map((kind) => {
        const files = scripts.files.filter((file) => file.kind === kind);
        if (files.length === 0) return null;
        return (
          <div key={kind}>
            <h2 className="px-2 pb-1 text-xs font-medium text-ink-soft">{texts.kinds[kind]}</h2>
            <ul>
              {files.map((file) => (
                <FileLink
                  key={file.name}
                  file={file}
                  isCurrent={file.name === current}
                  isUnsaved={drafts.of(file.name) !== undefined}
                  isBroken={scripts.problem?.file === file.name}
                />
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

type FileLinkProps = { file: ScriptInfo; isCurrent: boolean; isUnsaved: boolean; isBroken: boolean };

function FileLink({ file, isCurrent, isUnsaved, isBroken }: FileLinkProps) {
  const texts = words().scripts;
  const errors = file.handlers.reduce((sum, handler) => sum + handler.errors, 0);
  return (
    <li>
      <a
        href={asHref(paths.scripts({ file: file.name }))}
        aria-current={isCurrent ? "page" : undefined}
        title={file.name}
        className={classNames(
          "flex items-center gap-2 rounded-lg px-2 py-1.5 font-mono text-[13px]",
          isCurrent ? "bg-moss-wash text-moss-strong" : "text-ink-soft hover:bg-line/50 hover:text-ink",
        )}
      >
        <span className="min-w-0 flex-1 truncate">{file.name}</span>
        {isUnsaved && (
          <span role="img" aria-label={texts.unsaved} title={texts.unsaved} className="size-2 rounded-full bg-straw" />
        )}
        {isBroken && <CircleAlert role="img" aria-label={texts.broken} className="size-4 shrink-0 text-danger" />}
        {errors > 0 && (
          <span
            title={texts.errorCount(errors)}
            className="rounded-md bg-danger-wash px-1.5 font-sans text-xs leading-5 text-danger"
          >
            {errors}
            <span className="sr-only"> {texts.errors}</span>
          </span>
        )}
      </a>
    </li>
  );
}
