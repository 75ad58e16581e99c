/** Where the lines of a block stand, and from which side they are read. */

import type { Editor } from "@tiptap/react";
import {
  PilcrowLeft,
  PilcrowRight,
  TextAlignCenter,
  TextAlignEnd,
  TextAlignJustify,
  TextAlignStart,
} from "lucide-react";
import { styleValue } from "#lib/safe-style.ts";
import { Menu, MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { words } from "#words/words.ts";
import { type Alignment, alignBlocks, directBlocks } from "../rich/blocks.ts";
import { Tool } from "./tool.tsx";

const ICONS = {
  left: TextAlignStart,
  center: TextAlignCenter,
  right: TextAlignEnd,
  justify: TextAlignJustify,
} as const;
const ALIGNMENTS: readonly Alignment[] = ["left", "center", "right", "justify"];

export function AlignTool({ editor }: { editor: Editor }) {
  const { richText } = words().inputs;
  const { style, dir } = editor.state.selection.$from.parent.attrs;
  const value = styleValue(style, "text-align");
  const current = ALIGNMENTS.find((one) => one === value) ?? (dir === "rtl" ? "right" : "left");
  return (
    <Menu
      align="start"
      focusAfterChoice={() => editor.view.dom}
      trigger={<Tool label={richText.align} icon={ICONS[current]} opens />}
    >
      {ALIGNMENTS.map((one) => (
        <MenuItem key={one} icon={ICONS[one]} isOn={one === current} onSelect={() => alignBlocks(editor, one)}>
          {richText.alignments[one]}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={PilcrowRight} isOn={dir === "ltr"} onSelect={() => directBlocks(editor, "ltr")}>
        {richText.leftToRight}
      </MenuItem>
      <MenuItem icon={PilcrowLeft} isOn={dir === "rtl"} onSelect={() => directBlocks(editor, "rtl")}>
        {richText.rightToLeft}
      </MenuItem>
    </Menu>
  );
}
