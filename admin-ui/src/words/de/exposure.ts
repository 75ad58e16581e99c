import type { Words } from "../en/index.ts";

export const exposure: Words["exposure"] = {
  title: "Wer darf was lesen",
  lead: "Was Besucher und Angemeldete mit jeder Sammlung tun dürfen, aus den Regeln ermittelt. Superuser dürfen alles.",
  caller: "Für",
  guest: "Besucher",
  signedIn: (collection) => `Angemeldet als ${collection}`,
  signUp: (names) => `In ${names} dürfen alle ein Konto anlegen: „Angemeldet“ sind dort auch Fremde.`,
  access: { open: "Alle", closed: "Keine", conditional: "Einige", link: "Wer die Adresse kennt" },
  accessLong: {
    open: "jeden Eintrag",
    closed: "keinen Eintrag",
    conditional: "je nach Eintrag",
    link: "wer die Adresse der Datei kennt",
  },
  nothing: "Nichts: Nur Superuser sehen und ändern etwas.",
  neverForGuests: "Niemand ohne Anmeldung",
  openFiles: (field) =>
    `Wer die Adresse einer Datei in „${field}“ kennt, kann sie lesen, auch ohne den Eintrag öffnen zu dürfen.`,
  collection: "Sammlung",
  files: "Dateien",
  when: "Wann",
  severity: { high: "Achtung", medium: "Ansehen", info: "Hinweis" },
  onlyOwn: "Auch eingebaute Sammlungen zeigen",
  hiddenFields: (names) => `Verborgen für alle außer Superuser: ${names}`,
  editRules: "Regeln ändern",
};
