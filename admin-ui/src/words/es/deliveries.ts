import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("es");

export const deliveries: Words["deliveries"] = {
  title: "Entregas",
  state: "Estado",
  all: "Todas",
  states: { waiting: "En espera", running: "En camino", succeeded: "Llegadas", failed: "Fallidas" },
  webhook: "Webhook",
  allWebhooks: "Todos los webhooks",
  event: "Suceso",
  allEvents: "Todos los sucesos",
  record: "Registro",
  search: "Buscar en sucesos, ids, errores",
  onlyRecord: (id) => `Solo el registro ${id}`,
  everyRecord: "Mostrar todos los registros",
  none: "Aún no se ha enviado nada",
  noneLead: "En cuanto pase algo de lo que este webhook avisa, aparece aquí.",
  noneLeadAll: "En cuanto pase algo de lo que un webhook avisa, aparece aquí.",
  noneFits: "Ninguna entrega coincide",
  kept: "Las entregas que llegaron se guardan una semana; las que fallaron, un mes.",
  showAll: "Mostrar todas las entregas",
  count: (amount) => count(amount, { one: "# entrega", other: "# entregas" }),
  live: "siempre al día",
  showNew: (amount) => count(amount, { one: "Mostrar # entrega nueva", other: "Mostrar # entregas nuevas" }),
  showChanged: "La lista ha cambiado. Mostrarla",
  events: {
    create: (collection) => `${collection}: creado`,
    update: (collection) => `${collection}: cambiado`,
    delete: (collection) => `${collection}: eliminado`,
    signUp: (collection) => `${collection}: alguien se ha registrado`,
  },
  test: "Prueba",
  open: (event, when) => `${event}, ${when}`,
  isDue: "empieza en cuanto haya sitio",
  nextTry: (tries, when) =>
    count(tries, {
      one: `# intento fallido, próximo intento ${when}`,
      other: `# intentos fallidos, próximo intento ${when}`,
    }),
  gaveUp: (tries) => count(tries, { one: "abandonada tras # intento", other: "abandonada tras # intentos" }),
  arrived: (tries) => (tries > 1 ? `llegó en el intento ${tries}` : "llegó"),
  runningNow: "enviándose",
  shortly: "enseguida",

  replay: "Enviar otra vez",
  replayed: "Se envía otra vez ahora.",
  replayTitle: "Enviar otra vez",
  replayLead:
    "Lo que se envía otra vez lleva el mismo id que antes, así que un destinatario que recuerda los ids no hace nada dos veces.",
  replayWhich: "¿Qué?",
  replayFailed: "Lo que ha fallado",
  replayAll: "Todo",
  since: "Desde",
  sinceHint: "En la hora local. Vacío para todo lo que se guarda.",
  replayedMany: (amount) =>
    amount === 0
      ? "No había nada que enviar otra vez."
      : count(amount, { one: "# entrega se envía otra vez.", other: "# entregas se envían otra vez." }),

  id: "Id (webhook-id)",
  happened: "Ocurrió",
  finished: "Terminó",
  nextTryAt: "Próximo intento",
  openRecord: "Abrir el registro",
  recordGone: "El registro se eliminó.",
  missing: "Esta entrega ya no está. Las que llegaron se guardan una semana; las que fallaron, un mes.",
  back: (name) => `Volver a ${name}`,
  attempt: (number) => `Intento ${number}`,
  noAttempts: "Aún no se ha intentado.",
  answered: (status) => `El destinatario respondió ${status}`,
  arrivedPlain: "Se entregó",
  noAnswer: "No hubo respuesta",
  took: (duration) => `tras ${duration}`,
  request: "Petición",
  response: "Respuesta",
  headers: "Cabeceras",
  body: "Contenido",
  emptyBody: "vacío",
  isCut: "Solo se guardan los primeros 64 KiB.",
  payload: "Lo que se va a enviar",
  advice: {
    redirect:
      "El destinatario remite a otra dirección. No se siguen las redirecciones, para que nada secreto acabe en otras manos. Conviene poner la dirección definitiva.",
    badRequest: "El destinatario no entiende el mensaje. Conviene comparar el contenido con lo que espera.",
    denied:
      "El destinatario lo rechaza: la dirección, una cabecera con contraseña o la comprobación de la firma no es correcta (o ya no lo es).",
    missing:
      "En esta dirección no hay nada (o ya no). En un chat, quizá se quitó el webhook: allí se hace una dirección nueva.",
    gone: "El destinatario no quiere más mensajes en esta dirección. El webhook se ha apagado.",
    tooLarge: "El mensaje es demasiado grande para el destinatario. Conviene enviar menos campos.",
    tooMany: "El destinatario quiere menos mensajes a la vez. Se vuelve a intentar más tarde, por sí solo.",
    server: "El destinatario tiene un problema propio. Se vuelve a intentar por sí solo.",
    private:
      "Este servidor está en una red privada, y allí solo se envía si la configuración lo nombra: allow en la parte [webhooks] de config.toml.",
    timeout:
      "El destinatario tarda demasiado. Debería responder primero y trabajar después, o tener más tiempo (Ajustes, Avanzado).",
    unknownHost: "No hay ningún servidor con este nombre. ¿Quizá una errata en la dirección?",
    refused: "Nadie escucha en esta dirección. ¿Está en marcha el destinatario?",
    tls: "La conexión no es segura: el certificado del destinatario no es válido.",
    broken: "El destinatario cortó la conexión sin responder. Se vuelve a intentar por sí solo.",
    template: "El mensaje no se pudo hacer con su plantilla. Ver Ajustes, «¿Qué debe decir?».",
    unknown: "Se vuelve a intentar por sí solo, a intervalos cada vez mayores.",
  },
};
