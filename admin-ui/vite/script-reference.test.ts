import { expect, test } from "vitest";
import { readReference } from "./script-reference.ts";

const GUIDE = `# Scripts
- \`not.this()\`: It stands before the reference.
<!-- reference: begin -->
### \`db\`

- \`db.NAME\`: Any name.
- \`db.count(collection)\`: The number of \`records\`.
- \`db.count(collection, filter)\`: The same with a filter.

### Functions

- \`e.NAME = value\`: An assignment.
- \`now()\`: The time.

### Bytes

- \`data.len\`: How many.
- \`data.len()\`: How many.
<!-- reference: end -->
- \`nor_this()\`: It stands behind.
`;

test("functions are read with all their forms, properties without", () => {
  expect(readReference(GUIDE)).toEqual([
    {
      section: "db",
      owner: "db",
      name: "count",
      calls: ["collection", "collection, filter"],
      text: "The number of records.",
    },
    { section: "Functions", owner: "", name: "now", calls: [""], text: "The time." },
    { section: "Bytes", owner: "data", name: "len", calls: [""], text: "How many." },
  ]);
});
