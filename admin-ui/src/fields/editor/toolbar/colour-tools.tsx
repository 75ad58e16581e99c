/** The colour of characters, and of what is behind them. */

import type { Editor } from "@tiptap/react";
import { Ban, Baseline, Check, Highlighter, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "#ui/button.tsx";
import { Popover } from "#ui/popover.tsx";
import { words } from "#words/words.ts";
import { setSpanStyle, spanStyleAt } from "../rich/marks.ts";
import { Tool } from "./tool.tsx";

/** Strong ones can be read on white paper, light ones leave black text readable. */
const STRONG = {
  black: "#000000",
  grey: "#5f6368",
  red: "#b3261e",
  orange: "#b45309",
  green: "#1e7b3a",
  teal: "#0f766e",
  blue: "#1d5fbf",
  purple: "#7e3ab0",
} as const;
const LIGHT = {
  white: "#ffffff",
  lightGrey: "#e3e3e3",
  lightRed: "#fbd3cf",
  lightOrange: "#fde0b8",
  lightYellow: "#fdf2a9",
  lightGreen: "#cdeccf",
  lightBlue: "#cfe2fb",
  lightPurple: "#e6d5f5",
} as const;
const STRONG_NAMES = ["black", "grey", "red", "orange", "green", "teal", "blue", "purple"] as const;
const LIGHT_NAMES = [
  "white",
  "lightGrey",
  "lightRed",
  "lightOrange",
  "lightYellow",
  "lightGreen",
  "lightBlue",
  "lightPurple",
] as const;

export function ColourTools({ editor }: { editor: Editor }) {
  const { richText } = words().inputs;
  return (
    <>
      <ColourTool editor={editor} label={richText.textColour} icon={Baseline} property="color" />
      <ColourTool editor={editor} label={richText.background} icon={Highlighter} property="background-color" />
    </>
  );
}

type ColourToolProps = { editor: Editor; label: string; icon: LucideIcon; property: "color" | "background-color" };

function ColourTool({ editor, label, icon, property }: ColourToolProps) {
  const [isOpen, setOpen] = useState(false);
  const current = spanStyleAt(editor, property);
  return (
    <Popover
      title={label}
      align="start"
      isOpen={isOpen}
      onOpenChange={setOpen}
      focusAfterUse={() => editor.view.dom}
      trigger={<Tool label={label} icon={icon} opens colour={current} />}
    >
      <Palette
        current={current}
        onChoose={(colour) => {
          setOpen(false);
          setSpanStyle(editor, property, colour);
        }}
      />
    </Popover>
  );
}

type PaletteProps = { current: string | undefined; onChoose: (colour: string | null) => void };

function Palette({ current, onChoose }: PaletteProps) {
  const { richText } = words().inputs;
  const [own, setOwn] = useState("#336699");
  return (
    <div className="flex w-72 flex-col gap-3">
      <div className="grid grid-cols-8 gap-1">
        {STRONG_NAMES.map((name) => (
          <Swatch
            key={name}
            name={richText.colourNames[name]}
            colour={STRONG[name]}
            isOn={isSame(STRONG[name], current)}
            onChoose={onChoose}
          />
        ))}
        {LIGHT_NAMES.map((name) => (
          <Swatch
            key={name}
            name={richText.colourNames[name]}
            colour={LIGHT[name]}
            isOn={isSame(LIGHT[name], current)}
            isLight
            onChoose={onChoose}
          />
        ))}
      </div>
      <div className="flex items-center gap-2">
        <input
          type="color"
          aria-label={richText.ownColour}
          title={richText.ownColour}
          value={own}
          onChange={(event) => setOwn(event.target.value)}
          className="h-9 w-11 shrink-0 cursor-pointer rounded-lg border border-line bg-raised p-1"
        />
        <Button className="flex-1" onClick={() => onChoose(own)}>
          {richText.useOwnColour}
        </Button>
      </div>
      <Button icon={Ban} onClick={() => onChoose(null)}>
        {richText.noColour}
      </Button>
    </div>
  );
}

type SwatchProps = {
  name: string;
  colour: string;
  isOn: boolean;
  isLight?: boolean;
  onChoose: (colour: string) => void;
};

function Swatch({ name, colour, isOn, isLight = false, onChoose }: SwatchProps) {
  return (
    <button
      type="button"
      aria-label={name}
      title={name}
      aria-pressed={isOn}
      onClick={() => onChoose(colour)}
      style={{ backgroundColor: colour }}
      className="flex size-8 items-center justify-center rounded-md border border-line-strong/50"
    >
      {isOn && <Check className={isLight ? "size-4 text-black" : "size-4 text-white"} aria-hidden />}
    </button>
  );
}

/** The browser writes colours in its own way. */
function isSame(colour: string, other: string | undefined): boolean {
  if (other === undefined) return false;
  const written = (value: string) => {
    const { style } = document.createElement("i");
    style.color = value;
    return style.color;
  };
  return written(colour) === written(other);
}
