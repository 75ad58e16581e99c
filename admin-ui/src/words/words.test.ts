import { expect, test } from "vitest";
import { languageFor } from "./words.ts";

test("the choice counts first, then the browser's languages in their order", () => {
  expect(languageFor(["es", "de-AT"])).toBe("es");
  expect(languageFor([null, "fr-FR", "de-AT", "en"])).toBe("de");
  expect(languageFor([null, "fr"])).toBe("en");
  expect(languageFor(["constructor"])).toBe("en");
});
