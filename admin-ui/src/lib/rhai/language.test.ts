import { StringStream } from "@codemirror/language";
import { expect, test } from "vitest";
import { type RhaiState, rhaiParser } from "./language.ts";

/** The styled pieces of a text as `style:piece`, and what is open at its end. */
function read(text: string): { pieces: string[]; state: RhaiState } {
  const state = rhaiParser.startState?.(4) ?? { open: [], comments: 0, line: 0 };
  const pieces: string[] = [];
  for (const line of text.split("\n")) {
    const stream = new StringStream(line, 4, 4);
    while (!stream.eol()) {
      stream.start = stream.pos;
      const style = rhaiParser.token(stream, state);
      if (style) pieces.push(`${style}:${stream.current()}`);
    }
  }
  return { pieces, state };
}

test("words, texts and numbers of a handler", () => {
  expect(read('before_create("orders", |e| { e.record.total = 19.99 * VAT; });').pieces).toEqual([
    "variableName.function:before_create",
    "bracket:(",
    'string:"orders"',
    "operator:|",
    "variableName:e",
    "operator:|",
    "bracket:{",
    "variableName:e",
    "operator:.",
    "propertyName:record",
    "operator:.",
    "propertyName:total",
    "operator:=",
    "number:19.99",
    "operator:*",
    "variableName:VAT",
    "bracket:}",
    "bracket:)",
  ]);
});

test("code in a text, a text in that code, and the end of both", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is one of the script
  const { pieces, state } = read("let a = `x ${f(`y ${1}`)} z`; true");
  expect(pieces).toContain("variableName.function:f");
  expect(pieces.at(-1)).toBe("bool:true");
  expect(state.open).toEqual([]);
});

test("comments nest and go over lines; a text in quotes does not", () => {
  expect(read("/* a /* b */\nlet */ let").pieces.at(-1)).toBe("keyword:let");
  expect(read('"it is // no comment" // one').pieces).toEqual(['string:"it is // no comment"', "comment:// one"]);
});

test("a line is indented by the lines that opened something, and less where it closes that", () => {
  const { state } = read('route("GET", "/x", |req| {\n    if a {');
  // Of what the editor offers, only the unit is asked for.
  const context = { unit: 4 } as Parameters<NonNullable<typeof rhaiParser.indent>>[2];
  expect(rhaiParser.indent?.(state, "x", context)).toBe(8);
  expect(rhaiParser.indent?.(state, "}", context)).toBe(4);
  const { state: outer } = read('route("GET", "/x", |req| {\n    let a = [1, 2];');
  expect(rhaiParser.indent?.(outer, "x", context)).toBe(4);
  expect(rhaiParser.indent?.(outer, "});", context)).toBe(0);
});
