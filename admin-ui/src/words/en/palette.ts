/** The search of everything. */
export const palette = {
  open: "Go to anything",
  shortcut: "Ctrl K",
  label: "Search collections, records, settings, actions",
  results: "Results",
  none: "Nothing is called that.",
  searching: "Searching records…",
  keys: "↑ ↓ to choose, Enter to open, Esc to close",
  collection: "collection",
  structure: "structure",
  structureOf: (name: string) => `${name}: fields and rules`,
  screen: "screen",
  action: "action",
  light: "Appearance: light",
  dark: "Appearance: dark",
};
