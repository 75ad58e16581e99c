/** The bar above the editor for rich text. The arrow keys move within it. */

import { Toolbar } from "@base-ui/react/toolbar";
import type { Editor } from "@tiptap/react";
import {
  Bold,
  Code,
  CodeXml,
  Ellipsis,
  Italic,
  List,
  ListOrdered,
  Maximize2,
  Minimize2,
  Redo2,
  RemoveFormatting,
  Strikethrough,
  Subscript,
  Superscript,
  Underline,
  Undo2,
} from "lucide-react";
import { Menu, MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { words } from "#words/words.ts";
import type { PictureStore } from "../picture-store.ts";
import { clearFormatting } from "../rich/blocks.ts";
import { AlignTool } from "./align-tool.tsx";
import { BlockTool } from "./block-tool.tsx";
import { ColourTools } from "./colour-tools.tsx";
import { InsertTools } from "./insert-tools.tsx";
import { Tool, ToolGroup } from "./tool.tsx";

type RichToolbarProps = {
  editor: Editor;
  isFull: boolean;
  onFull: () => void;
  onSource: () => void;
  store: PictureStore;
};

export function RichToolbar({ editor, isFull, onFull, onSource, store }: RichToolbarProps) {
  const { richText } = words().inputs;
  const { common } = words();
  const chain = () => editor.chain().focus();
  return (
    <Toolbar.Root
      aria-label={richText.toolbar}
      className="flex flex-wrap gap-x-3 gap-y-0.5 border-b border-line bg-sunken p-1"
    >
      <ToolGroup label={richText.characters}>
        <BlockTool editor={editor} />
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
        <MoreTool editor={editor} />
      </ToolGroup>
      <ToolGroup label={richText.colours}>
        <ColourTools editor={editor} />
      </ToolGroup>
      <ToolGroup label={richText.paragraphs}>
        <AlignTool editor={editor} />
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
      </ToolGroup>
      <ToolGroup label={richText.insert}>
        <InsertTools editor={editor} store={store} />
      </ToolGroup>
      <ToolGroup label={richText.view}>
        <Tool label={common.undo} icon={Undo2} isOff={!editor.can().undo()} onClick={() => chain().undo().run()} />
        <Tool label={common.redo} icon={Redo2} isOff={!editor.can().redo()} onClick={() => chain().redo().run()} />
        <Tool label={richText.source} icon={CodeXml} onClick={onSource} />
        <Tool
          label={isFull ? richText.leaveFullScreen : richText.fullScreen}
          icon={isFull ? Minimize2 : Maximize2}
          onClick={onFull}
        />
      </ToolGroup>
    </Toolbar.Root>
  );
}

/** Formatting that is wanted less often. */
function MoreTool({ editor }: { editor: Editor }) {
  const { richText } = words().inputs;
  const chain = () => editor.chain().focus();
  const isOn = ["strike", "superscript", "subscript", "code"].some((name) => editor.isActive(name));
  return (
    <Menu
      align="start"
      focusAfterChoice={() => editor.view.dom}
      trigger={<Tool label={richText.more} icon={Ellipsis} isOn={isOn} opens />}
    >
      <MenuItem icon={Strikethrough} isOn={editor.isActive("strike")} onSelect={() => chain().toggleStrike().run()}>
        {richText.strike}
      </MenuItem>
      <MenuItem
        icon={Superscript}
        isOn={editor.isActive("superscript")}
        onSelect={() => chain().unsetMark("subscript").toggleMark("superscript").run()}
      >
        {richText.superscript}
      </MenuItem>
      <MenuItem
        icon={Subscript}
        isOn={editor.isActive("subscript")}
        onSelect={() => chain().unsetMark("superscript").toggleMark("subscript").run()}
      >
        {richText.subscript}
      </MenuItem>
      <MenuItem icon={Code} isOn={editor.isActive("code")} onSelect={() => chain().toggleCode().run()}>
        {richText.code}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={RemoveFormatting} onSelect={() => clearFormatting(editor)}>
        {richText.clear}
      </MenuItem>
    </Menu>
  );
}
