import { describe, expect, test } from "vitest";
import { orderAfterUpload, toBody } from "./record-writes.ts";

const photo = new File(["x"], "new.png");
const saved = { id: "a", collectionId: "c", collectionName: "c" };

describe("toBody", () => {
  test("is plain JSON without uploads, and says what is kept", () => {
    const files = { photos: { isMultiple: true, list: ["b.png", "a.png"] }, contract: { isMultiple: false, list: [] } };
    expect(toBody({ values: { name: "Ana" }, files })).toEqual({
      name: "Ana",
      photos: ["b.png", "a.png"],
      contract: "",
    });
  });

  test("adds new files to the kept ones, and replaces a single one", () => {
    const files = {
      photos: { isMultiple: true, list: [photo, "a.png"] },
      contract: { isMultiple: false, list: [photo] },
    };
    const form = toBody({ values: { name: "Ana" }, files });
    if (!(form instanceof FormData)) throw new Error("uploads need a form");
    expect(JSON.parse(String(form.get("@jsonPayload")))).toEqual({ name: "Ana", photos: ["a.png"] });
    expect(form.getAll("photos+")).toHaveLength(1);
    expect(form.getAll("contract")).toHaveLength(1);
  });
});

describe("orderAfterUpload", () => {
  test("puts a new file where it was wanted", () => {
    const files = { photos: { isMultiple: true, list: [photo, "a.png", photo] } };
    const order = orderAfterUpload({ values: {}, files }, { ...saved, photos: ["a.png", "n1.png", "n2.png"] });
    expect(order).toEqual({ photos: ["n1.png", "a.png", "n2.png"] });
  });

  test("asks for nothing when the order is right", () => {
    const files = { photos: { isMultiple: true, list: ["a.png", photo] } };
    expect(orderAfterUpload({ values: {}, files }, { ...saved, photos: ["a.png", "n1.png"] })).toBeNull();
  });
});
