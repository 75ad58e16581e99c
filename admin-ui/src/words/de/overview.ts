import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("de");

export const overview: Words["overview"] = {
  title: "Übersicht",
  heading: "Eigene Sammlungen",
  lead: "Eine Sammlung ist wie ein Blatt in einer Tabellenkalkulation: eine Art von Dingen, ein Eintrag je Zeile.",
  add: "Mehr hinzufügen",
  begin: "Was soll hier festgehalten werden?",
  beginLead: "Eine Tabelle einlesen, mit einer Vorlage anfangen, oder ganz von vorn.",
  fromFile: "Eine vorhandene Tabelle",
  fromFileLead: "CSV, Excel oder JSON. Was daraus wird, ist zu sehen, bevor etwas gespeichert wird.",
  fromNothing: "Etwas Eigenes",
  fromNothingLead: "Einen Namen geben und die nötigen Felder anlegen.",
  newCollection: "Neue Sammlung",
  templates: "Oder mit einer Vorlage anfangen",
  template: {
    orders: { title: "Kunden und Bestellungen", lead: "Wer kauft, was bestellt ist, und wie weit es ist." },
    bookings: { title: "Buchungen", lead: "Räume oder Dinge, wer sie hat, von wann bis wann." },
    inventory: { title: "Lager", lead: "Was da ist, was ausgeht, und wer es liefert." },
    events: { title: "Veranstaltungen", lead: "Was wann und wo stattfindet, und wer kommt." },
    blog: { title: "Blog", lead: "Beiträge mit Autoren und Schlagwörtern, für eine Website." },
  },
  makes: (names) => `Legt ${names} an`,
  use: "Damit anfangen",
  made: (name) => `„${name}“ ist fertig, mit einigen Beispieleinträgen.`,
  nameTaken: "Eine Sammlung mit diesem Namen gibt es schon. Bitte zuerst umbenennen oder löschen.",
  samples: (amount) =>
    count(amount, {
      one: "# Beispieleintrag ist zum Ansehen da.",
      other: "# Beispieleinträge sind zum Ansehen da.",
    }),
  removeSamples: "Beispiele entfernen",
  samplesRemoved: "Die Beispiele sind entfernt.",
  fromApp: "Aus der eigenen App",
  fromAppLead: "Steading spricht die Sprache der PocketBase-Bibliotheken:",
  example: "Beispiel",
};
