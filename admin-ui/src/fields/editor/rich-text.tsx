/** The editor for rich text. A large piece, loaded when the first such field is shown. */

import { EditorContent, useEditor } from "@tiptap/react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { isShown } from "#lib/safe-html.ts";
import { words } from "#words/words.ts";
import type { PictureStore } from "./picture-store.ts";
import { putFiles, withoutForeignLook } from "./rich/arriving.ts";
import { EXTENSIONS } from "./rich/extensions.ts";
import { lossesOf, toHtml } from "./rich/html.ts";
import "./rich-text.css";
import { RichToolbar } from "./toolbar/toolbar.tsx";
import { useFullScreen } from "./use-full-screen.ts";

type RichTextProps = {
  html: string;
  onChange: (html: string) => void;
  labelId: string;
  describedBy: string | undefined;
  isInvalid: boolean;
  /** Asks for the HTML to be shown instead: by choice, or because of what would be lost. */
  onSource: (lost: string[]) => void;
  store: PictureStore;
};

export function RichText({ html, onChange, labelId, describedBy, isInvalid, onSource, store }: RichTextProps) {
  // What this has given out itself need not be looked at again. Nothing at first, so that what comes in is.
  const known = useRef<string | null>(null);
  const newestStore = useRef(store);
  newestStore.current = store;
  const frame = useRef<HTMLDivElement>(null);
  const [isFull, setFull] = useState(false);
  useFullScreen(frame, isFull);

  const hasColours = html.includes("color:");
  const editor = useEditor({
    extensions: EXTENSIONS,
    content: html,
    // It would be put into the page by script, which the page's security policy forbids.
    injectCSS: false,
    shouldRerenderOnTransaction: true,
    editorProps: {
      attributes: attributesOf(labelId, describedBy, isInvalid, hasColours),
      transformPastedHTML: withoutForeignLook,
      handlePaste: (view, event) => putFiles(view, event.clipboardData, newestStore.current),
      handleDrop: (view, event, _slice, isMove) =>
        !isMove && putFiles(view, event.dataTransfer, newestStore.current, { left: event.clientX, top: event.clientY }),
    },
    onUpdate: (update) => {
      known.current = update.editor.isEmpty ? "" : toHtml(update.editor.state.doc);
      onChange(known.current);
    },
  });

  // Before it is painted, so that a text that would lose something is not seen without it.
  useLayoutEffect(() => {
    if (html === known.current) return;
    const isFirst = known.current === null;
    known.current = html;
    const lost = lossesOf(html);
    if (lost.length > 0) onSource(lost);
    else if (!isFirst) editor.commands.setContent(html, { emitUpdate: false });
  }, [editor, html, onSource]);

  useEffect(() => {
    const { editorProps } = editor.options;
    editor.setOptions({
      editorProps: { ...editorProps, attributes: attributesOf(labelId, describedBy, isInvalid, hasColours) },
    });
  }, [editor, labelId, describedBy, isInvalid, hasColours]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!isFull || event.key !== "Escape" || event.defaultPrevented) return;
    // The panel around it stays open.
    event.stopPropagation();
    setFull(false);
  };
  let hasUnshown = false;
  editor.state.doc.descendants((node) => {
    if (node.type.name === "image" && !isShown(String(node.attrs.src))) hasUnshown = true;
  });
  return (
    // The keys belong to everything inside, whichever part has the focus.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      ref={frame}
      onKeyDown={onKeyDown}
      className={classNames(
        "rich-text flex flex-col overflow-hidden border bg-raised focus-within:outline-2 focus-within:outline-moss",
        isFull ? "is-full fixed inset-0 z-40" : "rounded-lg shadow-xs",
        isInvalid ? "border-danger" : "border-line-strong",
      )}
    >
      <RichToolbar
        editor={editor}
        isFull={isFull}
        onFull={() => setFull(!isFull)}
        onSource={() => onSource([])}
        store={store}
      />
      <EditorContent editor={editor} />
      {hasUnshown && (
        <p className="border-t border-line bg-sunken px-3 py-1.5 text-xs text-ink-soft">
          {words().inputs.richText.imagesElsewhere}
        </p>
      )}
    </div>
  );
}

function attributesOf(
  labelId: string,
  describedBy: string | undefined,
  isInvalid: boolean,
  hasColours: boolean,
): Record<string, string> {
  return {
    class: hasColours ? "rich-content has-colours" : "rich-content",
    role: "textbox",
    "aria-multiline": "true",
    "aria-labelledby": labelId,
    ...(describedBy ? { "aria-describedby": describedBy } : {}),
    ...(isInvalid ? { "aria-invalid": "true" } : {}),
  };
}
