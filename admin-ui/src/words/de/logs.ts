import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("de");

export const logs: Words["logs"] = {
  title: "Protokoll",
  lead: "Was vom Server verlangt wurde, und warum etwas abgelehnt wurde.",
  levels: { debug: "Fehlersuche", info: "Information", warning: "Warnung", error: "Fehler" },
  search: "Suchen, oder filtern: data.status >= 400",
  onlyTrouble: "Nur Warnungen und Fehler",
  live: "Laufend",
  liveHint: "Neue Einträge kommen von selbst, solange dieser Tab zu sehen ist.",
  clear: "Protokoll löschen",
  clearTitle: "Das ganze Protokoll löschen?",
  clearLead: "Alle Zeilen werden entfernt. Die Daten bleiben unberührt.",
  cleared: "Das Protokoll ist gelöscht.",
  chart: "Zeilen je Stunde",
  hour: "Stunde",
  entries: (amount) => count(amount, { one: "# Zeile", other: "# Zeilen" }),
  time: "Zeit",
  level: "Stufe",
  message: "Anfrage",
  status: "Antwort",
  duration: "Dauer",
  caller: "Wer",
  guest: "Gast",
  none: "Das Protokoll ist leer.",
  noneFound: "Keine Zeile passt.",
  detail: "Zeile des Protokolls",
  reason: "Warum abgelehnt",
  error: "Fehler",
  copyJson: "Als JSON kopieren",
};
