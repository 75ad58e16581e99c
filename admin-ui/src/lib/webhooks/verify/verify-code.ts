/** `install`: the command that installs the library. */
export type VerifyCode = { install?: string; code: string };

/** `library` is that of Standard Webhooks, which knows shared secrets (v1) only. */
export type VerifyCodes = { library: VerifyCode; plain: VerifyCode; publicKey: VerifyCode };
