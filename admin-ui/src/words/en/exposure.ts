/** What people who are not superusers may do. */
export const exposure = {
  title: "Who may read what",
  lead: "What visitors and people who have signed in may do with each collection, worked out from the rules. Superusers may do everything.",
  caller: "For",
  guest: "Visitors",
  signedIn: (collection: string) => `Signed in as ${collection}`,
  signUp: (names: string) => `Anyone can make an account in ${names}, so “signed in” includes strangers.`,
  access: {
    open: "All",
    closed: "None",
    conditional: "Some",
    link: "Who knows the address",
  },
  accessLong: {
    open: "every record",
    closed: "no record",
    conditional: "depends on the record",
    link: "everybody who knows the address of the file",
  },
  nothing: "Nothing: only superusers see it and change it.",
  neverForGuests: "Nobody who is not signed in",
  openFiles: (field: string) =>
    `Everybody who knows the address of a file in “${field}” can read it, even without the right to open its record.`,
  collection: "Collection",
  files: "Files",
  when: "When",
  severity: { high: "Attention", medium: "Look at this", info: "Note" },
  onlyOwn: "Show built-in collections too",
  hiddenFields: (names: string) => `Hidden from everybody but superusers: ${names}`,
  editRules: "Change the rules",
};
