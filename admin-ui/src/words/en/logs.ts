import { counter } from "../plural.ts";

const count = counter("en");

/** The request log. */
export const logs = {
  title: "Log",
  lead: "What was asked of the server, and why something was refused.",
  levels: { debug: "Debug", info: "Information", warning: "Warning", error: "Error" },
  search: "Search, or filter: data.status >= 400",
  onlyTrouble: "Only warnings and errors",
  live: "Live",
  liveHint: "New entries come by themselves, while this tab is in view.",
  clear: "Delete the log",
  clearTitle: "Delete the whole log?",
  clearLead: "All entries are removed. Your data is not touched.",
  cleared: "The log is deleted.",
  chart: "Entries per hour",
  hour: "Hour",
  entries: (amount: number) => count(amount, { one: "# entry", other: "# entries" }),
  time: "Time",
  level: "Level",
  message: "Request",
  status: "Answer",
  duration: "Took",
  caller: "Who",
  guest: "guest",
  none: "There is nothing in the log.",
  noneFound: "No entry fits.",
  detail: "Entry",
  reason: "Why it was refused",
  error: "Error",
  copyJson: "Copy as JSON",
};
