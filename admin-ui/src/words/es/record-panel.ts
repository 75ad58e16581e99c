import type { Words } from "../en/index.ts";
import { counter } from "../plural.ts";

const count = counter("es");

export const recordPanel: Words["recordPanel"] = {
  record: "Registro",
  newIn: (collection) => `Nuevo en ${collection}`,
  newRecord: "Nuevo registro",
  previous: "Registro anterior",
  next: "Registro siguiente",
  copyId: "Copiar el id",
  copyJson: "Copiar como JSON",
  copyLink: "Copiar el enlace",
  duplicate: "Duplicar",
  shortcuts: "Atajos de teclado",
  saveRecord: "Guardar el registro",
  closePanel: "Cerrar el panel",
  thisList: "Mostrar esta lista",
  required: "obligatorio",
  hiddenField: "Oculto: solo lo ven los superusuarios",
  revert: "Deshacer",
  revertAll: "Deshacer todo",
  create: "Crear",
  noChanges: "Sin cambios",
  changes: (amount) => count(amount, { one: "# cambio sin guardar", other: "# cambios sin guardar" }),
  uploading: "Subiendo",
  checkFields: "Conviene revisar lo marcado arriba.",
  created: (name) => `Se ha creado «${name}».`,
  createdIn: (name, collection) => `Se ha creado «${name}» en ${collection}.`,
  saveAndLeave: "Guardar y salir",
  changedByOthers: "Otra persona acaba de cambiar esto.",
  conflict: "Otra persona ha cambiado esto entretanto. Al guardar se sustituye su valor:",
  takeTheirs: "Usar el suyo",
  gone: "Otra persona ha eliminado este registro.",
  keepAsNew: "Conservar lo que hay aquí como registro nuevo",
  calculated: "Este registro se calcula a partir de otras colecciones y no se puede cambiar aquí.",
  ownId: "Id",
  ownIdHint: "Si queda vacío, lo genera el servidor. Después no se puede cambiar.",
  accountHints: {
    emailVisibility: "Si quienes pueden ver el registro ven también la dirección.",
    verified: "Si está confirmado que la dirección es suya.",
    password: "Una contraseña nueva cierra todas las sesiones de esta persona.",
  },
  usedBy: "Usado por",
  through: (field) => `mediante ${field}`,
  deleted: (name) => `Se ha eliminado «${name}».`,
  notDeleted: (name, reason) => `No se ha podido eliminar «${name}». ${reason}`,
  deleteTitle: (name) => `¿Eliminar «${name}»?`,
  goesAlong: (amount, collection) =>
    count(amount, {
      one: `También se elimina # registro de ${collection}.`,
      other: `También se eliminan # registros de ${collection}.`,
    }),
  mayRefuse: (amount, collection, field) =>
    count(amount, {
      one: `# registro de ${collection} lo necesita en ${field}. Puede que el servidor se niegue.`,
      other: `# registros de ${collection} lo necesitan en ${field}. Puede que el servidor se niegue.`,
    }),
};
