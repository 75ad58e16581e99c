/** The first screen after signing in. */
export const overview = {
  title: "Overview",
  heading: "Your collections",
  lead: "A collection is like a sheet in a spreadsheet: one kind of thing, one record per row.",
  bringInMore: "Bring in more data",
  fromSpreadsheet: "From a spreadsheet",
  fromSpreadsheetLead:
    "Save it as CSV (in Excel or LibreOffice: “Save as”). Then, on the machine Steading runs on, type this. The collection is made for you, with a fitting kind for every column.",
  fromApp: "From your own app",
  fromAppLead: "Steading speaks the language of the PocketBase libraries:",
  command: "command",
  example: "example",
};
