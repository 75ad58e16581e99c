import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("es");

export const errors: Words["errors"] = {
  unexpected: "Ha ocurrido algo inesperado. Conviene recargar la página.",
  offline: "Steading no responde. Conviene comprobar que está en marcha y que hay red, e intentarlo de nuevo.",
  signedOut: "La sesión ha terminado. Hay que iniciarla de nuevo.",
  forbidden: "Esto no está permitido.",
  missing: "Esto (ya) no está aquí. Puede que se haya eliminado o renombrado.",
  tooLarge: "Es más grande de lo que acepta el servidor.",
  server: "Steading ha tenido un problema propio. Su bitácora dice más; intentarlo de nuevo puede ayudar.",
  refused: "El servidor no lo ha aceptado.",
  checkThis: "Conviene revisar esto.",
  tooMany: (wait) => `Demasiados intentos en poco tiempo. Hay que esperar ${wait} antes de intentarlo de nuevo.`,
  aMoment: "un momento",
  seconds: (amount) => count(amount, { one: "# segundo", other: "# segundos" }),
  minutes: (amount) => count(amount, { one: "# minuto", other: "# minutos" }),
  unknownField: (name) => `No hay ningún campo «${name}».`,
  didYouMean: (name) => `¿Quizá «${name}»?`,
  replaceName: (name) => `Usar ${name}`,
  searchForText: (text) => `Buscar el texto «${text}»`,
  codes: {
    validation_required: "Hay que rellenarlo.",
    validation_is_email: "No parece una dirección de correo.",
    validation_not_unique: "Ya está en uso.",
    validation_values_mismatch: "Los dos no coinciden.",
    validation_invalid_token: "Este enlace ya no es válido.",
    validation_invalid_password: "No es la contraseña actual.",
  },
};
