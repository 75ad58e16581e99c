import { counter } from "../plural.ts";

const count = counter("en");

/** One record beside the sheet: reading it, changing it, making a new one. */
export const recordPanel = {
  record: "Record",
  newIn: (collection: string) => `New in ${collection}`,
  newRecord: "New record",
  previous: "Previous record",
  next: "Next record",
  copyId: "Copy id",
  copyJson: "Copy as JSON",
  copyLink: "Copy link",
  duplicate: "Duplicate",
  shortcuts: "Keyboard shortcuts",
  saveRecord: "Save the record",
  closePanel: "Close the panel",
  thisList: "Show this list",
  required: "required",
  hiddenField: "Hidden: only superusers see this field",
  revert: "Undo",
  revertAll: "Undo all",
  create: "Create",
  noChanges: "No changes",
  changes: (amount: number) => count(amount, { one: "# unsaved change", other: "# unsaved changes" }),
  uploading: "Uploading",
  checkFields: "Please check what is marked above.",
  created: (name: string) => `“${name}” was created.`,
  createdIn: (name: string, collection: string) => `“${name}” was created in ${collection}.`,
  saveAndLeave: "Save and leave",
  changedByOthers: "Somebody else has just changed this.",
  conflict: "Somebody else has changed this meanwhile. Saving replaces their value:",
  takeTheirs: "Take theirs",
  gone: "Somebody else has deleted this record.",
  keepAsNew: "Keep what is here as a new record",
  calculated: "This record is calculated from other collections and cannot be changed here.",
  ownId: "Id",
  ownIdHint: "Made up by the server when left empty. It cannot be changed later.",
  accountHints: {
    emailVisibility: "Whether others who may see the record see the address as well.",
    verified: "Whether it is confirmed that the address is theirs.",
    password: "A new password ends all sign-ins of this person.",
  },
  usedBy: "Used by",
  through: (field: string) => `through ${field}`,
  deleted: (name: string) => `“${name}” was deleted.`,
  notDeleted: (name: string, reason: string) => `“${name}” could not be deleted. ${reason}`,
  deleteTitle: (name: string) => `Delete “${name}”?`,
  goesAlong: (amount: number, collection: string) =>
    count(amount, {
      one: `# record of ${collection} is deleted with it.`,
      other: `# records of ${collection} are deleted with it.`,
    }),
  mayRefuse: (amount: number, collection: string, field: string) =>
    count(amount, {
      one: `# record of ${collection} needs it in ${field}. The server may refuse.`,
      other: `# records of ${collection} need it in ${field}. The server may refuse.`,
    }),
};
