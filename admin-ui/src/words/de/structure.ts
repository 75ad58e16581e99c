import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("de");

export const structure: Words["structure"] = {
  title: "Aufbau",
  lead: "Wie die Sammlungen zusammenhängen, und ihre Definitionen als Dateien.",
  tabsLabel: "Ansichten des Aufbaus",
  tabs: { map: "Karte", export: "Ausgeben", import: "Einlesen" },
  map: "Karte der Sammlungen",
  mapHint: "Ziehen verschiebt sie. Das tun auch die Pfeiltasten; Plus und Minus ändern die Größe.",
  zoomIn: "Größer",
  zoomOut: "Kleiner",
  fit: "Alles zeigen",
  moreFields: (amount) => count(amount, { one: "# weiteres Feld", other: "# weitere Felder" }),
  linksTo: (names) => `verweist auf ${names}`,
  showSystem: "Eingebaute Sammlungen zeigen",
  empty: "Es gibt noch keine Sammlungen.",
  exportLead: "Die Definitionen, ohne Einträge. Ein anderes Steading oder PocketBase kann sie lesen.",
  exportWhich: "Welche Sammlungen",
  all: "Alle",
  importLead: "Definitionen aus einer Datei. Bevor etwas geschieht, ist zu sehen, was sich ändert.",
  file: "Datei wählen",
  paste: "Oder hier einfügen",
  drop: "Datei hier ablegen",
  formats:
    "Eine Liste von Sammlungen als JSON, wie Steading und PocketBase (ab 0.23) sie ausgeben: schema.json, pb_schema.json",
  otherFile: "Andere Datei",
  unreadable: {
    json: (line, column) => `Das ist kein JSON: Zeile ${line}, Zeichen ${column}.`,
    noList: "Das ist JSON, aber keine Liste von Sammlungen.",
    empty: "Diese Liste ist leer.",
    unnamed: (at) => `Eintrag ${at} der Liste ist keine Sammlung: Er hat keinen Namen.`,
    old: "Das stammt von PocketBase vor Version 0.23, das Felder anders beschrieben hat. Zuerst jenes PocketBase aktualisieren und dann noch einmal ausgeben.",
  },
  deleteMissing: "Löschen, was nicht in der Datei steht",
  deleteMissingHint: "Sammlungen und Felder, die die Datei nicht nennt, werden mit ihren Daten gelöscht.",
  steps: { create: "neu", change: "ändert sich", keep: "bleibt", delete: "wird gelöscht" },
  nothingChanges: "Alles ist schon so.",
  apply: "Anwenden",
  applyAndLose: "Anwenden und das verlieren",
  applied: "Die Definitionen gelten jetzt.",
  looking: "Wird verglichen …",
};
