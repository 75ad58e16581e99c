import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("de");

export const deliveries: Words["deliveries"] = {
  title: "Zustellungen",
  state: "Zustand",
  all: "Alle",
  states: { waiting: "Wartet", running: "Unterwegs", succeeded: "Angekommen", failed: "Gescheitert" },
  webhook: "Webhook",
  allWebhooks: "Alle Webhooks",
  event: "Ereignis",
  allEvents: "Alle Ereignisse",
  record: "Eintrag",
  search: "In Ereignissen, Ids, Fehlern suchen",
  onlyRecord: (id) => `Nur Eintrag ${id}`,
  everyRecord: "Alle Einträge zeigen",
  none: "Noch wurde nichts gesendet",
  noneLead: "Sobald etwas geschieht, was dieser Webhook meldet, erscheint es hier.",
  noneLeadAll: "Sobald etwas geschieht, was ein Webhook meldet, erscheint es hier.",
  noneFits: "Keine Zustellung passt",
  kept: "Was angekommen ist, wird eine Woche aufgehoben, was gescheitert ist, einen Monat.",
  showAll: "Alle Zustellungen zeigen",
  count: (amount) => count(amount, { one: "# Zustellung", other: "# Zustellungen" }),
  live: "immer aktuell",
  showNew: (amount) => count(amount, { one: "# neue Zustellung zeigen", other: "# neue Zustellungen zeigen" }),
  showChanged: "Die Liste hat sich geändert. Zeigen",
  events: {
    create: (collection) => `${collection}: angelegt`,
    update: (collection) => `${collection}: geändert`,
    delete: (collection) => `${collection}: gelöscht`,
    signUp: (collection) => `${collection}: jemand hat sich registriert`,
  },
  test: "Probe",
  open: (event, when) => `${event}, ${when}`,
  isDue: "beginnt, sobald Platz ist",
  nextTry: (tries, when) =>
    count(tries, {
      one: `# Versuch gescheitert, nächster Versuch ${when}`,
      other: `# Versuche gescheitert, nächster Versuch ${when}`,
    }),
  gaveUp: (tries) => count(tries, { one: "nach # Versuch aufgegeben", other: "nach # Versuchen aufgegeben" }),
  arrived: (tries) => (tries > 1 ? `beim ${tries}. Versuch angekommen` : "angekommen"),
  runningNow: "wird gesendet",
  shortly: "gleich",

  replay: "Noch einmal senden",
  replayed: "Wird jetzt noch einmal gesendet.",
  replayTitle: "Noch einmal senden",
  replayLead:
    "Was noch einmal gesendet wird, hat dieselbe Id wie zuvor. Ein Empfänger, der sich Ids merkt, tut also nichts doppelt.",
  replayWhich: "Was?",
  replayFailed: "Was gescheitert ist",
  replayAll: "Alles",
  since: "Seit",
  sinceHint: "In der eigenen Ortszeit. Leer für alles, was aufgehoben ist.",
  replayedMany: (amount) =>
    amount === 0
      ? "Es gab nichts, was noch einmal zu senden wäre."
      : count(amount, {
          one: "# Zustellung wird noch einmal gesendet.",
          other: "# Zustellungen werden noch einmal gesendet.",
        }),

  id: "Id (webhook-id)",
  happened: "Geschehen",
  finished: "Beendet",
  nextTryAt: "Nächster Versuch",
  openRecord: "Eintrag öffnen",
  recordGone: "Der Eintrag wurde gelöscht.",
  missing:
    "Diese Zustellung ist nicht mehr da. Was angekommen ist, wird eine Woche aufgehoben, was gescheitert ist, einen Monat.",
  back: (name) => `Zurück zu ${name}`,
  attempt: (number) => `Versuch ${number}`,
  noAttempts: "Es wurde noch nicht versucht.",
  answered: (status) => `Der Empfänger hat mit ${status} geantwortet`,
  arrivedPlain: "Übergeben",
  noAnswer: "Es kam keine Antwort",
  took: (duration) => `nach ${duration}`,
  request: "Anfrage",
  response: "Antwort",
  headers: "Kopfzeilen",
  body: "Inhalt",
  emptyBody: "leer",
  isCut: "Nur die ersten 64 KiB sind aufgehoben.",
  payload: "Was gesendet werden soll",
  advice: {
    redirect:
      "Der Empfänger verweist auf eine andere Adresse. Weiterleitungen werden nicht verfolgt, damit nichts Geheimes in falsche Hände gerät. Die endgültige Adresse eintragen.",
    badRequest: "Der Empfänger versteht die Nachricht nicht. Den Inhalt mit dem vergleichen, was er erwartet.",
    denied:
      "Der Empfänger lehnt ab: Die Adresse, eine Kopfzeile mit Passwort oder die Prüfung der Signatur stimmt nicht (mehr).",
    missing:
      "Unter dieser Adresse gibt es nichts (mehr). In einem Chat wurde der Webhook vielleicht entfernt: Dort eine neue Adresse erzeugen.",
    gone: "Der Empfänger möchte unter dieser Adresse nichts mehr bekommen. Der Webhook ist ausgeschaltet.",
    tooLarge: "Die Nachricht ist dem Empfänger zu groß. Weniger Felder senden.",
    tooMany: "Der Empfänger möchte weniger Nachrichten auf einmal. Es wird später von selbst wieder versucht.",
    server: "Der Empfänger hat selbst eine Störung. Es wird von selbst wieder versucht.",
    private:
      "Dieser Rechner steht in einem privaten Netz. Dorthin sendet der Server nur, wenn seine Konfiguration ihn nennt: allow im Abschnitt [webhooks] der config.toml.",
    timeout:
      "Der Empfänger braucht zu lange. Er sollte erst antworten und dann arbeiten, oder mehr Zeit bekommen (Einstellungen, Erweitert).",
    unknownHost: "Es gibt keinen Server mit diesem Namen. Vielleicht ein Tippfehler in der Adresse?",
    refused: "Unter dieser Adresse nimmt niemand etwas an. Läuft der Empfänger?",
    tls: "Die Verbindung ist nicht sicher: Das Zertifikat des Empfängers ist ungültig.",
    broken: "Der Empfänger hat die Verbindung ohne Antwort beendet. Es wird von selbst wieder versucht.",
    template: "Die Nachricht ließ sich aus ihrer Vorlage nicht machen. Siehe Einstellungen, „Was soll da stehen?“.",
    unknown: "Es wird von selbst wieder versucht, in wachsenden Abständen.",
  },
};
