import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("es");

export const logs: Words["logs"] = {
  title: "Registro",
  lead: "Qué se pidió al servidor y por qué se rechazó algo.",
  levels: { debug: "Depuración", info: "Información", warning: "Aviso", error: "Error" },
  search: "Buscar, o filtrar: data.status >= 400",
  onlyTrouble: "Solo avisos y errores",
  live: "En directo",
  liveHint: "Las entradas nuevas llegan solas, mientras esta pestaña esté a la vista.",
  clear: "Eliminar el registro",
  clearTitle: "¿Eliminar todo el registro?",
  clearLead: "Se eliminan todas las entradas. Los datos no se tocan.",
  cleared: "El registro está eliminado.",
  chart: "Entradas por hora",
  hour: "Hora",
  entries: (amount) => count(amount, { one: "# entrada", other: "# entradas" }),
  time: "Hora",
  level: "Nivel",
  message: "Petición",
  status: "Respuesta",
  duration: "Duración",
  caller: "Quién",
  guest: "visitante",
  none: "No hay nada en el registro.",
  noneFound: "Ninguna entrada coincide.",
  detail: "Entrada",
  reason: "Por qué se rechazó",
  error: "Error",
  copyJson: "Copiar como JSON",
};
