import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("de");

export const errors: Words["errors"] = {
  unexpected: "Etwas Unerwartetes ist geschehen. Bitte die Seite neu laden.",
  offline: "Steading antwortet nicht. Läuft es, und ist das Netz da? Dann noch einmal versuchen.",
  signedOut: "Die Anmeldung ist abgelaufen. Bitte neu anmelden.",
  forbidden: "Das ist nicht erlaubt.",
  missing: "Das ist nicht (mehr) da. Vielleicht wurde es entfernt oder umbenannt.",
  tooLarge: "Das ist größer, als der Server annimmt.",
  server: "In Steading selbst ist etwas schiefgegangen. Das Protokoll weiß mehr; ein neuer Versuch kann helfen.",
  refused: "Der Server hat das nicht angenommen.",
  checkThis: "Bitte prüfen.",
  tooMany: (wait) => `Zu viele Versuche in kurzer Zeit. Bitte ${wait} warten und dann noch einmal versuchen.`,
  aMoment: "einen Moment",
  seconds: (amount) => count(amount, { one: "# Sekunde", other: "# Sekunden" }),
  minutes: (amount) => count(amount, { one: "# Minute", other: "# Minuten" }),
  unknownField: (name) => `Es gibt kein Feld „${name}“.`,
  didYouMean: (name) => `War „${name}“ gemeint?`,
  replaceName: (name) => `${name} nehmen`,
  searchForText: (text) => `Nach dem Text „${text}“ suchen`,
  full: "Die Platte des Servers ist voll. Lesen und Löschen gehen noch.",
  codes: {
    validation_required: "Bitte ausfüllen.",
    validation_is_email: "Das sieht nicht wie eine E-Mail-Adresse aus.",
    validation_not_unique: "Das ist schon vergeben.",
    validation_values_mismatch: "Die beiden stimmen nicht überein.",
    validation_invalid_token: "Dieser Link gilt nicht mehr.",
    validation_invalid_password: "Das ist nicht das aktuelle Passwort.",
    validation_min_text_constraint: (limit) => `Mindestens ${limit} Zeichen.`,
    validation_max_text_constraint: (limit) => `Höchstens ${limit} Zeichen.`,
    validation_min_number_constraint: (limit) => `Mindestens ${limit}.`,
    validation_max_number_constraint: (limit) => `Höchstens ${limit}.`,
    validation_too_many_values: (limit) => `Höchstens ${limit} auswählen.`,
    validation_not_a_number: "Das ist keine Zahl.",
    validation_only_int_constraint: "Nur ganze Zahlen.",
    validation_invalid_url: "Das sieht nicht wie eine Webadresse aus.",
    validation_invalid_format: "Das hat nicht die verlangte Form.",
    validation_missing_rel_records: "Einen Eintrag, auf den verwiesen wird, gibt es nicht.",
  },
};
