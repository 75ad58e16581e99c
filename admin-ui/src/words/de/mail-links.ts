import type { Words } from "../en/index.ts";

export const mailLinks: Words["mailLinks"] = {
  confirmTitle: "E-Mail-Adresse bestätigen",
  confirming: "Wird bestätigt …",
  confirmed: "Danke, die Adresse ist bestätigt. Diese Seite kann geschlossen werden.",
  changedTitle: "Die Adresse ist geändert",
  changed: (email) => `Ab jetzt gilt für die Anmeldung ${email}. Diese Seite kann geschlossen werden.`,
  changeTitle: "E-Mail-Adresse ändern",
  changeLead: (email) => `Mit dem Passwort zieht das Konto zu ${email} um.`,
  changeIt: "Adresse ändern",
  newAddress: "der neuen Adresse",
  resetTitle: "Neues Passwort wählen",
  resetDoneTitle: "Das Passwort ist geändert",
  resetDone: "Ab jetzt gilt das neue. Diese Seite kann geschlossen werden.",
  saveNewPassword: "Neues Passwort speichern",
  newPassword: "Neues Passwort",
  newPasswordHint: "Mindestens 8 Zeichen.",
  newPasswordAgain: "Neues Passwort noch einmal",
  linkOver: "Dieser Link ist abgelaufen oder wurde schon benutzt. Bitte eine neue E-Mail anfordern.",
  signedInTitle: "Die Anmeldung hat geklappt",
  signedInLead: "Dieses Fenster schließt sich von selbst. Bleibt es offen, kann es geschlossen werden.",
  failedTitle: "Die Anmeldung hat nicht geklappt",
  failedLead:
    "Bitte dieses Fenster schließen und es aus der App noch einmal versuchen. Klappt es weiterhin nicht, bitte den Betreiber der App ansprechen.",
};
