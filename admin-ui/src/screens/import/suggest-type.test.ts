import { expect, test } from "vitest";
import type { ImportColumn } from "#api/imports.ts";
import { decimalOf, suggestType } from "./suggest-type.ts";

const column = (name: string, part: Partial<ImportColumn> = {}): ImportColumn => ({
  name,
  type: "text",
  reason: "",
  fits: ["text", "editor"],
  blank: 0,
  example: "x",
  values: null,
  ...part,
});

test("one cell that is something else does not hide what the others are", () => {
  const dates = ["18.07.2018", "05.02.17", "unbekannt", "", "10.03.2017", "1.2.2020"];
  expect(suggestType(column("Kunde seit"), dates, 60)).toEqual({ type: "date", share: "most" });
  const mails = ["a@b.example", "c@d.example", "e(at)f.example", "g@h.example"];
  expect(suggestType(column("E-Mail"), mails, 60)).toEqual({ type: "email", share: "most" });
  const sums = ["1.234,50", "-17,90", "99,-", "3.000", "12,50 €"];
  expect(suggestType(column("Guthaben (€)"), sums, 60)).toEqual({ type: "number", share: "most" });
});

test("numbers that nobody adds up stay text", () => {
  const digits = ["1001", "1002", "1003", "Summe", "1004"];
  expect(suggestType(column("Kunden-Nr."), digits, 60)).toBeNull();
  expect(suggestType(column("Vorwahl"), ["0351", "030", "040", "089"], 60)).toBeNull();
});

test("what every cell fits is proposed, and few values are a list to choose from", () => {
  expect(suggestType(column("Bezahlt", { fits: ["text", "bool", "select"] }), ["ja"], 120)).toEqual({
    type: "bool",
    share: "all",
  });
  const status = { fits: ["text", "select"], values: ["offen", "bezahlt"] };
  expect(suggestType(column("Status", status), ["offen", "offen", "bezahlt", "offen"], 120)).toEqual({
    type: "select",
    share: "few",
  });
  const notes = { ...status, values: ["Ruft immer dienstags an und fragt nach", "Zahlt bar"] };
  expect(suggestType(column("Bemerkung", notes), ["Zahlt bar", "Zahlt bar", "", ""], 120)).toBeNull();
  expect(suggestType(column("Name", { ...status, values: ["Anna", "Bea"] }), ["Anna", "Bea", "", ""], 2)).toBeNull();
});

test("the cells tell what separates the decimals", () => {
  expect(decimalOf(["557,55", "3.000", "", "88,70"])).toBe(",");
  expect(decimalOf(["1,234.50", "3,000"])).toBe(".");
  expect(decimalOf(["1.234", "7"])).toBeNull();
  expect(decimalOf(["1.5", "1,5"])).toBeNull();
});
