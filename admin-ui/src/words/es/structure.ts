import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("es");

export const structure: Words["structure"] = {
  title: "Estructura",
  lead: "Cómo se relacionan las colecciones, y sus definiciones como archivos.",
  tabsLabel: "Formas de ver la estructura",
  tabs: { map: "Mapa", export: "Exportar", import: "Importar" },
  map: "Mapa de las colecciones",
  mapHint: "Se mueve arrastrando o con las flechas; más y menos cambian el tamaño.",
  zoomIn: "Más grande",
  zoomOut: "Más pequeño",
  fit: "Mostrar todo",
  moreFields: (amount) => count(amount, { one: "# campo más", other: "# campos más" }),
  linksTo: (names) => `enlaza con ${names}`,
  showSystem: "Mostrar las colecciones incorporadas",
  empty: "Todavía no hay colecciones.",
  exportLead: "Las definiciones, sin registros. Otro Steading o PocketBase puede leerlas.",
  exportWhich: "Qué colecciones",
  all: "Todas",
  importLead: "Definiciones de un archivo. Antes de que pase nada se ve qué cambia.",
  file: "Elegir un archivo",
  paste: "O pegarlo aquí",
  drop: "Soltar un archivo aquí",
  formats:
    "Una lista de colecciones en JSON, como la exportan Steading y PocketBase (desde la 0.23): schema.json, pb_schema.json",
  otherFile: "Otro archivo",
  unreadable: {
    json: (line, column) => `Esto no es JSON: línea ${line}, carácter ${column}.`,
    noList: "Es JSON, pero no una lista de colecciones.",
    empty: "Esta lista está vacía.",
    unnamed: (at) => `El elemento ${at} de la lista no es una colección: no tiene nombre.`,
    old: "Esto procede de PocketBase anterior a la versión 0.23, que describía los campos de otra manera. Hay que actualizar antes ese PocketBase y exportar de nuevo.",
  },
  deleteMissing: "Eliminar lo que no está en el archivo",
  deleteMissingHint: "Las colecciones y los campos que el archivo no nombra se eliminan con sus datos.",
  steps: { create: "nueva", change: "cambia", keep: "se queda igual", delete: "se elimina" },
  nothingChanges: "Todo está ya así.",
  apply: "Aplicar",
  applyAndLose: "Aplicar y perder esto",
  applied: "Las definiciones ya están en vigor.",
  looking: "Comparando…",
};
