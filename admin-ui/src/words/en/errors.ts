import { counter } from "../plural.ts";

const count = counter("en");

/** What went wrong, for every screen. */
export const errors = {
  unexpected: "Something unexpected happened. Please reload the page.",
  offline: "Steading is not answering. Check that it is running and that you are online, then try again.",
  signedOut: "Your sign-in has ended. Please sign in again.",
  forbidden: "You are not allowed to do this.",
  missing: "This is not here (any more). It may have been removed or renamed.",
  tooLarge: "That is larger than the server accepts.",
  server: "Steading ran into trouble of its own. Its log says more; trying again may help.",
  refused: "The server did not accept this.",
  checkThis: "Please check this.",
  tooMany: (wait: string) => `There were too many attempts in a short time. Please wait ${wait}, then try again.`,
  aMoment: "a moment",
  seconds: (amount: number) => count(amount, { one: "# second", other: "# seconds" }),
  minutes: (amount: number) => count(amount, { one: "# minute", other: "# minutes" }),
  unknownField: (name: string) => `There is no field “${name}”.`,
  didYouMean: (name: string) => `Did you mean “${name}”?`,
  replaceName: (name: string) => `Use ${name}`,
  searchForText: (text: string) => `Search for the text “${text}”`,
  /** The server has no room left for what is written. */
  full: "The disk of the server is full. Reading and deleting are still possible.",
  /** Kinder words for the most usual findings, by the server's code. Other languages also say those with a limit. */
  codes: {
    validation_required: "Please fill this in.",
    validation_is_email: "This does not look like an email address.",
    validation_not_unique: "This is taken already.",
    validation_values_mismatch: "The two do not match.",
    validation_invalid_token: "This link is no longer valid.",
    validation_invalid_password: "This is not your current password.",
  } as Record<string, string | ((limit: string) => string)>,
};
