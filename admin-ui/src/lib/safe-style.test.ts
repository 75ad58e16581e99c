import { expect, test } from "vitest";
import { safeStyle, styleValue, styleWith } from "./safe-style.ts";

test.each([
  "color: rgb(224, 62, 45);",
  "background-color: #f1c40f;",
  "text-align: center;",
  "border-collapse: collapse; width: 100%; height: 44.8px;",
  "border: 1px solid #ccc;",
  "display: block; margin-left: auto; margin-right: auto;",
  "padding-left: 40px;",
  "list-style-type: lower-alpha;",
])("%s is kept", (style) => expect(safeStyle(style)).toBe(style));

test.each([
  "background-image: url(https://evil.example/x)",
  "background: url(//evil.example)",
  "color: url(javascript:alert(1))",
  "color: expression(alert(1))",
  "color: red !important",
  "color: re\\64",
  "color: var(--ground)",
  "position: fixed",
  "position: fixed; inset: 0; z-index: 9999",
  "margin-left: -5000px",
  "transform: scale(9)",
  "width: calc(100vw * 9)",
  "width: 100vw",
  "font-size: 900px",
  "content: 'x'",
  "-moz-binding: url(x)",
  "behavior: url(x)",
  "list-style-type: url(x)",
  "border: 1px solid red; }",
  "animation: x 1s",
  "opacity: 0",
  "nonsense",
])("%s is not", (style) =>
  expect(safeStyle(style) ?? "").not.toMatch(/url|fixed|-\d|var|calc|vw|[{}\\!]|x 1s|900|opacity|nonsense|content/),
);

test("what is harmless stays beside what is not", () => {
  expect(safeStyle("POSITION:fixed;COLOR: Red ;width:50%")).toBe("color: Red; width: 50%;");
  expect(safeStyle("position: fixed")).toBe(null);
  expect(safeStyle(null)).toBe(null);
});

test("one property is changed or taken away", () => {
  expect(styleWith("color: red; width: 1px;", "color", "blue")).toBe("width: 1px; color: blue;");
  expect(styleWith("color: red;", "color", null)).toBe(null);
  expect(styleWith(null, "color", "red")).toBe("color: red;");
  expect(styleValue("color: red; color: blue;", "color")).toBe("blue");
  expect(styleValue(null, "color")).toBe(undefined);
});
