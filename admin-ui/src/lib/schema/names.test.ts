import { expect, test } from "vitest";
import { tidyName, toFieldName } from "./names.ts";

test("names are made fit to be names", () => {
  expect(toFieldName("Größe in m²")).toBe("Grosse_in_m2");
  expect(tidyName(toFieldName("Müllers Liste 🎉"))).toBe("Mullers_Liste");
  expect(tidyName("kept_", "kept_")).toBe("kept_");
  expect(tidyName("_")).toBe("_");
});
