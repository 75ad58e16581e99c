import { counter } from "../plural.ts";

const count = counter("en");

/** All collections together: the map, and definitions as files. */
export const structure = {
  title: "Structure",
  lead: "How your collections hang together, and their definitions as files.",
  tabsLabel: "Ways to look at the structure",
  tabs: { map: "Map", export: "Export", import: "Import" },
  map: "Map of the collections",
  mapHint: "Drag to move it. Arrow keys move it as well; plus and minus change its size.",
  zoomIn: "Larger",
  zoomOut: "Smaller",
  fit: "Show everything",
  moreFields: (amount: number) => count(amount, { one: "# more field", other: "# more fields" }),
  linksTo: (names: string) => `links to ${names}`,
  showSystem: "Show built-in collections",
  empty: "There are no collections yet.",
  exportLead: "The definitions, without records. Another Steading or PocketBase can read them.",
  exportWhich: "Which collections",
  all: "All",
  importLead: "Definitions from a file. Nothing happens before you have seen what changes.",
  file: "Choose a file",
  paste: "Or paste it here",
  drop: "Drop a file here",
  formats:
    "A list of collections as JSON, as Steading and PocketBase (0.23 and later) export it: schema.json, pb_schema.json",
  otherFile: "Another file",
  unreadable: {
    json: (line: number, column: number) => `This is no JSON: line ${line}, character ${column}.`,
    noList: "This is JSON, but no list of collections.",
    empty: "This list is empty.",
    unnamed: (at: number) => `Item ${at} of the list is no collection: it has no name.`,
    old: "This comes from PocketBase before version 0.23, which described fields in another way. Update that PocketBase first, and export again.",
  },
  deleteMissing: "Delete what is not in the file",
  deleteMissingHint: "Collections and fields that the file does not name are deleted with their data.",
  steps: { create: "new", change: "changes", keep: "stays", delete: "is deleted" },
  nothingChanges: "Everything is like this already.",
  apply: "Apply",
  applyAndLose: "Apply and lose this",
  applied: "The definitions are in place.",
  looking: "Comparing…",
};
