import type { Words } from "../en/index.ts";

export const palette: Words["palette"] = {
  open: "Ir a cualquier cosa",
  shortcut: "Ctrl K",
  label: "Buscar colecciones, registros, ajustes, acciones",
  results: "Resultados",
  none: "Nada se llama así.",
  searching: "Buscando registros…",
  keys: "↑ ↓ para elegir, Intro para abrir, Esc para cerrar",
  collection: "colección",
  structure: "estructura",
  structureOf: (name) => `${name}: campos y reglas`,
  screen: "pantalla",
  action: "acción",
  light: "Apariencia: clara",
  dark: "Apariencia: oscura",
};
