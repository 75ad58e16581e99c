/**
 * Rich text: written in an editor that shows what it will look like, or as HTML. A text with something in it that the
 * editor cannot hold is shown as HTML, so that nothing of it is dropped unseen.
 */

import { lazy, Suspense, useState } from "react";
import { formatBytes } from "#lib/format.ts";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Loading } from "#ui/loading.tsx";
import { words } from "#words/words.ts";
import { type FieldInput, type InputProps, limitOf } from "../field-input.ts";
import { asText } from "../values.ts";
import { sentText } from "./pending-pictures.ts";
import { pictureStore } from "./picture-store.ts";

const RichText = lazy(() => import("./rich-text.tsx").then((module) => ({ default: module.RichText })));

/** What the editor would drop, once it has looked. */
type Mode = { kind: "rich" } | { kind: "source"; lost: string[] };

function EditorInput(props: InputProps) {
  const { field, value, onChange, id, describedBy, isInvalid } = props;
  const { inputs } = words();
  const [mode, setMode] = useState<Mode>({ kind: "rich" });
  const html = asText(value);
  /** By choice, and with the mark of a change that can be undone. */
  const dropAndEdit = async () => {
    const { reduced } = await import("./rich/html.ts");
    onChange(reduced(html));
    setMode({ kind: "rich" });
  };
  if (mode.kind === "rich") {
    return (
      <Suspense fallback={<Loading />}>
        <RichText
          html={html}
          onChange={onChange}
          labelId={`${id}-label`}
          describedBy={describedBy}
          isInvalid={isInvalid}
          onSource={(lost) => setMode({ kind: "source", lost })}
          store={pictureStore(props)}
        />
      </Suspense>
    );
  }
  return (
    <div className="flex flex-col gap-1.5">
      {mode.lost.length > 0 && (
        <p className="rounded-lg bg-straw-wash px-3 py-2 text-sm text-straw">
          {inputs.cannotHold(mode.lost.join(", "))}
        </p>
      )}
      <CodeEditor label={field.name} isLabelHidden language="html" minLines={6} value={html} onChange={onChange} />
      <button
        type="button"
        onClick={mode.lost.length > 0 ? dropAndEdit : () => setMode({ kind: "rich" })}
        className="self-start rounded-md px-1.5 py-0.5 text-sm text-moss-strong underline decoration-moss/40 hover:decoration-current"
      >
        {mode.lost.length > 0 ? inputs.dropAndEdit : inputs.backToRichText}
      </button>
    </div>
  );
}

export const editorInput: FieldInput = {
  Input: EditorInput,
  isGroup: true,
  fromStored: asText,
  toSent: (value, field) => sentText(asText(value), field),
  hint: ({ maxSize }) => {
    const limit = limitOf(maxSize);
    return limit ? words().inputs.atMostSize(formatBytes(limit)) : undefined;
  },
};
