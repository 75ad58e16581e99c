import { expect, test } from "vitest";
import { htmlToText } from "./html-text.ts";

test.each([
  ["<p>One</p><p>Two &amp; <b>three</b></p>", "One\nTwo & three"],
  ["a<br>b", "a\nb"],
  ["x<script>alert(1)</script>y", "xy"],
  ["&#233;&#xe9;&nbsp;&unknown;", "éé &unknown;"],
  ["", ""],
])("%s", (html, text) => {
  expect(htmlToText(html)).toBe(text);
});
