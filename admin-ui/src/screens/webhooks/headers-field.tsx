/** Headers that every request carries. The values of those that are stored are secrets, and are not shown. */

import { Plus, X } from "lucide-react";
import { classNames } from "#lib/class-names.ts";
import { problemAt } from "#lib/problem-at.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { INPUT_LOOK, inputBorder } from "#ui/field-frame.tsx";
import { words } from "#words/words.ts";
import type { HeaderDraft } from "./draft.ts";
import type { FormProps } from "./form-props.ts";

export function HeadersField({ draft, problems, onChange }: FormProps) {
  const texts = words().webhooks;
  const { headers } = draft;
  const problem = problemAt(problems, "headers");
  const put = (next: HeaderDraft[]) => onChange({ ...draft, headers: next });
  const change = (at: number, part: Partial<HeaderDraft>) =>
    put(headers.map((header, index) => (index === at ? { ...header, ...part } : header)));
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">{texts.headers}</legend>
      {headers.map((header, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names are typed here, so they are no keys
        <div key={at} className="flex gap-2">
          <input
            aria-label={texts.headerName}
            placeholder="Authorization"
            spellCheck={false}
            readOnly={header.isStored}
            value={header.name}
            onChange={(event) => change(at, { name: event.target.value })}
            className={classNames(INPUT_LOOK, "h-9 min-w-0 flex-1 text-sm", inputBorder(problem))}
          />
          <input
            aria-label={texts.headerValue}
            placeholder={header.isStored ? texts.headerStored : "Bearer …"}
            autoComplete="off"
            spellCheck={false}
            value={header.value}
            onChange={(event) => change(at, { value: event.target.value })}
            className={classNames(INPUT_LOOK, "h-9 min-w-0 flex-2 text-sm", inputBorder(problem))}
          />
          <IconButton label={texts.removeHeader(header.name)} icon={X} onClick={() => put(headers.toSpliced(at, 1))} />
        </div>
      ))}
      <div>
        <Button
          look="quiet"
          icon={Plus}
          className="h-8! px-2!"
          onClick={() => put([...headers, { name: "", value: "", isStored: false }])}
        >
          {texts.addHeader}
        </Button>
      </div>
      <p className={classNames("text-sm", problem ? "text-danger" : "text-ink-soft")}>{problem ?? texts.headersHint}</p>
    </fieldset>
  );
}
