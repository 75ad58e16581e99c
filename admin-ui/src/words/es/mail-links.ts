import type { Words } from "../en/index.ts";

export const mailLinks: Words["mailLinks"] = {
  confirmTitle: "Confirmar el correo electrónico",
  confirming: "Confirmando…",
  confirmed: "Gracias, la dirección está confirmada. Esta página se puede cerrar.",
  changedTitle: "La dirección ha cambiado",
  changed: (email) => `Desde ahora se inicia sesión con ${email}. Esta página se puede cerrar.`,
  changeTitle: "Cambiar el correo electrónico",
  changeLead: (email) => `Con la contraseña, la cuenta pasa a ${email}.`,
  changeIt: "Cambiar la dirección",
  newAddress: "la nueva dirección",
  resetTitle: "Elegir una contraseña nueva",
  resetDoneTitle: "La contraseña ha cambiado",
  resetDone: "Desde ahora vale la nueva. Esta página se puede cerrar.",
  saveNewPassword: "Guardar la contraseña nueva",
  newPassword: "Contraseña nueva",
  newPasswordHint: "Al menos 8 caracteres.",
  newPasswordAgain: "Contraseña nueva otra vez",
  linkOver: "Este enlace ha caducado o ya se ha usado. Hay que pedir otro correo.",
  signedInTitle: "Sesión iniciada",
  signedInLead: "Esta ventana se cierra sola. Si sigue abierta, se puede cerrar.",
  failedTitle: "No se ha podido iniciar sesión",
  failedLead:
    "Conviene cerrar esta ventana e intentarlo de nuevo desde la aplicación. Si sigue fallando, hay que avisar a quien la lleva.",
};
