import { expect, test } from "vitest";
import { fromPlainText, plainTextOf } from "./plain-text.ts";

test("paragraphs go to lines and back", () => {
  const html = fromPlainText("1 < 2 & 3\n<b>no markup</b>");
  expect(html).toBe("<p>1 &lt; 2 &amp; 3</p><p>&lt;b&gt;no markup&lt;/b&gt;</p>");
  expect(plainTextOf(html)).toEqual({ text: "1 < 2 & 3\n<b>no markup</b>", isWhole: true });
});

test("formatting is noticed, because a plain text would lose it", () => {
  expect(plainTextOf("<p>a <strong>b</strong></p>").isWhole).toBe(false);
  expect(plainTextOf('<p class="x">a</p>').isWhole).toBe(false);
  expect(plainTextOf("a<br/>b").isWhole).toBe(true);
});
