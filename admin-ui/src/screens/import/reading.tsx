/** How the file is read: what stands between columns, its letters, its sheet, and what counts as nothing. */

import { useState } from "react";
import type { Import, ImportPlan, ReadingOptions } from "#api/imports.ts";
import { Button } from "#ui/button.tsx";
import { LinesField } from "#ui/lines-field.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

const DELIMITERS = { auto: null, comma: ",", semicolon: ";", tab: "\t", pipe: "|" } as const;
const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;

type ReadingProps = {
  found: Import;
  isReading: boolean;
  onRead: (options: ReadingOptions) => void;
  /** What happens to rows with mistakes, once there is a plan. */
  badRows?: ImportPlan["badRows"];
  onBadRows?: (badRows: ImportPlan["badRows"]) => void;
};

export function Reading({ found, isReading, onRead, badRows, onBadRows }: ReadingProps) {
  const texts = words().imports;
  const { file } = found;
  const [nulls, setNulls] = useState<string[]>([]);
  return (
    <details className="rounded-2xl border border-line bg-surface">
      <summary className="rounded-2xl px-5 py-4 font-medium">{texts.readAs}</summary>
      <div className="grid items-start gap-4 border-t border-line p-5 sm:grid-cols-2">
        {badRows && onBadRows && (
          <SelectField
            label={texts.badRows}
            value={badRows}
            options={(["stop", "skip"] as const).map((value) => ({ value, label: texts.badRowModes[value] }))}
            onChange={onBadRows}
          />
        )}
        {file.format === "csv" && (
          <SelectField
            label={texts.delimiter}
            value={nameOf(file.delimiter)}
            options={(Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[]).map((value) => ({
              value,
              label: texts.delimiters[value],
            }))}
            isDisabled={isReading}
            onChange={(value) => onRead({ delimiter: DELIMITERS[value] })}
          />
        )}
        {file.encoding !== null && (
          <SelectField
            label={texts.encoding}
            value={file.encoding}
            options={[
              { value: "", label: texts.encodingAuto },
              ...ENCODINGS.map((value) => ({ value: value as string, label: value })),
            ]}
            isDisabled={isReading}
            onChange={(encoding) => onRead({ encoding: encoding || null })}
          />
        )}
        {file.sheets.length > 1 && (
          <SelectField
            label={texts.sheet}
            value={file.sheet ?? ""}
            options={file.sheets.map((value) => ({ value, label: value }))}
            isDisabled={isReading}
            onChange={(sheet) => onRead({ sheet })}
          />
        )}
        <div className="flex flex-col items-start gap-2">
          <div className="w-full">
            <LinesField label={texts.nulls} hint={texts.nullsHint} value={nulls} onChange={setNulls} />
          </div>
          <Button disabled={isReading} onClick={() => onRead({ nulls })}>
            {words().common.reload}
          </Button>
        </div>
      </div>
    </details>
  );
}

function nameOf(delimiter: string | null): keyof typeof DELIMITERS {
  const names = Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[]; // the keys of a constant
  return names.find((name) => DELIMITERS[name] === delimiter) ?? "auto";
}
