/**
 * The pages behind the links in mails. Instead of reading mails, the test gives the collection secrets it knows and
 * signs the tokens itself; the contract says how.
 */

import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { assertAccessible, newPage, openBrowser, see } from "./support/browser.js";
import { startServer } from "./support/server.js";

const TOKEN_KEY = "k".repeat(50);
const SECRET = "s".repeat(50);

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {string} */
let usersId;

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  const token = { secret: SECRET, duration: 1800 };
  const users = await server.client.collections.update("users", {
    verificationToken: token,
    passwordResetToken: token,
    emailChangeToken: token,
  });
  usersId = users.id;
});
after(() => Promise.all([browser?.close(), server?.stop()]));

/** @param {string} name */
async function makeUser(name) {
  const user = { email: `${name}@example.com`, password: "the old password", passwordConfirm: "the old password" };
  const made = await server.client.collection("users").create(user);
  // Setting it is a separate step, because a new password makes a new key.
  await server.client.collection("users").update(made.id, { tokenKey: `${name}${TOKEN_KEY}` });
  return { id: made.id, email: user.email, tokenKey: `${name}${TOKEN_KEY}` };
}

/** @param {Awaited<ReturnType<typeof makeUser>>} user @param {object} claims */
function sign(user, claims) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 600;
  const content = { id: user.id, collectionId: usersId, email: user.email, exp, ...claims };
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(content)}`;
  return `${text}.${createHmac("sha256", user.tokenKey + SECRET)
    .update(text)
    .digest("base64url")}`;
}

test("opening the link confirms an address", async () => {
  const user = await makeUser("vera");
  const page = await newPage(browser);
  await page.goto(`${server.dashboard}#/auth/confirm-verification/${sign(user, { type: "verification" })}`);
  await see(page.getByText("Thank you, your address is confirmed."));
  await assertAccessible(page);
});

test("a new password can be set, once", async () => {
  const user = await makeUser("paul");
  const page = await newPage(browser);
  const link = `${server.dashboard}#/auth/confirm-password-reset/${sign(user, { type: "passwordReset" })}`;
  await page.goto(link);
  await page.getByLabel("New password", { exact: true }).fill("a new password");
  await page.getByLabel("New password again").fill("a new passwort");
  await page.getByRole("button", { name: "Save new password" }).click();
  await see(page.getByText("The two passwords do not match."));
  await assertAccessible(page);
  await page.getByLabel("New password again").fill("a new password");
  await page.getByRole("button", { name: "Save new password" }).click();
  await see(page.getByRole("heading", { name: "Your password is changed" }));

  await page.reload();
  await page.getByLabel("New password", { exact: true }).fill("a new password");
  await page.getByLabel("New password again").fill("a new password");
  await page.getByRole("button", { name: "Save new password" }).click();
  await see(page.getByRole("alert").getByText("This link has expired or was used already."));
});

test("a new address needs the password", async () => {
  const user = await makeUser("elif");
  const page = await newPage(browser);
  const token = sign(user, { type: "emailChange", newEmail: "new@example.com" });
  await page.goto(`${server.dashboard}#/auth/confirm-email-change/${token}`);
  await see(page.getByText("to move your account to new@example.com"));
  await page.getByLabel("Password", { exact: true }).fill("a wrong password");
  await page.getByRole("button", { name: "Change address" }).click();
  await see(page.getByText("This is not your current password."));
  await assertAccessible(page);
  await page.getByLabel("Password", { exact: true }).fill("the old password");
  await page.getByRole("button", { name: "Change address" }).click();
  await see(page.getByRole("heading", { name: "Your address is changed" }));
});

test("a broken link says so", async () => {
  const page = await newPage(browser);
  await page.goto(`${server.dashboard}#/auth/confirm-verification/broken`);
  await see(page.getByRole("alert").getByText("This link has expired or was used already."));
});

for (const [place, heading] of [
  ["oauth2-redirect-success", "You are signed in"],
  ["oauth2-redirect-failure", "Signing in did not work"],
]) {
  test(`the window of ${place} closes by itself, and explains itself where it may not`, async () => {
    const page = await newPage(browser);
    await page.goto(`${server.dashboard}#/auth/${place}`);
    await see(page.getByRole("heading", { name: heading }));
    await assertAccessible(page);

    const opened = page.waitForEvent("popup");
    await page.evaluate((address) => window.open(address), `${server.dashboard}?again#/auth/${place}`);
    const popup = await opened;
    if (!popup.isClosed()) await popup.waitForEvent("close");
  });
}
