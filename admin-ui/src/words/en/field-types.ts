/** Types of fields and of collections, in plain words. By the names the server gives them. */
export const fieldTypes = {
  field: {
    text: "Text",
    editor: "Long text",
    number: "Number",
    bool: "Yes or no",
    email: "Email",
    url: "Web address",
    date: "Date",
    autodate: "Date, set by itself",
    select: "Choice",
    relation: "Link to records",
    file: "File",
    json: "Structured data (JSON)",
    geoPoint: "Place on the map",
    password: "Password",
    unknown: "Unknown type",
  },
  collection: { base: "Sheet", auth: "People who can sign in", view: "Calculated list" },
};
