import { counter } from "../plural.ts";

const count = counter("en");

/** The first screen after signing in. */
export const overview = {
  title: "Overview",
  heading: "Your collections",
  lead: "A collection is like a sheet in a spreadsheet: one kind of thing, one record per row.",
  add: "Add more",
  begin: "What do you want to keep track of?",
  beginLead: "Bring in a spreadsheet, begin with a template, or start from nothing.",
  fromFile: "A spreadsheet you have",
  fromFileLead: "CSV, Excel or JSON. You see what becomes of it before anything is saved.",
  fromNothing: "Something of your own",
  fromNothingLead: "Name it, and add the fields you need.",
  newCollection: "New collection",
  templates: "Or begin with a template",
  template: {
    orders: { title: "Customers and orders", lead: "Who buys, what they ordered, and how far it is." },
    bookings: { title: "Bookings", lead: "Rooms or things, who has them, from when until when." },
    inventory: { title: "Inventory", lead: "What is in stock, what runs out, and who delivers it." },
    events: { title: "Events", lead: "What happens when and where, and who comes." },
    blog: { title: "Blog", lead: "Posts with authors and tags, for a website." },
  },
  makes: (names: string) => `Makes ${names}`,
  use: "Begin with this",
  made: (name: string) => `“${name}” is ready, with some sample records.`,
  nameTaken: "There is a collection of that name already. Rename or delete it first.",
  samples: (amount: number) =>
    count(amount, { one: "# sample record is there for a look.", other: "# sample records are there for a look." }),
  removeSamples: "Remove the samples",
  samplesRemoved: "The samples are removed.",
  fromApp: "From your own app",
  fromAppLead: "Steading speaks the language of the PocketBase libraries:",
  example: "example",
};
