import type { Words } from "../en/index.ts";

export const fieldTypes: Words["fieldTypes"] = {
  field: {
    text: "Text",
    editor: "Langer Text",
    number: "Zahl",
    bool: "Ja oder Nein",
    email: "E-Mail",
    url: "Webadresse",
    date: "Datum",
    autodate: "Datum, von selbst gesetzt",
    select: "Auswahl",
    relation: "Verweis auf Einträge",
    file: "Datei",
    json: "Strukturierte Daten (JSON)",
    geoPoint: "Ort auf der Karte",
    password: "Passwort",
    unknown: "Unbekannter Typ",
  },
  collection: { base: "Tabelle", auth: "Personen, die sich anmelden", view: "Berechnete Liste" },
};
