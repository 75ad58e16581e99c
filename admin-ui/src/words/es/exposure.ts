import type { Words } from "../en/index.ts";

export const exposure: Words["exposure"] = {
  title: "Quién puede leer qué",
  lead: "Qué pueden hacer los visitantes y las personas con sesión en cada colección, según las reglas. Los superusuarios pueden todo.",
  caller: "Para",
  guest: "Visitantes",
  signedIn: (collection) => `Con sesión en ${collection}`,
  signUp: (names) => `Cualquiera puede crear una cuenta en ${names}: «con sesión» incluye allí a desconocidos.`,
  access: { open: "Todos", closed: "Ninguno", conditional: "Algunos", link: "Quien conoce la dirección" },
  accessLong: {
    open: "todos los registros",
    closed: "ningún registro",
    conditional: "según el registro",
    link: "quien conoce la dirección del archivo",
  },
  nothing: "Nada: solo los superusuarios lo ven y lo cambian.",
  neverForGuests: "Nadie sin iniciar sesión",
  openFiles: (field) =>
    `Quien conoce la dirección de un archivo de «${field}» puede leerlo, aunque no pueda abrir el registro.`,
  collection: "Colección",
  files: "Archivos",
  when: "Cuándo",
  severity: { high: "Atención", medium: "Conviene mirar", info: "Nota" },
  onlyOwn: "Mostrar también las colecciones incluidas",
  hiddenFields: (names) => `Oculto para todos menos los superusuarios: ${names}`,
  editRules: "Cambiar las reglas",
};
