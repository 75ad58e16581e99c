/** Puts a picture into the text: a file, one that the record has already, or one by address. Changes the chosen one. */

import type { Editor } from "@tiptap/react";
import { Image as ImageIcon } from "lucide-react";
import { useState } from "react";
import { Popover } from "#ui/popover.tsx";
import { words } from "#words/words.ts";
import type { PictureStore } from "../picture-store.ts";
import { ImageForm, type ImageValues } from "./image-form.tsx";
import { Tool } from "./tool.tsx";

export function ImageTool({ editor, store }: { editor: Editor; store: PictureStore }) {
  const { richText } = words().inputs;
  const [isOpen, setOpen] = useState(false);
  const isChosen = editor.isActive("image");
  const attributes = editor.getAttributes("image");
  const save = ({ address, alt, width }: ImageValues) => {
    setOpen(false);
    const size = sizeOf(attributes, width);
    const values = { src: address, alt, ...size };
    if (isChosen) editor.chain().focus().updateAttributes("image", values).run();
    else editor.chain().focus().insertContent({ type: "image", attrs: values }).run();
  };
  return (
    <Popover
      title={isChosen ? richText.changeImage : richText.image}
      align="start"
      isOpen={isOpen}
      onOpenChange={setOpen}
      focusAfterUse={() => editor.view.dom}
      trigger={<Tool label={richText.image} icon={ImageIcon} isOn={isChosen} />}
    >
      <ImageForm
        store={store}
        current={
          isChosen
            ? {
                address: text(attributes.src),
                alt: text(attributes.alt),
                width: Number.parseInt(text(attributes.width), 10) || null,
              }
            : undefined
        }
        onSave={save}
        onRemove={() => {
          setOpen(false);
          editor.chain().focus().deleteSelection().run();
        }}
      />
    </Popover>
  );
}

/** The height follows, so that nothing is drawn out of shape. */
function sizeOf(before: Record<string, unknown>, width: number | null) {
  const [oldWidth, oldHeight] = [Number(before.width), Number(before.height)];
  if (width === oldWidth) return {};
  const height = width && oldWidth > 0 && oldHeight > 0 ? String(Math.round((oldHeight * width) / oldWidth)) : null;
  return { width: width ? String(width) : null, height };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
