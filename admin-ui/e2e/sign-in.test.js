/** Signing in and out, and everything that can go wrong with it. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  assertAccessible,
  eventually,
  fillSignIn,
  newPage,
  openBrowser,
  see,
  signIn,
  waitForPlace,
} from "./support/browser.js";
import { SUPERUSER, startServer } from "./support/server.js";

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer({ args: ["--dev"] }), openBrowser()]);
});
after(() => Promise.all([browser?.close(), server?.stop()]));

test("signing in leads to the place that was wanted", async () => {
  const page = await newPage(browser);
  await page.goto(`${server.dashboard}#/collections/users?sort=-email`);
  await see(page.getByRole("heading", { name: "Sign in" }));
  await assertAccessible(page);
  await fillSignIn(page, SUPERUSER.password);
  await waitForPlace(page, "/collections/users?sort=-email");
  await see(page.getByRole("heading", { name: "users" }));
});

test("somebody who is signed in stays so, until they sign out", async () => {
  const page = await newPage(browser);
  await signIn(page, server.dashboard);
  await see(page.getByRole("heading", { name: "What do you want to keep track of?" }));
  await page.reload();
  await see(page.getByRole("heading", { name: "What do you want to keep track of?" }));
  await page.getByRole("button", { name: SUPERUSER.email }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await see(page.getByRole("heading", { name: "Sign in" }));
  await page.reload();
  await see(page.getByRole("heading", { name: "Sign in" }));
});

test("light or dark and the language are as chosen, whatever the system says", async () => {
  const page = await newPage(browser, { colorScheme: "light" });
  await signIn(page, server.dashboard);
  const seeTheme = (/** @type {"dark" | "light"} */ wanted) =>
    eventually(async () => {
      const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(colour === "rgb(26, 25, 22)" ? "dark" : "light", wanted);
    });
  await seeTheme("light");
  await page.getByRole("button", { name: SUPERUSER.email }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await seeTheme("dark");
  await page.reload();
  await see(page.getByRole("heading", { name: "What do you want to keep track of?" }));
  await seeTheme("dark");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("button", { name: SUPERUSER.email }).click();
  await page.getByRole("menuitemradio", { name: "Light" }).click();
  await seeTheme("light");
  await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
  await see(page.getByRole("heading", { name: "Was soll hier festgehalten werden?" }));
});

test("empty inputs are told beside the inputs", async () => {
  const page = await newPage(browser);
  await page.goto(server.dashboard);
  await page.getByRole("button", { name: "Sign in" }).click();
  await see(page.getByText("Please enter your email address."));
  await see(page.getByText("Please enter your password."));
  await assertAccessible(page);
});

test("a wrong password is told, and a right one works after it", async () => {
  const page = await newPage(browser);
  await page.goto(server.dashboard);
  await fillSignIn(page, "something else");
  await see(page.getByRole("alert").getByText("Email and password do not match."));
  await assertAccessible(page);
  await fillSignIn(page, SUPERUSER.password);
  await see(page.getByRole("heading", { name: "What do you want to keep track of?" }));
});

test("a superuser who forgot the password gets a link by mail", async () => {
  const page = await newPage(browser);
  const printed = server.printed(/confirm-password-reset\/([\w.-]+)/);
  await page.goto(server.dashboard);
  await page.getByLabel("Email").fill(SUPERUSER.email);
  await page.getByRole("button", { name: "Forgot the password?" }).click();
  await see(page.getByRole("heading", { name: "A new password" }));
  assert.equal(await page.getByLabel("Email").inputValue(), SUPERUSER.email, "it is not typed twice");
  await assertAccessible(page);
  await page.getByRole("button", { name: "Send the link" }).click();
  await see(page.getByText(`If ${SUPERUSER.email} has an account here, a mail with a link is on its way.`));
  await assertAccessible(page);

  await page.goto(`${server.dashboard}#/auth/confirm-password-reset/${await printed}`);
  await page.getByLabel("New password", { exact: true }).fill("a newer password");
  await page.getByLabel("New password again").fill("a newer password");
  await page.getByRole("button", { name: "Save new password" }).click();
  await see(page.getByRole("heading", { name: "Your password is changed" }));
  const superusers = server.client.collection("_superusers");
  const { record } = await superusers.authWithPassword(SUPERUSER.email, "a newer password");
  // The other tests sign in with the usual one.
  const { email, password } = SUPERUSER;
  await superusers.update(record.id, { password, passwordConfirm: password });
  await superusers.authWithPassword(email, password);
});

test("a superuser who needs a second step is asked for the code from the mail", async () => {
  const page = await newPage(browser);
  const superusers = await server.client.collections.update("_superusers", { otp: { enabled: true } });
  assert.equal(superusers.mfa?.enabled, true);
  // Without a mail server, mails are printed: the server was started for developing.
  const printed = server.printed(/Your code to sign in is (\d+)/);
  await page.goto(server.dashboard);
  await fillSignIn(page, SUPERUSER.password);
  await see(page.getByRole("heading", { name: "One more step" }));
  await assertAccessible(page);
  await page.getByLabel("Code from the mail").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await see(page.getByRole("alert").getByText("This code is wrong or too old."));
  await page.getByLabel("Code from the mail").fill(await printed);
  await page.getByRole("button", { name: "Sign in" }).click();
  await see(page.getByRole("heading", { name: "What do you want to keep track of?" }));
  await server.client.collections.update("_superusers", { otp: { enabled: false }, mfa: { enabled: false } });
});

test("a lockout says how long to wait", async () => {
  const page = await newPage(browser);
  const body = { data: {}, message: "Too Many Requests.", status: 429 };
  await page.route("**/auth-with-password", (route) => {
    return route.fulfill({ status: 429, headers: { "Retry-After": "42" }, json: body });
  });
  await page.goto(server.dashboard);
  await fillSignIn(page, SUPERUSER.password);
  await see(page.getByRole("alert").getByText("Please wait 42 seconds"));
});

test("a server that does not answer is told", async () => {
  const page = await newPage(browser);
  await page.route("**/api/**", (route) => route.abort());
  await page.goto(server.dashboard);
  await fillSignIn(page, SUPERUSER.password);
  await see(page.getByRole("alert").getByText("Steading is not answering."));
});

test("a sign-in that the server no longer accepts leads back to the sign-in page", async () => {
  const page = await newPage(browser);
  await page.goto(`${server.dashboard}#/collections/users`);
  await fillSignIn(page, SUPERUSER.password);
  await see(page.getByRole("heading", { name: "users" }));
  const loadAgain = page.getByRole("button", { name: "Load again" });
  await see(loadAgain);
  const owner = await server.client.collection("_superusers").getFirstListItem(`email = "${SUPERUSER.email}"`);
  // Saving a new password ends every sign-in with the old one, this test's own included.
  const { email, password } = SUPERUSER;
  await server.client.collection("_superusers").update(owner.id, { password, passwordConfirm: password });
  await server.client.collection("_superusers").authWithPassword(email, password);

  // The page may send a request by itself, and leave, before the button can be pressed. So nobody waits for the button.
  await loadAgain.evaluateAll((buttons) => {
    for (const button of buttons) button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  });
  await see(page.getByRole("heading", { name: "Sign in" }));
  await fillSignIn(page, SUPERUSER.password);
  await waitForPlace(page, "/collections/users");
});

test("an address that leads nowhere says so", async () => {
  const page = await newPage(browser);
  await page.goto(`${server.dashboard}#/no/such/place`);
  await see(page.getByRole("heading", { name: "There is nothing here" }));
  await assertAccessible(page);
});
