import { counter } from "../plural.ts";

const count = counter("en");

/** What was sent to endpoints, or will be. */
export const deliveries = {
  title: "Deliveries",
  state: "State",
  all: "All",
  states: { waiting: "Waiting", running: "Under way", succeeded: "Arrived", failed: "Failed" },
  webhook: "Webhook",
  allWebhooks: "All webhooks",
  event: "Event",
  allEvents: "All events",
  record: "Record",
  search: "Search in events, ids, errors",
  onlyRecord: (id: string) => `Only record ${id}`,
  everyRecord: "Show all records",
  none: "Nothing was sent yet",
  noneLead: "As soon as something happens that this webhook hears of, it appears here.",
  noneLeadAll: "As soon as something happens that a webhook hears of, it appears here.",
  noneFits: "No delivery fits",
  kept: "Deliveries that arrived are kept for a week, those that failed for a month.",
  showAll: "Show all deliveries",
  count: (amount: number) => count(amount, { one: "# delivery", other: "# deliveries" }),
  live: "kept up to date",
  showNew: (amount: number) => count(amount, { one: "Show # new delivery", other: "Show # new deliveries" }),
  showChanged: "The list has changed. Show it",
  events: {
    create: (collection: string) => `${collection}: created`,
    update: (collection: string) => `${collection}: changed`,
    delete: (collection: string) => `${collection}: deleted`,
    signUp: (collection: string) => `${collection}: somebody signed up`,
  },
  test: "Test",
  open: (event: string, when: string) => `${event}, ${when}`,
  isDue: "begins as soon as there is room",
  nextTry: (tries: number, when: string) =>
    count(tries, { one: `# attempt failed, next try ${when}`, other: `# attempts failed, next try ${when}` }),
  gaveUp: (tries: number) => count(tries, { one: "given up after # attempt", other: "given up after # attempts" }),
  arrived: (tries: number) => (tries > 1 ? `arrived at attempt ${tries}` : "arrived"),
  runningNow: "being sent",
  shortly: "shortly",

  replay: "Send again",
  replayed: "It is sent again now.",
  replayTitle: "Send again",
  replayLead: "What is sent again has the same id as before, so a receiver that remembers ids does nothing twice.",
  replayWhich: "Which?",
  replayFailed: "What has failed",
  replayAll: "Everything",
  since: "Since",
  sinceHint: "In your own time. Empty for all that is kept.",
  replayedMany: (amount: number) =>
    amount === 0
      ? "There was nothing to send again."
      : count(amount, { one: "# delivery is sent again.", other: "# deliveries are sent again." }),

  id: "Id (webhook-id)",
  happened: "Happened",
  finished: "Finished",
  nextTryAt: "Next try",
  openRecord: "Open the record",
  recordGone: "The record was deleted.",
  missing:
    "This delivery is not there any more. Those that arrived are kept for a week, those that failed for a month.",
  back: (name: string) => `Back to ${name}`,
  attempt: (number: number) => `Attempt ${number}`,
  noAttempts: "It was not tried yet.",
  answered: (status: number) => `The receiver answered ${status}`,
  arrivedPlain: "It was handed over",
  noAnswer: "There was no answer",
  took: (duration: string) => `after ${duration}`,
  request: "Request",
  response: "Response",
  headers: "Headers",
  body: "Body",
  emptyBody: "empty",
  isCut: "Only the first 64 KiB are kept.",
  payload: "What is to be sent",
  advice: {
    redirect:
      "The receiver points to another address. Redirects are not followed, so that nothing secret goes astray. Enter the final address.",
    badRequest: "The receiver does not understand the message. Compare the body with what it expects.",
    denied:
      "The receiver refuses: the address, a header with a password or the check of the signature is not right (any more).",
    missing:
      "There is nothing at this address (any more). In a chat, the webhook may have been removed: make a new address there.",
    gone: "The receiver wants no more messages at this address. The webhook was switched off.",
    tooLarge: "The message is too large for the receiver. Send fewer fields.",
    tooMany: "The receiver wants fewer messages at a time. It is tried again later, by itself.",
    server: "The receiver has trouble of its own. It is tried again by itself.",
    private:
      "This host is in a private network, and the server does not send there unless its configuration names it: allow in the part [webhooks] of config.toml.",
    timeout:
      "The receiver takes too long. It should answer first and work afterwards, or be given more time (Settings, Advanced).",
    unknownHost: "There is no server with this name. Look for a typing mistake in the address.",
    refused: "Nothing listens at this address. Is the receiver running?",
    tls: "The connection is not safe: the certificate of the receiver is not valid.",
    broken: "The receiver ended the connection without an answer. It is tried again by itself.",
    template: "The message could not be made from its template. See Settings, “What to say?”.",
    unknown: "It is tried again by itself, at growing intervals.",
  },
};
