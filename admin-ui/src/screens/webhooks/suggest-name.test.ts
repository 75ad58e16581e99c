import { expect, test } from "vitest";
import { NEW_DRAFT } from "./draft.ts";
import { suggestName } from "./suggest-name.ts";

test("a name says what is heard and where it goes, and is not taken", () => {
  expect(suggestName(NEW_DRAFT, [])).toBe("Slack");
  const draft = { ...NEW_DRAFT, listening: [{ collection: "orders", actions: ["create" as const] }] };
  expect(suggestName(draft, [])).toBe("orders → Slack");
  expect(suggestName(draft, ["Orders → slack", "orders → Slack 2"])).toBe("orders → Slack 3");
});
