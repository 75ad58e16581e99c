/** The editor for rich text. A large piece, loaded when the first such field is shown. */

import { EditorContent, generateHTML, generateJSON, useEditor } from "@tiptap/react";
import StarterKit from "@tiptap/starter-kit";
import { useEffect, useLayoutEffect, useRef } from "react";
import { classNames } from "#lib/class-names.ts";
import { ImageNode } from "./image-node.ts";
import { losses } from "./losses.ts";
import "./rich-text.css";
import { RichToolbar } from "./rich-toolbar.tsx";

const EXTENSIONS = [
  StarterKit.configure({
    link: { openOnClick: false, autolink: true, HTMLAttributes: { target: null, rel: null, class: null } },
    trailingNode: false,
  }),
  ImageNode,
];

type RichTextProps = {
  html: string;
  onChange: (html: string) => void;
  labelId: string;
  describedBy: string | undefined;
  isInvalid: boolean;
  /** Asks for the HTML to be shown instead: by choice, or because of what would be lost. */
  onSource: (lost: string[]) => void;
};

export function RichText({ html, onChange, labelId, describedBy, isInvalid, onSource }: RichTextProps) {
  // What this has given out itself need not be looked at again. Nothing at first, so that what comes in is.
  const known = useRef<string | null>(null);

  const editor = useEditor({
    extensions: EXTENSIONS,
    content: html,
    // It would be put into the page by script, which the page's security policy forbids.
    injectCSS: false,
    shouldRerenderOnTransaction: true,
    editorProps: { attributes: attributesOf(labelId, describedBy, isInvalid) },
    onUpdate: (update) => {
      known.current = update.editor.isEmpty ? "" : update.editor.getHTML();
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
    editor.setOptions({ editorProps: { attributes: attributesOf(labelId, describedBy, isInvalid) } });
  }, [editor, labelId, describedBy, isInvalid]);

  return (
    <div
      className={classNames(
        "rich-text overflow-hidden rounded-lg border bg-raised shadow-xs focus-within:outline-2 focus-within:outline-moss",
        isInvalid ? "border-danger" : "border-line-strong",
      )}
    >
      <RichToolbar editor={editor} onSource={() => onSource([])} />
      <EditorContent editor={editor} />
    </div>
  );
}

function lossesOf(html: string): string[] {
  return html.trim() === "" ? [] : losses(html, reduced(html));
}

/** What the editor would make of it. */
export function reduced(html: string): string {
  return generateHTML(generateJSON(html, EXTENSIONS), EXTENSIONS);
}

function attributesOf(labelId: string, describedBy: string | undefined, isInvalid: boolean): Record<string, string> {
  return {
    role: "textbox",
    "aria-multiline": "true",
    "aria-labelledby": labelId,
    ...(describedBy ? { "aria-describedby": describedBy } : {}),
    ...(isInvalid ? { "aria-invalid": "true" } : {}),
  };
}
