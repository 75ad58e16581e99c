/**
 * Checks a text as JSON and says where it stops being so. `JSON.parse` names the place in words that differ between
 * browsers, and some name none.
 */

/** What the text should go on with at the place of the error. */
type JsonFault = "value" | "end" | "comma" | "colon" | "key" | "text" | "escape" | "number" | "depth";

export type JsonCheck =
  | {
      isValid: true;
      value: unknown /** Numbers that change when they are read: more digits than fit. */;
      inexact: string[];
    }
  | {
      isValid: false;
      fault: JsonFault /** From 0, in UTF-16 units. */;
      offset: number /** Both from 1. */;
      line: number;
      column: number;
    };

/** Deeper nesting exhausts the stack of the browser. */
const MAX_DEPTH = 1000;

export function checkJson(text: string): JsonCheck {
  const reader = new Reader(text);
  const fault = reader.document();
  if (!fault) return { isValid: true, value: JSON.parse(text), inexact: reader.inexact };
  const before = text.slice(0, fault.offset);
  const line = before.split("\n").length;
  return { isValid: false, ...fault, line, column: fault.offset - before.lastIndexOf("\n") };
}

type Fault = { fault: JsonFault; offset: number };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /(?:true|false|null)\b/y;
const SPACE = /[ \t\r\n]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** Each method reads one part of the grammar and gives the fault it met, if any. */
class Reader {
  readonly inexact: string[] = [];
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  document(): Fault | null {
    return this.value(0) ?? (this.at < this.text.length ? this.fault("end") : null);
  }

  private value(depth: number): Fault | null {
    if (depth > MAX_DEPTH) return this.fault("depth");
    this.match(SPACE);
    const found = this.valueAt(depth);
    this.match(SPACE);
    return found;
  }

  private valueAt(depth: number): Fault | null {
    const first = this.text[this.at];
    if (first === "{") return this.members("}", () => this.member(depth));
    if (first === "[") return this.members("]", () => this.value(depth + 1));
    if (first === '"') return this.quoted();
    if (first === "-" || (first !== undefined && first >= "0" && first <= "9")) return this.number();
    return this.match(WORD) === null ? this.fault("value") : null;
  }

  private members(close: string, one: () => Fault | null): Fault | null {
    this.at++;
    this.match(SPACE);
    if (this.take(close)) return null;
    for (;;) {
      const found = one();
      if (found) return found;
      if (this.take(close)) return null;
      if (!this.take(",")) return this.fault("comma");
      this.match(SPACE);
    }
  }

  private member(depth: number): Fault | null {
    this.match(SPACE);
    if (this.text[this.at] !== '"') return this.fault("key");
    const found = this.quoted();
    if (found) return found;
    this.match(SPACE);
    return this.take(":") ? this.value(depth + 1) : this.fault("colon");
  }

  private quoted(): Fault | null {
    this.at++;
    for (;;) {
      this.skipPlain();
      if (this.take('"')) return null;
      if (this.text[this.at] !== "\\") return this.fault("text");
      if (this.match(ESCAPE) === null) return this.fault("escape");
    }
  }

  /** What may stand in a text without being escaped. */
  private skipPlain(): void {
    while (this.at < this.text.length) {
      const code = this.text.charCodeAt(this.at);
      if (code < 0x20 || code === 0x22 || code === 0x5c) return;
      this.at++;
    }
  }

  private number(): Fault | null {
    const found = this.match(NUMBER);
    if (found === null) return this.fault("number");
    if (!isExact(found)) this.inexact.push(found);
    return null;
  }

  private take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }

  private fault(fault: JsonFault): Fault {
    return { fault, offset: this.at };
  }
}

/** Whether a whole number survives being read as a double. Fractions are rounded everywhere, so they do not count. */
function isExact(written: string): boolean {
  if (!/^-?\d+$/.test(written)) return Number.isFinite(Number(written));
  return BigInt(written) === BigInt(Number(written));
}
