import type { Words } from "../en/index.ts";

export const overview: Words["overview"] = {
  title: "Resumen",
  heading: "Colecciones propias",
  lead: "Una colección es como una hoja de cálculo: un tipo de cosas, un registro por fila.",
  bringInMore: "Traer más datos",
  fromSpreadsheet: "Desde una hoja de cálculo",
  fromSpreadsheetLead:
    "Guardarla como CSV (en Excel o LibreOffice: «Guardar como»). Después, en la máquina donde corre Steading, escribir esto. La colección se crea sola, con un tipo adecuado para cada columna.",
  fromApp: "Desde una aplicación propia",
  fromAppLead: "Steading habla el idioma de las bibliotecas de PocketBase:",
  command: "orden",
  example: "ejemplo",
};
