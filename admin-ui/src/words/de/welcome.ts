import type { Words } from "../en/index.ts";

export const welcome: Words["welcome"] = {
  title: "Willkommen bei Steading",
  lead: "Wie soll die Anmeldung gehen? Dieses Konto darf alles sehen und ändern.",
  createAccount: "Konto anlegen und anmelden",
  passwordHint: "Mindestens 8 Zeichen. Einige Wörter hintereinander sind gut und leicht zu merken.",
  passwordAgain: "Passwort noch einmal",
  linkOver: "Dieser Link hat seinen Dienst getan",
  linkOverLead: "Er gilt 30 Minuten, und nur bis es das erste Konto gibt. Ist es das eigene Konto, einfach anmelden.",
  goToSignIn: "Zur Anmeldung",
  noAccountYet:
    "Noch niemand hat ein Konto? Steading neu starten ergibt einen neuen Link, oder ein Konto auf dem Rechner anlegen, auf dem es läuft:",
  command: "Befehl",
  signIn: "Anmelden",
  signInLead: "Willkommen zurück. Hier werden die Daten gepflegt.",
  signInEnded: "Die Anmeldung ist abgelaufen",
  signInEndedLead:
    "Nach dem Anmelden geht es hier weiter: Alles steht noch da, und was noch zu speichern ist, wird dann gespeichert. Meldet sich jemand anderes an, beginnt die Seite von vorn.",
  noMatch: "E-Mail und Passwort passen nicht zusammen. Bitte beides prüfen und noch einmal versuchen.",
  oneMoreStep: "Noch ein Schritt",
  oneMoreStepLead: "Ein Code ist per E-Mail unterwegs. Bitte hier eintippen.",
  codeFromMail: "Code aus der E-Mail",
  enterCode: "Bitte den Code eingeben.",
  wrongCode: "Dieser Code ist falsch oder zu alt.",
  forgotten: "Passwort vergessen?",
  forgottenTitle: "Ein neues Passwort",
  forgottenLead: "Eine E-Mail bringt einen Link, mit dem sich eines wählen lässt.",
  sendLink: "Link schicken",
  linkSent: (email) => `Falls ${email} hier ein Konto hat, ist eine E-Mail mit einem Link unterwegs.`,
  noMailArrives:
    "Es kommt keine E-Mail? Vielleicht ist kein Mailserver eingerichtet. Wer sich anmelden kann, setzt unter „Team“ ein neues Passwort. Oder auf dem Rechner, auf dem Steading läuft:",
  backToSignIn: "Zurück zur Anmeldung",
};
