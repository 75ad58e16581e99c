/** What a block of text is: a paragraph, a heading, a quotation, code and its language. */

import type { Editor } from "@tiptap/react";
import { Pilcrow, Quote } from "lucide-react";
import { Menu, MenuChoices, MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { words } from "#words/words.ts";
import { Tool } from "./tool.tsx";

const LEVELS = [1, 2, 3, 4, 5, 6] as const;

/** As style sheets for code name them. */
const LANGUAGES = {
  "": "",
  bash: "Bash",
  c: "C",
  cpp: "C++",
  csharp: "C#",
  css: "CSS",
  dart: "Dart",
  go: "Go",
  markup: "HTML, XML",
  java: "Java",
  javascript: "JavaScript",
  json: "JSON",
  kotlin: "Kotlin",
  php: "PHP",
  python: "Python",
  ruby: "Ruby",
  rust: "Rust",
  sql: "SQL",
  swift: "Swift",
  typescript: "TypeScript",
};

export function BlockTool({ editor }: { editor: Editor }) {
  const { richText } = words().inputs;
  const chain = () => editor.chain().focus();
  const level = LEVELS.find((one) => editor.isActive("heading", { level: one }));
  const isCode = editor.isActive("codeBlock");
  const current = level ? `h${level}` : isCode ? "code" : "text";
  const choose = (value: string) => {
    const heading = LEVELS.find((one) => value === `h${one}`);
    if (heading) chain().setHeading({ level: heading }).run();
    else if (value === "code") chain().setCodeBlock().run();
    else chain().setParagraph().run();
  };
  const choices = [
    { value: "text", label: richText.paragraph },
    ...LEVELS.map((one) => ({ value: `h${one}`, label: richText.heading(one) })),
    { value: "code", label: richText.codeBlock },
  ];
  const { language } = editor.getAttributes("codeBlock");
  const known = typeof language === "string" ? language : "";
  const languages = Object.entries(LANGUAGES).map(([value, name]) => ({ value, label: name || richText.noLanguage }));
  return (
    <Menu
      align="start"
      focusAfterChoice={() => editor.view.dom}
      trigger={
        <Tool
          label={richText.block}
          icon={Pilcrow}
          text={choices.find(({ value }) => value === current)?.label ?? ""}
          opens
        />
      }
    >
      <MenuChoices label={richText.block} value={current} choices={choices} onChange={choose} isOnlyChoice />
      <MenuSeparator />
      <MenuItem icon={Quote} isOn={editor.isActive("blockquote")} onSelect={() => chain().toggleBlockquote().run()}>
        {richText.quote}
      </MenuItem>
      {isCode && (
        <>
          <MenuSeparator />
          <MenuChoices
            label={richText.language}
            value={known}
            choices={known in LANGUAGES ? languages : [...languages, { value: known, label: known }]}
            onChange={(value) =>
              chain()
                .updateAttributes("codeBlock", { language: value || null })
                .run()
            }
            isOnlyChoice
          />
        </>
      )}
    </Menu>
  );
}
