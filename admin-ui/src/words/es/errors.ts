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
  full: "El disco del servidor está lleno. Aún se puede leer y borrar.",
  codes: {
    validation_required: "Hay que rellenarlo.",
    validation_is_email: "No parece una dirección de correo.",
    validation_not_unique: "Ya está en uso.",
    validation_values_mismatch: "Los dos no coinciden.",
    validation_invalid_token: "Este enlace ya no es válido.",
    validation_invalid_password: "No es la contraseña actual.",
    validation_min_text_constraint: (limit) => `Al menos ${limit} caracteres.`,
    validation_max_text_constraint: (limit) => `Como mucho ${limit} caracteres.`,
    validation_min_number_constraint: (limit) => `Al menos ${limit}.`,
    validation_max_number_constraint: (limit) => `Como mucho ${limit}.`,
    validation_too_many_values: (limit) => `Elegir como mucho ${limit}.`,
    validation_not_a_number: "Esto no es un número.",
    validation_only_int_constraint: "Solo números enteros.",
    validation_invalid_url: "Esto no parece una dirección web.",
    validation_invalid_format: "No tiene la forma pedida.",
    validation_missing_rel_records: "No existe un registro con el que se enlaza.",
  },
};
