import { expect, test } from "vitest";
import { messageOf } from "./message.ts";

test("the message is found inside of what each chat takes", () => {
  expect(messageOf("slack", '{"text":"New order"}')).toBe("New order");
  expect(messageOf("discord", '{"content":"New order","username":"Shop"}')).toBe("New order");
  const card = { type: "AdaptiveCard", body: [{ type: "TextBlock", text: "New" }, { text: "or\\*der\n\n2" }] };
  const teams = { type: "message", attachments: [{ content: card }] };
  expect(messageOf("teams", JSON.stringify(teams))).toBe("New\nor*der\n2");
  expect(messageOf("slack", '{"text":"a &lt;b&gt; &amp;amp;"}')).toBe("a <b> &amp;");
  expect(messageOf("discord", '{"content":"a \\\\_b\\\\_"}')).toBe("a _b_");
  expect(messageOf("email", "<p>a &amp; b</p>")).toBe("a & b");
});

test("what is not of that form has no message", () => {
  expect(messageOf("slack", "not json")).toBeNull();
  expect(messageOf("slack", '{"text":{"a":1}}')).toBeNull();
  expect(messageOf("teams", '{"attachments":{}}')).toBeNull();
  expect(messageOf("json", '{"text":"x"}')).toBeNull();
});
