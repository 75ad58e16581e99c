/** What is put into a text: links, pictures, films, tables, lines. */

import type { Editor } from "@tiptap/react";
import { Clapperboard, Link2, Minus } from "lucide-react";
import { useState } from "react";
import { Popover } from "#ui/popover.tsx";
import { words } from "#words/words.ts";
import type { PictureStore } from "../picture-store.ts";
import { mediaHtml } from "../rich/media-node.ts";
import { AddressForm } from "./address-form.tsx";
import { ImageTool } from "./image-tool.tsx";
import { TableTool } from "./table-tool.tsx";
import { Tool } from "./tool.tsx";

export function InsertTools({ editor, store }: { editor: Editor; store: PictureStore }) {
  const { richText } = words().inputs;
  return (
    <>
      <LinkTool editor={editor} />
      <ImageTool editor={editor} store={store} />
      <MediaTool editor={editor} />
      <TableTool editor={editor} />
      <Tool label={richText.line} icon={Minus} onClick={() => editor.chain().focus().setHorizontalRule().run()} />
    </>
  );
}

const LINKED = /^(?:https?:\/\/|mailto:|tel:|\/|#)/i;

function LinkTool({ editor }: { editor: Editor }) {
  const { richText } = words().inputs;
  const [isOpen, setOpen] = useState(false);
  const { href } = editor.getAttributes("link");
  const link = (address: string) => {
    setOpen(false);
    const chain = editor.chain().focus();
    const range = chain.extendMarkRange("link");
    if (address === "") range.unsetLink().run();
    // Without a selection there is nothing to turn into a link, so the address stands for itself.
    else if (editor.state.selection.empty && !editor.isActive("link")) {
      editor
        .chain()
        .focus()
        .insertContent({ type: "text", text: address, marks: [{ type: "link", attrs: { href: address } }] })
        .run();
    } else range.setLink({ href: address }).run();
  };
  return (
    <Popover
      title={richText.link}
      align="start"
      isOpen={isOpen}
      onOpenChange={setOpen}
      focusAfterUse={() => editor.view.dom}
      trigger={<Tool label={richText.link} icon={Link2} isOn={editor.isActive("link")} />}
    >
      <AddressForm
        current={typeof href === "string" ? href : ""}
        refusalOf={(address) => (LINKED.test(address) ? undefined : richText.noAddress)}
        onSubmit={link}
      />
    </Popover>
  );
}

function MediaTool({ editor }: { editor: Editor }) {
  const { richText } = words().inputs;
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      title={richText.media}
      align="start"
      isOpen={isOpen}
      onOpenChange={setOpen}
      focusAfterUse={() => editor.view.dom}
      trigger={<Tool label={richText.media} icon={Clapperboard} />}
    >
      <AddressForm
        current=""
        hint={richText.mediaHint}
        refusalOf={(address) => (mediaHtml(address) === null ? richText.noMedia : undefined)}
        onSubmit={(address) => {
          setOpen(false);
          const html = mediaHtml(address);
          if (html !== null) editor.chain().focus().insertContent({ type: "media", attrs: { html } }).run();
        }}
      />
    </Popover>
  );
}
