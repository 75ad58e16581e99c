/** What can stand in a mail for what only the server knows. */

export type TemplateName =
  | "verificationTemplate"
  | "resetPasswordTemplate"
  | "confirmEmailChangeTemplate"
  | "otp"
  | "authAlert";

export function placeholdersOf(name: TemplateName, fields: readonly string[]): string[] {
  const own = { otp: ["{OTP}", "{OTP_ID}"], authAlert: ["{ALERT_INFO}"] };
  const special = name === "otp" || name === "authAlert" ? own[name] : ["{TOKEN}"];
  return [...special, "{APP_NAME}", "{APP_URL}", ...fields.map((field) => `{RECORD:${field}}`)];
}

export type TemplateSample = { appName: string; appUrl: string; code: string; place: string; person: string };

/** The text as it would arrive, with examples for what differs from mail to mail. */
export function fillTemplate(text: string, sample: TemplateSample): string {
  const values: Record<string, string> = {
    APP_NAME: sample.appName,
    APP_URL: sample.appUrl,
    TOKEN: "TOKEN",
    OTP: sample.code,
    OTP_ID: "OTP_ID",
    ALERT_INFO: sample.place,
  };
  return text.replace(/\{(?:RECORD:\w+|[A-Z_]+)\}/g, (whole) => {
    const name = whole.slice(1, -1);
    return name.startsWith("RECORD:") ? sample.person : (values[name] ?? whole);
  });
}
