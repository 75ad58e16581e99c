import type { Words } from "../en/index.ts";

export const welcome: Words["welcome"] = {
  title: "Bienvenida a Steading",
  lead: "Falta elegir cómo iniciar sesión. Esta cuenta puede verlo y cambiarlo todo.",
  createAccount: "Crear la cuenta e iniciar sesión",
  passwordHint: "Al menos 8 caracteres. Unas cuantas palabras seguidas son seguras y fáciles de recordar.",
  passwordAgain: "Contraseña otra vez",
  linkOver: "Este enlace ya ha hecho su trabajo",
  linkOverLead:
    "Funciona durante 30 minutos y solo hasta que existe la primera cuenta. Si esa cuenta es la propia, basta con iniciar sesión.",
  goToSignIn: "Ir a iniciar sesión",
  noAccountYet:
    "¿Nadie tiene cuenta todavía? Al reiniciar Steading aparece un enlace nuevo; o crear una cuenta en la máquina donde corre:",
  command: "orden",
  signIn: "Iniciar sesión",
  signInLead: "Este es el lugar donde se cuidan los datos.",
  signInEnded: "La sesión ha terminado",
  signInEndedLead:
    "Al iniciar sesión de nuevo se sigue aquí: todo está como estaba, y lo que espera se guarda entonces. Si entra otra persona, la página empieza de nuevo.",
  noMatch: "El correo y la contraseña no coinciden. Conviene revisar ambos e intentarlo de nuevo.",
  oneMoreStep: "Un paso más",
  oneMoreStepLead: "Se ha enviado un código por correo. Hay que escribirlo aquí.",
  codeFromMail: "Código del correo",
  enterCode: "Falta el código.",
  wrongCode: "Este código es incorrecto o demasiado antiguo.",
  forgotten: "¿Contraseña olvidada?",
  forgottenTitle: "Una contraseña nueva",
  forgottenLead: "Un correo trae un enlace para elegirla.",
  sendLink: "Enviar el enlace",
  linkSent: (email) => `Si ${email} tiene una cuenta aquí, un correo con un enlace está en camino.`,
  noMailArrives:
    "¿No llega ningún correo? Quizá no haya un servidor de correo configurado. Alguien que pueda iniciar sesión pone otra contraseña en «Equipo». O en la máquina donde corre Steading:",
  backToSignIn: "Volver a iniciar sesión",
};
