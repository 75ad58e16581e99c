import type { Words } from "../en/index.ts";

export const palette: Words["palette"] = {
  open: "Alles suchen",
  shortcut: "Strg K",
  label: "Sammlungen, Einträge, Einstellungen, Aktionen suchen",
  results: "Treffer",
  none: "Nichts heißt so.",
  searching: "Einträge werden gesucht …",
  keys: "↑ ↓ zum Wählen, Eingabe zum Öffnen, Esc zum Schließen",
  collection: "Sammlung",
  structure: "Aufbau",
  structureOf: (name) => `${name}: Felder und Regeln`,
  screen: "Seite",
  action: "Aktion",
  light: "Darstellung: hell",
  dark: "Darstellung: dunkel",
};
