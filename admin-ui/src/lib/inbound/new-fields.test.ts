import { expect, test } from "vitest";
import { leavesOf } from "./leaves.ts";
import { collectionNameFor, newFields } from "./new-fields.ts";

test("a message becomes fields with names of their own and fitting types", () => {
  const body = {
    id: "evt_1",
    created: 1795344079,
    data: { object: { id: "cs_1", amount_total: 4990, "e-mail": "a@example.com", "1st": true, tags: ["a"] } },
    url: "https://example.com/x",
  };
  const made = newFields(leavesOf(body)).map(({ name, type, isLikely }) => `${name} ${type}${isLikely ? " *" : ""}`);
  expect(made).toEqual([
    "eventId text",
    "created date *",
    "objectId text",
    "amountTotal number *",
    "eMail email *",
    "n1st bool",
    "tags json",
    "url url *",
  ]);
  expect(collectionNameFor("stripe", ["Payments"])).toBe("payments2");
});
