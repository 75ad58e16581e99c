/** The first visit, and signing in. */
export const welcome = {
  title: "Welcome to Steading",
  lead: "Choose how you will sign in. This account may see and change everything.",
  createAccount: "Create account and sign in",
  passwordHint: "At least 8 characters. A few words in a row are good and easy to remember.",
  passwordAgain: "Password again",
  linkOver: "This link has done its work",
  linkOverLead:
    "It works for 30 minutes, and only until the first account exists. If that account is yours, simply sign in.",
  goToSignIn: "Go to sign in",
  noAccountYet:
    "Nobody has an account yet? Restart Steading for a new link, or make an account on the machine it runs on:",
  command: "command",
  signIn: "Sign in",
  signInLead: "Welcome back. This is the place where you look after your data.",
  signInEnded: "Your sign-in has ended",
  signInEndedLead:
    "Sign in again to go on. What you were doing is still here, and what waits to be saved is saved then. If somebody else signs in, the page starts afresh.",
  noMatch: "Email and password do not match. Please check both and try again.",
  oneMoreStep: "One more step",
  oneMoreStepLead: "We have sent a code to your email address. Please type it in here.",
  codeFromMail: "Code from the mail",
  enterCode: "Please enter the code.",
  wrongCode: "This code is wrong or too old.",
  forgotten: "Forgot the password?",
  forgottenTitle: "A new password",
  forgottenLead: "A mail brings you a link for choosing one.",
  sendLink: "Send the link",
  linkSent: (email: string) => `If ${email} has an account here, a mail with a link is on its way.`,
  noMailArrives:
    "No mail arrives? Perhaps no mail server is set up. A colleague who can sign in sets a new password for you under Team. Or do it on the machine that Steading runs on:",
  backToSignIn: "Back to signing in",
};
