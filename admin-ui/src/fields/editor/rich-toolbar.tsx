/** The buttons above the editor for rich text. */

import type { Editor } from "@tiptap/react";
import {
  Bold,
  Code,
  CodeXml,
  Heading2,
  Heading3,
  Image,
  Italic,
  Link2,
  List,
  ListOrdered,
  type LucideIcon,
  Minus,
  Quote,
  Redo2,
  RemoveFormatting,
  Strikethrough,
  Underline,
  Undo2,
} from "lucide-react";
import { type ComponentProps, type FormEvent, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { Button } from "#ui/button.tsx";
import { Popover } from "#ui/popover.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

export function RichToolbar({ editor, onSource }: { editor: Editor; onSource: () => void }) {
  const { richText } = words().inputs;
  const chain = () => editor.chain().focus();
  return (
    <fieldset aria-label={richText.toolbar} className="flex flex-wrap gap-0.5 border-b border-line bg-sunken p-1">
      <Tool
        label={richText.bold}
        icon={Bold}
        isOn={editor.isActive("bold")}
        onClick={() => chain().toggleBold().run()}
      />
      <Tool
        label={richText.italic}
        icon={Italic}
        isOn={editor.isActive("italic")}
        onClick={() => chain().toggleItalic().run()}
      />
      <Tool
        label={richText.underline}
        icon={Underline}
        isOn={editor.isActive("underline")}
        onClick={() => chain().toggleUnderline().run()}
      />
      <Tool
        label={richText.strike}
        icon={Strikethrough}
        isOn={editor.isActive("strike")}
        onClick={() => chain().toggleStrike().run()}
      />
      <Gap />
      <Tool
        label={richText.heading}
        icon={Heading2}
        isOn={editor.isActive("heading", { level: 2 })}
        onClick={() => chain().toggleHeading({ level: 2 }).run()}
      />
      <Tool
        label={richText.subheading}
        icon={Heading3}
        isOn={editor.isActive("heading", { level: 3 })}
        onClick={() => chain().toggleHeading({ level: 3 }).run()}
      />
      <Tool
        label={richText.bullets}
        icon={List}
        isOn={editor.isActive("bulletList")}
        onClick={() => chain().toggleBulletList().run()}
      />
      <Tool
        label={richText.numbers}
        icon={ListOrdered}
        isOn={editor.isActive("orderedList")}
        onClick={() => chain().toggleOrderedList().run()}
      />
      <Tool
        label={richText.quote}
        icon={Quote}
        isOn={editor.isActive("blockquote")}
        onClick={() => chain().toggleBlockquote().run()}
      />
      <Tool
        label={richText.code}
        icon={Code}
        isOn={editor.isActive("code")}
        onClick={() => chain().toggleCode().run()}
      />
      <Tool label={richText.line} icon={Minus} onClick={() => chain().setHorizontalRule().run()} />
      <Gap />
      <AddressTool
        label={richText.link}
        icon={Link2}
        isOn={editor.isActive("link")}
        current={String(editor.getAttributes("link").href ?? "")}
        accepts={/^(?:https?:\/\/|mailto:|tel:|\/|#)/i}
        onSubmit={(href) => {
          const range = chain().extendMarkRange("link");
          if (href === "") range.unsetLink().run();
          // Without a selection there is nothing to turn into a link, so the address stands for itself.
          else if (editor.state.selection.empty && !editor.isActive("link")) {
            chain()
              .insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href } }] })
              .run();
          } else range.setLink({ href }).run();
        }}
      />
      <AddressTool
        label={richText.image}
        icon={Image}
        isOn={editor.isActive("image")}
        current={String(editor.getAttributes("image").src ?? "")}
        accepts={/^(?:https?:\/\/|\/)/i}
        onSubmit={(src) => {
          if (src !== "") chain().insertContent({ type: "image", attrs: { src } }).run();
        }}
      />
      <Gap />
      <Tool label={richText.clear} icon={RemoveFormatting} onClick={() => chain().unsetAllMarks().clearNodes().run()} />
      <Tool
        label={words().common.undo}
        icon={Undo2}
        isOff={!editor.can().undo()}
        onClick={() => chain().undo().run()}
      />
      <Tool
        label={words().common.redo}
        icon={Redo2}
        isOff={!editor.can().redo()}
        onClick={() => chain().redo().run()}
      />
      <Tool label={richText.source} icon={CodeXml} className="ml-auto" onClick={onSource} />
    </fieldset>
  );
}

function Gap() {
  return <span aria-hidden className="mx-0.5 w-px self-stretch bg-line" />;
}

type ToolProps = ComponentProps<"button"> & { label: string; icon: LucideIcon; isOn?: boolean; isOff?: boolean };

function Tool({ label, icon: Icon, isOn, isOff, className, ...rest }: ToolProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={isOn}
      disabled={isOff}
      className={classNames(
        "flex size-8 items-center justify-center rounded-md disabled:opacity-40",
        isOn
          ? "bg-moss-wash text-moss-strong"
          : "text-ink-soft not-disabled:hover:bg-line/60 not-disabled:hover:text-ink",
        className,
      )}
      {...rest}
    >
      <Icon className="size-4" aria-hidden />
    </button>
  );
}

type AddressToolProps = {
  label: string;
  icon: LucideIcon;
  isOn: boolean;
  current: string;
  accepts: RegExp;
  onSubmit: (address: string) => void;
};

function AddressTool({ label, icon, isOn, current, accepts, onSubmit }: AddressToolProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      title={label}
      align="start"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={<Tool label={label} icon={icon} isOn={isOn} />}
    >
      <AddressForm
        current={current}
        accepts={accepts}
        onSubmit={(address) => {
          setOpen(false);
          onSubmit(address);
        }}
      />
    </Popover>
  );
}

type AddressFormProps = Pick<AddressToolProps, "current" | "accepts" | "onSubmit">;

/** Mounted with the popover, so that it begins with the address at the cursor. */
function AddressForm({ current, accepts, onSubmit }: AddressFormProps) {
  const { inputs, common } = words();
  const [address, setAddress] = useState(current);
  const [isRefused, setRefused] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The form of the record lies around this one.
    event.stopPropagation();
    const typed = address.trim();
    const whole = /^[\w-]+(?:\.[\w-]+)+(?:[/?#]|$)/.test(typed) ? `https://${typed}` : typed;
    if (whole !== "" && !accepts.test(whole)) setRefused(true);
    else onSubmit(whole);
  };
  return (
    <form noValidate onSubmit={submit} className="flex w-72 flex-col gap-3">
      <TextField
        label={inputs.richText.address}
        type="url"
        placeholder="https://"
        value={address}
        error={isRefused ? inputs.richText.noAddress : undefined}
        onChange={(event) => setAddress(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        {current !== "" && <Button onClick={() => onSubmit("")}>{common.remove}</Button>}
        <Button type="submit" look="primary">
          {common.save}
        </Button>
      </div>
    </form>
  );
}
