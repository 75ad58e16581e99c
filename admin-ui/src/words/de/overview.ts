import type { Words } from "../en/index.ts";

export const overview: Words["overview"] = {
  title: "Übersicht",
  heading: "Eigene Sammlungen",
  lead: "Eine Sammlung ist wie ein Blatt in einer Tabellenkalkulation: eine Art von Dingen, ein Eintrag je Zeile.",
  bringInMore: "Weitere Daten einlesen",
  fromSpreadsheet: "Aus einer Tabelle",
  fromSpreadsheetLead:
    "Als CSV speichern (in Excel oder LibreOffice: „Speichern unter“). Dann auf dem Rechner, auf dem Steading läuft, dies eintippen. Die Sammlung entsteht von selbst, mit passender Art für jede Spalte.",
  fromApp: "Aus der eigenen App",
  fromAppLead: "Steading spricht die Sprache der PocketBase-Bibliotheken:",
  command: "Befehl",
  example: "Beispiel",
};
