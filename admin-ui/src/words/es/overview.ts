import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("es");

export const overview: Words["overview"] = {
  title: "Resumen",
  heading: "Colecciones propias",
  lead: "Una colección es como una hoja de cálculo: un tipo de cosas, un registro por fila.",
  add: "Añadir más",
  begin: "¿Qué se quiere llevar aquí?",
  beginLead: "Traer una hoja de cálculo, empezar con una plantilla o desde cero.",
  fromFile: "Una hoja de cálculo que ya existe",
  fromFileLead: "CSV, Excel o JSON. Se ve el resultado antes de guardar nada.",
  fromNothing: "Algo propio",
  fromNothingLead: "Darle un nombre y añadir los campos necesarios.",
  newCollection: "Colección nueva",
  templates: "O empezar con una plantilla",
  template: {
    orders: { title: "Clientes y pedidos", lead: "Quién compra, qué ha pedido y en qué punto está." },
    bookings: { title: "Reservas", lead: "Habitaciones o cosas, quién las tiene, desde y hasta cuándo." },
    inventory: { title: "Inventario", lead: "Qué hay, qué se acaba y quién lo suministra." },
    events: { title: "Eventos", lead: "Qué ocurre, cuándo y dónde, y quién viene." },
    blog: { title: "Blog", lead: "Artículos con autores y etiquetas, para un sitio web." },
  },
  makes: (names) => `Crea ${names}`,
  use: "Empezar con esto",
  made: (name) => `«${name}» está lista, con algunos registros de ejemplo.`,
  nameTaken: "Ya hay una colección con ese nombre. Primero hay que renombrarla o eliminarla.",
  samples: (amount) => count(amount, { one: "Hay # registro de ejemplo.", other: "Hay # registros de ejemplo." }),
  removeSamples: "Quitar los ejemplos",
  samplesRemoved: "Los ejemplos están quitados.",
  fromApp: "Desde una aplicación propia",
  fromAppLead: "Steading habla el idioma de las bibliotecas de PocketBase:",
  example: "ejemplo",
};
