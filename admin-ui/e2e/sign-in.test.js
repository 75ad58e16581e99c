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
  seeFocus,
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

/** Ends every sign-in of the superuser, as a new password does, this test's own included. */
async function endSignIns() {
  const superusers = server.client.collection("_superusers");
  const { id } = await superusers.getFirstListItem(`email = "${SUPERUSER.email}"`);
  const { email, password } = SUPERUSER;
  await superusers.update(id, { password, passwordConfirm: password });
  await superusers.authWithPassword(email, password);
}

/** @param {import("playwright-core").Page} page */
const again = (page) => page.getByRole("dialog", { name: "Your sign-in has ended" });

/** Only the password has to be typed. @param {import("playwright-core").Page} page */
async function signInAgain(page) {
  const dialog = again(page);
  const password = dialog.getByLabel("Password", { exact: true });
  await seeFocus(password);
  assert.equal(await dialog.getByLabel("Email").inputValue(), SUPERUSER.email);
  await password.fill(SUPERUSER.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
}

async function makeNotes() {
  const fields = [
    { name: "title", type: "text", presentable: true },
    { name: "amount", type: "number" },
  ];
  await server.client.collections.create({ name: "notes", type: "base", fields });
  return await server.client.collection("notes").create({ title: "First", amount: 41 });
}

test("a sign-in that has ended is told over the page, and what was to be saved is saved after the next one", async () => {
  const { id } = await makeNotes();
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/notes?record=${id}`);
  const panel = page.getByRole("dialog", { name: "First" });
  await panel.getByLabel("title").fill("Typed before");
  await endSignIns();
  await panel.getByRole("button", { name: "Save" }).click();
  await see(again(page).getByText("Sign in again to go on."));
  await assertAccessible(page);
  // There is no way around it, and nothing below closes.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await again(page).getByLabel("Password", { exact: true }).fill("something else");
  await again(page).getByRole("button", { name: "Sign in" }).click();
  await see(again(page).getByText("Email and password do not match."));
  await again(page).getByLabel("Password", { exact: true }).focus();
  await signInAgain(page);
  await eventually(async () => {
    assert.equal((await server.client.collection("notes").getOne(id)).title, "Typed before");
  });
  await see(page.getByRole("dialog", { name: "Typed before" }));
  await waitForPlace(page, `/collections/notes?record=${id}`);
});

test("a sheet saves by itself after the next sign-in, and hears of others again", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/notes`);
  const cell = (/** @type {string} */ text) => page.getByRole("gridcell", { name: text, exact: true });
  await cell("41").click();
  await endSignIns();
  await page.keyboard.type("5");
  await page.keyboard.press("Enter");
  await see(again(page));
  assert.equal(await page.locator("dialog").count(), 1);
  await signInAgain(page);
  await see(page.getByRole("status").getByText("All changes saved"));
  const [note] = await server.client.collection("notes").getFullList();
  assert.equal(note?.amount, 5);
  await server.client.collection("notes").create({ title: "By somebody else" });
  await see(cell("By somebody else"));
});

/** @typedef {import("playwright-core").Page} Page */

/** What is typed and sent on a screen, and how one sees that it has arrived. */
const SCREENS = [
  {
    place: "/settings",
    type: (/** @type {Page} */ page) => page.getByLabel("Name of the application").fill("Our place"),
    send: "Save",
    check: async () => assert.equal((await server.client.settings.getAll()).meta.appName, "Our place"),
  },
  {
    place: "/schema/notes",
    // Of the collection; the names of its fields are folded away.
    type: (/** @type {Page} */ page) => page.getByRole("textbox", { name: "Name" }).first().fill("papers"),
    send: "Save",
    check: async () => {
      await server.client.collections.update("papers", { name: "notes" });
    },
  },
  {
    place: "/webhooks/new",
    type: async (/** @type {Page} */ page) => {
      await page.getByLabel("Address from Slack").fill("https://hooks.example.com/services/T0/B0/secret");
      const preview = page.waitForResponse((answer) => answer.url().endsWith("/api/webhooks/preview"));
      await page.getByLabel("Collection", { exact: true }).selectOption("notes");
      await preview;
    },
    send: "Create the webhook",
    check: async () => {
      const { items } = await server.client.send("/api/webhooks", {});
      assert.equal(items.length, 1);
    },
  },
  {
    place: "/sql",
    type: (/** @type {Page} */ page) => page.getByRole("textbox", { name: "Query" }).fill("SELECT 6 * 7 AS answer"),
    send: "Run",
    check: async (/** @type {Page} */ page) => see(page.getByRole("cell", { name: "42" })),
  },
];

for (const { place, type, send, check } of SCREENS) {
  test(`${place} keeps what was typed when the sign-in ends, and sends it after the next one`, async () => {
    const page = await newPage(browser);
    await signIn(page, `${server.dashboard}#${place}`);
    await type(page);
    // What the screen asks again and again by itself would tell of the end before the button is pressed.
    await page.route("**/api/**", (route) => {
      const request = route.request();
      // Before a collection is saved, it is read.
      const isOfButton = request.method() !== "GET" || /\/api\/collections\/\w+$/.test(request.url());
      return isOfButton ? route.fallback() : route.abort();
    });
    await endSignIns();
    await page.getByRole("button", { name: send, exact: true }).click();
    await see(again(page));
    await page.unroute("**/api/**");
    await signInAgain(page);
    await eventually(async () => await check(page));
  });
}

test("the second step is asked for over the page as well", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/notes`);
  await see(page.getByRole("gridcell", { name: "Typed before" }));
  await server.client.collections.update("_superusers", { otp: { enabled: true } });
  // A token that the server does not know. This test's own stays as it is.
  await page.evaluate(() => {
    const key = "steading_superuser";
    const signIn = JSON.parse(localStorage.getItem(key) ?? "{}");
    localStorage.setItem(key, JSON.stringify({ ...signIn, token: `${signIn.token.slice(0, -4)}AAAA` }));
  });
  const printed = server.printed(/Your code to sign in is (\d+)/);
  await page.getByRole("button", { name: "Load again" }).click();
  await again(page).getByLabel("Password", { exact: true }).fill(SUPERUSER.password);
  await again(page).getByRole("button", { name: "Sign in" }).click();
  await again(page)
    .getByLabel("Code from the mail")
    .fill(await printed);
  await again(page).getByRole("button", { name: "Sign in" }).click();
  await again(page).waitFor({ state: "detached" });
  await see(page.getByRole("gridcell", { name: "Typed before" }));
  await server.client.collections.update("_superusers", { otp: { enabled: false }, mfa: { enabled: false } });
});

test("another person who signs in begins with a fresh page", async () => {
  const other = { email: "other@example.com", password: "another password" };
  await server.client.collection("_superusers").create({ ...other, passwordConfirm: other.password });
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/settings`);
  await page.getByLabel("Name of the application").fill("Not for everybody");
  await endSignIns();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  page.on("dialog", (dialog) => dialog.accept());
  await again(page).getByLabel("Email").fill(other.email);
  await again(page).getByLabel("Password", { exact: true }).fill(other.password);
  await again(page).getByRole("button", { name: "Sign in" }).click();
  await see(page.getByRole("button", { name: other.email }));
  await eventually(async () => {
    assert.notEqual(await page.getByLabel("Name of the application").inputValue(), "Not for everybody");
  });
  assert.notEqual((await server.client.settings.getAll()).meta.appName, "Not for everybody");
});

/** @param {import("playwright-core").Page} page */
async function signOutByKeys(page) {
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox", { name: /^Search/ }).fill("sign out");
  await see(page.getByRole("option", { name: "Sign out", selected: true }));
  await page.keyboard.press("Enter");
}

test("signing out asks when something is not saved", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/settings`);
  const name = page.getByLabel("Name of the application");
  await name.fill("Half done");
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await signOutByKeys(page);
  await question.getByRole("button", { name: "Stay here" }).click();
  assert.equal(await name.inputValue(), "Half done");
  await page.getByRole("button", { name: SUPERUSER.email }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await assertAccessible(page);
  await question.getByRole("button", { name: "Leave without saving" }).click();
  await see(page.getByRole("heading", { name: "Sign in" }));

  // Refused cells wait for another screen too. They are not for the next person.
  await server.client.collection("notes").create({ title: "Third", amount: 77 });
  await fillSignIn(page, SUPERUSER.password);
  await see(page.getByRole("button", { name: SUPERUSER.email }));
  await page.goto(`${server.dashboard}#/collections/notes`);
  await page.getByRole("gridcell", { name: "77", exact: true }).click();
  await page.keyboard.type("cheap");
  await page.keyboard.press("Enter");
  await see(page.getByText("1 row not saved"));
  await page.getByRole("link", { name: "Overview" }).click();
  await signOutByKeys(page);
  await question.getByRole("button", { name: "Leave without saving" }).click();
  await see(page.getByRole("heading", { name: "Sign in" }));
  await fillSignIn(page, SUPERUSER.password);
  await see(page.getByRole("button", { name: SUPERUSER.email }));
  await page.goto(`${server.dashboard}#/collections/notes`);
  await see(page.getByRole("gridcell", { name: "77", exact: true }));
  await see(page.getByText("All changes saved"));
});

test("signing out carries out a deletion that could still be taken back", async () => {
  await server.client.collections.create({
    name: "letters",
    type: "base",
    fields: [{ name: "title", type: "text", presentable: true }],
  });
  const letters = server.client.collection("letters");
  const { id } = await letters.create({ title: "To be deleted" });
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/letters?record=${id}`);
  await page.getByRole("dialog").getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const message = page.getByText("“To be deleted” was deleted.");
  await see(message);
  await page.getByRole("button", { name: SUPERUSER.email }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await see(page.getByRole("heading", { name: "Sign in" }));
  await eventually(() => assert.rejects(letters.getOne(id), { status: 404 }));
  await message.waitFor({ state: "detached" });
});

test("the sign-in is renewed while the page is used, and not while nobody is there", async () => {
  const page = await newPage(browser);
  await page.clock.install();
  let renewed = 0;
  page.on("response", (answer) => {
    if (answer.url().endsWith("/auth-refresh") && answer.ok()) renewed += 1;
  });
  await signIn(page, `${server.dashboard}#/collections/notes`);
  await see(page.getByRole("gridcell", { name: "Typed before" }));
  const before = renewed;
  await page.clock.fastForward("02:00:00");
  await page.waitForResponse((answer) => answer.url().includes("/api/")).catch(() => undefined);
  assert.equal(renewed, before);
  await page.mouse.move(300, 300);
  await eventually(() => assert.equal(renewed, before + 1));
});

test("an address that leads nowhere says so", async () => {
  const page = await newPage(browser);
  await page.goto(`${server.dashboard}#/no/such/place`);
  await see(page.getByRole("heading", { name: "There is nothing here" }));
  await assertAccessible(page);
});
