import type { Words } from "../en/index.ts";

export const fieldTypes: Words["fieldTypes"] = {
  field: {
    text: "Texto",
    editor: "Texto largo",
    number: "Número",
    bool: "Sí o no",
    email: "Correo electrónico",
    url: "Dirección web",
    date: "Fecha",
    autodate: "Fecha automática",
    select: "Opción",
    relation: "Enlace a registros",
    file: "Archivo",
    json: "Datos estructurados (JSON)",
    geoPoint: "Lugar en el mapa",
    password: "Contraseña",
    unknown: "Tipo desconocido",
  },
  collection: { base: "Hoja", auth: "Personas que inician sesión", view: "Lista calculada" },
};
