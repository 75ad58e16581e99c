/**
 * A guide that is checked while its steps are carried out: what it names must be what the steps do, in the same order.
 * Bold words are words on the screen, `code` is what is typed or chosen, <kbd> is a key, pictures are taken. Quotations
 * and fenced blocks are for reading.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const MARK =
  /\*\*(?<words>[^*]+)\*\*|(?<!`)`(?<typed>[^`]+)`(?!`)|!\[[^\]]*\]\((?<picture>[^)]+)\)|<kbd>(?<key>[^<]+)<\/kbd>/g;

/** @typedef {{ kind: "words" | "typed" | "key" | "picture", text: string, line: number }} Mark */

/** @param {string} file */
export async function openGuide(file) {
  const text = await readFile(file, "utf8");
  const { marks, blocks } = readMarks(text);
  let at = 0;

  return {
    /** Texts of fenced blocks by their language, in order. */
    blocks,
    /** The place that the steps have reached, for messages. */
    get line() {
      return marks[Math.min(at, marks.length - 1)]?.line ?? 1;
    },
    /** @param {Mark["kind"]} kind @param {string} text */
    expect(kind, text) {
      const mark = marks[at];
      assert.ok(mark, `the guide ends before ${kind} "${text}"`);
      assert.deepEqual({ kind: mark.kind, text: mark.text }, { kind, text }, `line ${mark.line} of the guide`);
      at += 1;
    },
    isOver() {
      const mark = marks[at];
      assert.equal(mark, undefined, `nothing does what line ${mark?.line} of the guide says: "${mark?.text}"`);
    },
  };
}

/** @param {string} text */
function readMarks(text) {
  /** @type {Mark[]} */
  const marks = [];
  /** @type {{ language: string, text: string }[]} */
  const blocks = [];
  /** @type {{ language: string, lines: string[] } | null} */
  let block = null;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^\s*```(\w*)/.exec(line);
    if (fence && block) {
      blocks.push({ language: block.language, text: block.lines.join("\n") });
      block = null;
    } else if (fence) block = { language: fence[1] ?? "", lines: [] };
    else if (block) block.lines.push(line);
    else if (!line.startsWith(">")) marks.push(...marksIn(line, index + 1));
  }
  return { marks, blocks };
}

/** @param {string} text @param {number} line @returns {Mark[]} */
function marksIn(text, line) {
  return [...text.matchAll(MARK)].map(({ groups = {} }) => {
    if (groups.words !== undefined) return { kind: "words", text: groups.words, line };
    if (groups.typed !== undefined) return { kind: "typed", text: groups.typed, line };
    if (groups.key !== undefined) return { kind: "key", text: groups.key, line };
    return { kind: "picture", text: groups.picture ?? "", line };
  });
}
