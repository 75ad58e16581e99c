import { expect, test } from "vitest";
import type { ImportPlan, PlanColumn } from "#api/imports.ts";
import { asLink, fieldNameOf, isLinkList, withKey, withLinkList, withName, withStoredName } from "./plan-changes.ts";

function column(part: Partial<PlanColumn>): PlanColumn {
  const nothing = { field: null, type: null, isNew: true, relation: null, decimal: null, dates: null, reason: "" };
  return { column: "A", action: "field", options: {}, ...nothing, ...part };
}

function plan(part: Partial<ImportPlan>): ImportPlan {
  return { collection: "staff", isNew: true, mode: "create", key: null, badRows: "stop", columns: [], ...part };
}

test("headings become names of fields as the server makes them", () => {
  const headings = ["First Name", "FirstName", "first_name", "ID", "IDNumber", "Straße", "Größe (cm)", "2nd", "%"];
  expect(headings.map(fieldNameOf)).toEqual([
    "firstName",
    "firstName",
    "first_name",
    "id",
    "idNumber",
    "strasse",
    "grosseCm",
    "field_2nd",
    "field_",
  ]);
});

test("a column that becomes a link is called after what it links to", () => {
  const collections = ["artist", "Album"].map((name) => ({ name, type: "base" as const, system: false, fields: [] }));
  const artist = column({ column: "ArtistId", field: "artistId", type: "number" });
  expect(asLink(artist, collections)).toMatchObject({
    field: "artist",
    type: "relation",
    relation: { collection: "artist", field: null },
  });
  expect(asLink(column({ column: "album_id", field: "album_id" }), collections)).toMatchObject({
    field: "album",
    relation: { collection: "Album", field: null },
  });
  expect(asLink(column({ column: "ReportsTo", field: "boss" }), collections)).toMatchObject({
    field: "boss",
    relation: null,
  });
});

test("links are lists where rows add up, unless something else is chosen", () => {
  const link = column({ type: "relation" });
  expect([isLinkList(link, "create"), isLinkList(link, "update")]).toEqual([false, true]);
  expect(isLinkList({ ...link, ...withLinkList(link, false) }, "update")).toBe(false);
  expect(isLinkList({ ...link, ...withLinkList(link, true) }, "create")).toBe(true);
});

test("a link to the new collection itself follows its name", () => {
  const before = plan({
    columns: [
      column({ relation: { collection: "staff", field: null } }),
      column({ relation: { collection: "teams", field: null } }),
    ],
  });
  const after = withName(before, "employees");
  expect(after.collection).toBe("employees");
  expect(after.columns.map(({ relation }) => relation?.collection)).toEqual(["employees", "teams"]);
});

test("the column that finds records is their id if it goes nowhere", () => {
  const columns = [column({ column: "No", action: "skip" }), column({ column: "Name", field: "name" })];
  const actions = (key: string) => withKey(plan({ columns }), key).columns.map(({ action }) => action);
  expect(actions("No")).toEqual(["id", "field"]);
  expect(actions("Name")).toEqual(["skip", "field"]);
});

test("a file named like a collection goes there, whatever the case of its letters", () => {
  const collections = [{ name: "employee" }];
  expect(withStoredName(plan({ collection: "Employee" }), collections)?.collection).toBe("employee");
  expect(withStoredName(plan({ collection: "staff" }), collections)?.collection).toBe("staff");
});
