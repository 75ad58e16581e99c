import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("de");

export const recordPanel: Words["recordPanel"] = {
  record: "Datensatz",
  newIn: (collection) => `Neu in ${collection}`,
  newRecord: "Neuer Datensatz",
  previous: "Vorheriger Datensatz",
  next: "Nächster Datensatz",
  copyId: "Id kopieren",
  copyJson: "Als JSON kopieren",
  copyLink: "Link kopieren",
  duplicate: "Duplizieren",
  shortcuts: "Tastenkürzel",
  saveRecord: "Datensatz speichern",
  closePanel: "Seitenleiste schließen",
  thisList: "Diese Liste zeigen",
  required: "Pflichtfeld",
  hiddenField: "Verborgen: nur für Superuser sichtbar",
  revert: "Rückgängig",
  revertAll: "Alles rückgängig",
  create: "Anlegen",
  noChanges: "Keine Änderungen",
  changes: (amount) => count(amount, { one: "# ungespeicherte Änderung", other: "# ungespeicherte Änderungen" }),
  uploading: "Wird hochgeladen",
  checkFields: "Bitte die markierten Stellen oben prüfen.",
  created: (name) => `„${name}“ wurde angelegt.`,
  createdIn: (name, collection) => `„${name}“ wurde in ${collection} angelegt.`,
  saveAndLeave: "Speichern und weiter",
  changedByOthers: "Jemand anderes hat das gerade geändert.",
  conflict: "Jemand anderes hat das inzwischen geändert. Speichern ersetzt diesen Wert:",
  takeTheirs: "Diesen übernehmen",
  gone: "Jemand anderes hat diesen Datensatz gelöscht.",
  keepAsNew: "Das Eingegebene als neuen Datensatz behalten",
  calculated: "Dieser Datensatz wird aus anderen Sammlungen berechnet und ist hier nicht änderbar.",
  ownId: "Id",
  ownIdHint: "Wird vom Server erzeugt, wenn leer. Später nicht mehr änderbar.",
  accountHints: {
    emailVisibility: "Ob andere, die den Datensatz sehen dürfen, auch die Adresse sehen.",
    verified: "Ob bestätigt ist, dass die Adresse dieser Person gehört.",
    password: "Ein neues Passwort beendet alle Anmeldungen dieser Person.",
  },
  usedBy: "Verwendet von",
  through: (field) => `über ${field}`,
  deleted: (name) => `„${name}“ wurde gelöscht.`,
  notDeleted: (name, reason) => `„${name}“ ließ sich nicht löschen. ${reason}`,
  deleteTitle: (name) => `„${name}“ löschen?`,
  goesAlong: (amount, collection) =>
    count(amount, {
      one: `# Datensatz von ${collection} wird mitgelöscht.`,
      other: `# Datensätze von ${collection} werden mitgelöscht.`,
    }),
  mayRefuse: (amount, collection, field) =>
    count(amount, {
      one: `# Datensatz von ${collection} braucht ihn in ${field}. Der Server lehnt vielleicht ab.`,
      other: `# Datensätze von ${collection} brauchen ihn in ${field}. Der Server lehnt vielleicht ab.`,
    }),
};
