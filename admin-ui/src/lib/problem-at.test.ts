import { expect, test } from "vitest";
import { problemAt } from "./problem-at.ts";

test("a finding is at its path or below it, not at a longer name", () => {
  expect(problemAt({ "rules.10.label": "no", "rules.1.label": "yes" }, "rules.1")).toBe("yes");
  expect(problemAt({ host: "empty" }, "host")).toBe("empty");
  expect(problemAt({ hostname: "empty" }, "host")).toBeUndefined();
});
