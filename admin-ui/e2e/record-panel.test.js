/** A record's panel: making, changing and deleting records, with every type of field. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  assertAccessible,
  eventually,
  holdMessage,
  holdRequests,
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

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  const { client } = server;
  const tags = await client.collections.create({
    name: "tags",
    type: "base",
    fields: [{ name: "label", type: "text", required: true }],
  });
  const plants = await client.collections.create({
    name: "plants",
    type: "base",
    fields: [
      { name: "name", type: "text", required: true, presentable: true, max: 20 },
      { name: "story", type: "editor" },
      { name: "height", type: "number", max: 50 },
      { name: "edible", type: "bool" },
      { name: "grower", type: "email" },
      { name: "page", type: "url" },
      { name: "sown", type: "date" },
      { name: "light", type: "select", values: ["sun", "shade"], maxSelect: 1 },
      { name: "months", type: "select", values: ["may", "june", "july"], maxSelect: 2 },
      { name: "tags", type: "relation", collectionId: tags.id, maxSelect: 3 },
      { name: "photos", type: "file", maxSelect: 3, maxSize: 1000, mimeTypes: ["image/png"] },
      { name: "papers", type: "file", maxSelect: 1, protected: true },
      { name: "facts", type: "json" },
      { name: "bed", type: "geoPoint" },
      { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
    ],
    indexes: ["CREATE UNIQUE INDEX plants_name ON plants (name)"],
  });
  await client.collections.create({
    name: "harvests",
    type: "base",
    fields: [
      { name: "note", type: "text" },
      { name: "plant", type: "relation", collectionId: plants.id, maxSelect: 1, cascadeDelete: true },
    ],
  });
  await client.collections.create({ name: "heights", type: "view", viewQuery: "SELECT id, name, height FROM plants" });
  await client.collection("tags").create({ label: "bitter" });
});
after(() => Promise.all([browser?.close(), server?.stop()]));

/** @param {string} place @param {import("playwright-core").BrowserContextOptions} [options] */
async function visit(place, options) {
  const page = await newPage(browser, options);
  await signIn(page, `${server.dashboard}#${place}`);
  return page;
}

/** @param {string} collection @param {string} name */
async function stored(collection, name) {
  return await server.client.collection(collection).getFirstListItem(`name = ${JSON.stringify(name)}`);
}

/** @param {import("playwright-core").Locator} panel */
async function save(panel) {
  await panel.getByRole("button", { name: /^(Save|Create)$/ }).click();
}

test("a record is made with a value of every type", async () => {
  const page = await visit("/collections/plants", { timezoneId: "Europe/Berlin" });
  await page.getByRole("button", { name: "New record" }).click();
  const panel = page.getByRole("dialog", { name: "New in plants" });
  await panel.getByLabel("name").fill("Mint");
  await panel.getByRole("textbox", { name: "story" }).fill("Smells of summer");
  await panel.getByRole("textbox", { name: "story" }).press("ControlOrMeta+a");
  await panel.getByRole("button", { name: "Bold" }).click();
  await panel.getByLabel("height").fill("1,5");
  await panel.getByRole("switch", { name: "edible" }).check();
  await panel.getByLabel("grower").fill("ana@example.com");
  await panel.getByLabel("page").fill("https://example.com/mint");
  await panel.getByLabel("With a time").check();
  await panel.getByLabel("sown").fill("2026-07-01T12:00");
  await see(panel.getByLabel("Time zone").filter({ hasText: /Europe\/Berlin \(UTC\+2\)/ }));
  await panel.getByText("shade", { exact: true }).click();
  await panel.getByText("june", { exact: true }).click();
  await panel.getByText("may", { exact: true }).click();
  // Two are the most.
  await see(panel.getByRole("checkbox", { name: "july", disabled: true }));
  await panel.getByRole("button", { name: "photos" }).setInputFiles([
    { name: "leaf.png", mimeType: "image/png", buffer: PNG },
    { name: "huge.png", mimeType: "image/png", buffer: Buffer.alloc(2000) },
    { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("x") },
  ]);
  await see(panel.getByText("huge.png is larger than 1 kB."));
  await see(panel.getByText("note.txt is of a type that is not accepted here."));
  await panel.getByRole("textbox", { name: "facts" }).fill('{"perennial": tru}');
  await see(panel.getByText("Line 1, character 15: a value is missing here.").first());
  await save(panel);
  await see(panel.getByRole("alert").getByText("Please check what is marked above."));
  await panel.getByRole("textbox", { name: "facts" }).fill('{"perennial": true}');
  await panel.getByLabel("Latitude").focus();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text", "42.69, 23.32");
    document.activeElement?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  });
  assert.equal(await panel.getByLabel("Longitude").inputValue(), "23.32");
  await assertAccessible(page);
  await save(panel);
  await see(page.getByRole("dialog", { name: "Mint" }));

  const mint = await stored("plants", "Mint");
  assert.equal(mint.story, "<p><strong>Smells of summer</strong></p>");
  assert.deepEqual(
    [mint.height, mint.edible, mint.grower, mint.page, mint.sown, mint.light, mint.months, mint.facts, mint.bed],
    [
      1.5,
      true,
      "ana@example.com",
      "https://example.com/mint",
      "2026-07-01 10:00:00.000Z",
      "shade",
      ["june", "may"],
      { perennial: true },
      { lon: 23.32, lat: 42.69 },
    ],
  );
  assert.match(mint.photos[0], /^leaf_/);
  await waitForPlace(page, `/collections/plants?record=${mint.id}`);
});

test("the server's refusals stand at their fields, and what was typed stays", async () => {
  await server.client.collection("plants").create({ name: "Sage" });
  const page = await visit("/collections/plants?create=empty");
  const panel = page.getByRole("dialog");
  await panel.getByLabel("height").fill("51");
  await save(panel);
  await see(panel.getByText("Please fill this in."));
  await panel.getByLabel("name").fill("Sage");
  await panel.getByLabel("height").fill("abc");
  await save(panel);
  await see(panel.getByText("This is not a number."));
  await panel.getByLabel("height").fill("5");
  await save(panel);
  await see(panel.getByText("This is taken already."));
  assert.equal(await panel.getByLabel("name").getAttribute("aria-invalid"), "true");
  await seeFocus(panel.getByLabel("name"));
  assert.equal(await panel.getByLabel("height").inputValue(), "5");
});

test("a number is shown and read in the language of the person, as in the sheet", async () => {
  const { id } = await server.client.collection("plants").create({ name: "Lovage", height: 1.25 });
  const page = await newPage(browser, { locale: "de-DE" });
  await page.goto(`${server.dashboard}#/collections/plants?record=${id}`);
  await page.getByLabel("E-Mail").fill(SUPERUSER.email);
  await page.getByLabel("Passwort", { exact: true }).fill(SUPERUSER.password);
  await page.getByRole("button", { name: "Anmelden" }).click();
  const height = page.getByRole("dialog").getByLabel("height");
  assert.equal(await height.inputValue(), "1,25");
  await height.fill("12,50 €");
  await page.getByRole("button", { name: "Speichern" }).click();
  await see(page.getByText("Gespeichert"));
  assert.equal((await server.client.collection("plants").getOne(id)).height, 12.5);
  // A point groups thousands in German: this is above the limit of 50, not below it.
  await height.fill("1.234");
  await page.getByRole("button", { name: "Speichern" }).click();
  await see(page.getByRole("dialog").getByText("50"));
  assert.equal(await height.getAttribute("aria-invalid"), "true");
});

test("changes are marked, can be taken back, and are saved with the keyboard", async () => {
  const { id } = await server.client.collection("plants").create({ name: "Dill", height: 3, story: "<p>Old</p>" });
  const page = await visit(`/collections/plants?record=${id}`);
  const panel = page.getByRole("dialog", { name: "Dill" });
  await see(panel.getByText("No changes"));
  await panel.getByLabel("height").fill("4");
  await panel.getByLabel("grower").fill("x@example.com");
  await see(panel.getByText("2 unsaved changes"));
  await panel.getByRole("button", { name: "Undo grower" }).click();
  await see(panel.getByText("1 unsaved change"));
  await panel.getByLabel("height").press("ControlOrMeta+s");
  await see(panel.getByText("Saved", { exact: true }));
  const dill = await stored("plants", "Dill");
  assert.deepEqual([dill.height, dill.grower, dill.story], [4, "", "<p>Old</p>"]);
  await page.keyboard.press("Escape");
  await see(page.getByRole("row").filter({ hasText: "Dill" }).getByText("4", { exact: true }));
});

test("what is typed while a record is being saved stays, and is saved with the next", async () => {
  const { id } = await server.client.collection("plants").create({ name: "Senna", height: 3 });
  const page = await visit(`/collections/plants?record=${id}`);
  const panel = page.getByRole("dialog", { name: "Senna" });
  await panel.getByLabel("height").fill("4");
  const change = await holdRequests(page, "PATCH", /plants\/records/);
  await save(panel);
  await change.asked;
  await panel.getByLabel("height").fill("45");
  await panel.getByLabel("grower").fill("r@example.com");
  change.release();
  await see(panel.getByText("2 unsaved changes"));
  assert.equal((await stored("plants", "Senna")).height, 4);
  await save(panel);
  await see(panel.getByText("Saved", { exact: true }));
  const senna = await stored("plants", "Senna");
  assert.deepEqual([senna.height, senna.grower], [45, "r@example.com"]);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "New record" }).click();
  const fresh = page.getByRole("dialog");
  await fresh.getByLabel("name").fill("Teasel");
  const creation = await holdRequests(page, "POST", /plants\/records/);
  await save(fresh);
  await creation.asked;
  await fresh.getByLabel("height").fill("7");
  creation.release();
  await see(page.getByText("“Teasel” was created."));
  await see(fresh.getByText("1 unsaved change"));
  await save(fresh);
  await page.waitForURL(/record=/);
  const teasel = await stored("plants", "Teasel");
  await waitForPlace(page, `/collections/plants?record=${teasel.id}`);
  assert.equal(teasel.height, 7);
});

test("a place is filled in with where one is", async () => {
  const geolocation = { latitude: 48.137164321, longitude: 11.576124 };
  const page = await visit("/collections/plants", { geolocation, permissions: ["geolocation"] });
  await page.getByRole("button", { name: "New record" }).click();
  const panel = page.getByRole("dialog", { name: "New in plants" });
  await panel.getByRole("button", { name: "Use my position" }).click();
  await see(panel.getByRole("link", { name: /48\.1372° N, 11\.5761° E/ }));
  assert.equal(await panel.getByLabel("Latitude").inputValue(), "48.13716");
  await assertAccessible(page);
});

test("text that the editor cannot hold is shown as HTML and stays whole", async () => {
  const story =
    '<p style="color: red">Hot</p><table><tbody><tr><td>1</td></tr></tbody></table><script>document.title="in"</script>';
  const { id } = await server.client.collection("plants").create({ name: "Chili", story });
  const page = await visit(`/collections/plants?record=${id}`);
  const panel = page.getByRole("dialog", { name: "Chili" });
  await see(panel.getByText("something that the editor cannot hold"));
  await panel.getByLabel("height").fill("2");
  await save(panel);
  await see(panel.getByText("Saved", { exact: true }));
  assert.equal((await stored("plants", "Chili")).story, story);
  await panel.getByRole("button", { name: "Drop these and go on in the editor" }).click();
  await see(panel.getByRole("textbox", { name: "story" }).getByText("Hot"));
  await panel.getByRole("button", { name: "Undo story" }).click();
  await see(panel.getByText("something that the editor cannot hold"));
  assert.notEqual(await page.title(), "in");
});

test("files are put in order, taken away with a way back, and opened with a token", async () => {
  const client = server.client.collection("plants");
  const file = (/** @type {string} */ name) => new File([PNG], name, { type: "image/png" });
  const papers = new File(["secret"], "papers.txt");
  const { id } = await client.create({ name: "Rue", photos: [file("one.png"), file("two.png")], papers });
  const page = await visit(`/collections/plants?record=${id}`);
  const panel = page.getByRole("dialog", { name: "Rue" });
  const download = panel.getByRole("link", { name: /^Download papers/ });
  const answer = await page.request.get(new URL((await download.getAttribute("href")) ?? "", page.url()).href);
  assert.equal(await answer.text(), "secret");

  await panel
    .getByRole("button", { name: "photos" })
    .setInputFiles({ name: "three.png", mimeType: "image/png", buffer: PNG });
  await panel.getByRole("button", { name: "Move three.png up" }).click();
  await panel.getByRole("button", { name: /^Remove one_/ }).click();
  await panel.getByRole("button", { name: /^Keep one_/ }).click();
  await panel.getByRole("button", { name: /^Remove two_/ }).click();
  await see(panel.getByText("will be removed when you save"));
  await save(panel);
  await see(panel.getByText("Saved", { exact: true }));
  const names = (await client.getOne(id)).photos.map((/** @type {string} */ name) => name.split("_")[0]);
  assert.deepEqual(names, ["three", "one"]);
});

test("files and links are put in order by dragging, with the mouse and with a finger", async () => {
  const client = server.client.collection("plants");
  const file = (/** @type {string} */ name) => new File([PNG], name, { type: "image/png" });
  /** @type {string[]} */
  const tags = [];
  for (const label of ["first", "second", "third"]) {
    tags.push((await server.client.collection("tags").create({ label })).id);
  }
  const { id } = await client.create({ name: "Woad", tags, photos: ["one.png", "two.png", "three.png"].map(file) });
  const page = await visit(`/collections/plants?record=${id}`, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
  });
  const panel = page.getByRole("dialog", { name: "Woad" });
  const rows = (/** @type {string} */ field) => panel.getByRole("group", { name: field }).getByRole("listitem");
  const session = await page.context().newCDPSession(page);
  /** @param {import("playwright-core").Locator} row */
  const handleOf = async (row) => {
    const box = await row.locator("[aria-hidden]").first().boundingBox();
    assert.ok(box);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  /** @param {import("playwright-core").Locator} from @param {import("playwright-core").Locator} to */
  const dragWithFinger = async (from, to) => {
    await from.scrollIntoViewIfNeeded();
    const [start, end] = [await handleOf(from), await handleOf(to)];
    const touch = (/** @type {"touchStart" | "touchMove" | "touchEnd"} */ type, /** @type {number[]} */ ...ys) =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints: ys.map((y) => ({ x: start.x, y })) });
    await touch("touchStart", start.y);
    for (let step = 1; step <= 10; step++) await touch("touchMove", start.y + ((end.y - start.y) * step) / 10);
    await touch("touchEnd");
  };

  // Down and up, over one and over two.
  await see(rows("tags").nth(2).getByText("third"));
  await dragWithFinger(rows("tags").nth(0), rows("tags").nth(2));
  await see(rows("tags").nth(2).getByText("first"));
  await dragWithFinger(rows("tags").nth(1), rows("tags").nth(0));
  await see(rows("tags").nth(0).getByText("third"));

  await rows("photos").nth(2).scrollIntoViewIfNeeded();
  const [start, end] = [await handleOf(rows("photos").nth(2)), await handleOf(rows("photos").nth(0))];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x, end.y, { steps: 10 });
  await page.mouse.up();
  await see(
    rows("photos")
      .nth(0)
      .getByText(/^three_/),
  );

  await save(panel);
  await see(panel.getByText("Saved", { exact: true }));
  const record = await client.getOne(id);
  const labels = new Map(tags.map((tag, index) => [tag, ["first", "second", "third"][index]]));
  assert.deepEqual(
    record.tags.map((/** @type {string} */ tag) => labels.get(tag)),
    ["third", "second", "first"],
  );
  assert.deepEqual(
    record.photos.map((/** @type {string} */ name) => name.split("_")[0]),
    ["three", "one", "two"],
  );
});

test("links are found by name, and made where they are missing", async () => {
  const { id } = await server.client.collection("plants").create({ name: "Wormwood" });
  const page = await visit(`/collections/plants?record=${id}`);
  const panel = page.getByRole("dialog", { name: "Wormwood" });
  await panel.getByRole("group", { name: "tags" }).getByRole("button", { name: "Add" }).click();
  const search = page.getByRole("combobox", { name: "Find in tags" });
  await search.fill("bit");
  await see(page.getByRole("option", { name: /^bitter/ }));
  await assertAccessible(page);
  await search.press("Enter");
  await search.fill("medicinal");
  await page.getByRole("option", { name: "Create “medicinal”" }).click();
  await see(panel.getByRole("button", { name: "Remove the link to medicinal" }));
  await panel.getByRole("button", { name: "Move medicinal up" }).click();
  await save(panel);
  await see(panel.getByText("Saved", { exact: true }));
  const { expand } = await server.client.collection("plants").getOne(id, { expand: "tags" });
  assert.deepEqual(
    expand?.tags.map((/** @type {{ label: string }} */ tag) => tag.label),
    ["medicinal", "bitter"],
  );
});

test("Enter chooses what was typed, also when the answer comes later", async () => {
  await server.client.collection("tags").create({ label: "newest" });
  const { id } = await server.client.collection("plants").create({ name: "Hyssop" });
  const page = await visit(`/collections/plants?record=${id}`);
  const panel = page.getByRole("dialog", { name: "Hyssop" });
  await panel.getByRole("group", { name: "tags" }).getByRole("button", { name: "Add" }).click();
  await see(page.getByRole("option", { name: /^newest/ }));
  /** @type {() => void} */
  let answer = () => undefined;
  const isEntered = new Promise((done) => {
    answer = () => done(undefined);
  });
  await page.route(/\/tags\/records\?.*bitter/, async (route) => {
    await isEntered;
    await route.continue();
  });
  const search = page.getByRole("combobox", { name: "Find in tags" });
  await search.fill("bitter");
  await search.press("Enter");
  answer();
  await see(panel.getByRole("button", { name: "Remove the link to bitter" }));
  assert.equal(await panel.getByRole("button", { name: "Remove the link to newest" }).count(), 0);
});

test("unsaved changes are not left behind unasked", async () => {
  const { id } = await server.client.collection("plants").create({ name: "Anise" });
  const page = await visit(`/collections/plants?sort=name&record=${id}`);
  const panel = page.getByRole("dialog", { name: "Anise" });
  await panel.getByLabel("grower").fill("a@example.com");
  await page.keyboard.press("Escape");
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await assertAccessible(page);
  await question.getByRole("button", { name: "Stay here" }).click();
  assert.equal(await panel.getByLabel("grower").inputValue(), "a@example.com");

  await panel.getByRole("button", { name: "Next record" }).click();
  await question.getByRole("button", { name: "Save and leave" }).click();
  await panel.waitFor({ state: "hidden" });
  assert.equal((await stored("plants", "Anise")).grower, "a@example.com");
  await page.getByRole("dialog").getByRole("button", { name: "Previous record" }).click();
  await panel.getByLabel("grower").fill("b@example.com");
  await panel.getByRole("button", { name: "Close" }).click();
  await question.getByRole("button", { name: "Leave without saving" }).click();
  await panel.waitFor({ state: "hidden" });
  assert.equal((await stored("plants", "Anise")).grower, "a@example.com");
});

test("the panel stays, also after an address was typed and the back button was pressed", async () => {
  const { id } = await server.client.collection("plants").create({ name: "Borage" });
  const page = await visit("/collections/plants?sort=name");
  await see(page.getByRole("gridcell", { name: "Borage", exact: true }));
  // As somebody does who edits the address.
  await page.evaluate((record) => {
    location.hash = `#/collections/plants?record=${record}`;
  }, id);
  const panel = page.getByRole("dialog", { name: "Borage" });
  await panel.getByLabel("grower").fill("typed@example.com");
  await page.evaluate(() => history.back());
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Stay here" }).click();
  await question.waitFor({ state: "detached" });
  await waitForPlace(page, `/collections/plants?record=${id}`);
  assert.equal(await panel.getByLabel("grower").inputValue(), "typed@example.com");
  await page.evaluate(() => history.back());
  await question.getByRole("button", { name: "Leave without saving" }).click();
  await waitForPlace(page, "/collections/plants?sort=name");
  await panel.waitFor({ state: "detached" });
});

test("what others change arrives, and never replaces what is being typed", async () => {
  const client = server.client.collection("plants");
  const { id } = await client.create({ name: "Basil", height: 1, grower: "old@example.com" });
  const page = await visit(`/collections/plants?record=${id}`);
  const panel = page.getByRole("dialog", { name: "Basil" });
  await panel.getByLabel("grower").fill("mine@example.com");
  // The subscription is made after the panel opened; the change is repeated until it arrives.
  let height = 10;
  await eventually(async () => {
    await client.update(id, { height: ++height, grower: "theirs@example.com" });
    assert.ok((await panel.getByText("Somebody else has just changed this.").count()) > 0, "the change has arrived");
  });
  assert.equal(await panel.getByLabel("grower").inputValue(), "mine@example.com");
  await see(panel.getByText("Saving replaces their value:"));
  await see(panel.getByText("theirs@example.com"));
  await assertAccessible(page);
  await panel.getByRole("button", { name: /^Take theirs/ }).click();
  await eventually(async () => assert.equal(await panel.getByLabel("grower").inputValue(), "theirs@example.com"));

  await client.delete(id);
  await see(panel.getByText("Somebody else has deleted this record."));
  await panel.getByRole("button", { name: "Keep what is here as a new record" }).click();
  await save(page.getByRole("dialog"));
  await see(page.getByText("“Basil” was created."));
  assert.equal((await stored("plants", "Basil")).grower, "theirs@example.com");
});

test("a record can be copied, and deleted with a way back", async () => {
  const { id } = await server.client.collection("plants").create({ name: "Thyme", height: 7 });
  await server.client.collection("harvests").create({ note: "first", plant: id });
  const page = await visit(`/collections/plants?record=${id}`);
  const panel = page.getByRole("dialog", { name: "Thyme", exact: true });
  await see(panel.getByRole("link", { name: "1 record (harvests)" }));
  await panel.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  const copy = page.getByRole("dialog", { name: "New in plants" });
  await copy.getByLabel("name").fill("Lemon thyme");
  await save(copy);
  await see(page.getByRole("dialog", { name: "Lemon thyme" }));
  // The title is there as soon as it is typed; the address follows when the copy is saved.
  await page.waitForURL(({ hash }) => /record=\w+/.test(hash) && !hash.includes(id));
  assert.equal((await stored("plants", "Lemon thyme")).height, 7);

  await page.goto(`${server.dashboard}#/collections/plants?record=${id}`);
  await panel.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const question = page.getByRole("dialog", { name: "Delete “Thyme”?" });
  await see(question.getByText("1 record of harvests is deleted as well."));
  await question.getByRole("button", { name: "Delete" }).click();
  await (await holdMessage(page, "“Thyme” was deleted.")).getByRole("button", { name: "Undo" }).click();
  await see(page.getByText("Thyme", { exact: true }));
  assert.equal((await stored("plants", "Thyme")).id, id);

  const { id: gone } = await stored("plants", "Lemon thyme");
  await page.goto(`${server.dashboard}#/collections/plants?record=${gone}`);
  await page.getByRole("dialog", { name: "Lemon thyme" }).getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await (await holdMessage(page, "“Lemon thyme” was deleted.")).getByRole("button", { name: "Dismiss" }).click();
  await eventually(async () => {
    const { totalItems } = await server.client.collection("plants").getList(1, 1, { filter: `id = "${gone}"` });
    assert.equal(totalItems, 0);
  });
});

test("accounts: a password is generated, mails are sent, a token acts as the person, links are cut", async () => {
  const { client } = server;
  const users = await client.collections.getOne("users");
  const ben = await client
    .collection("users")
    .create({ email: "ben@example.com", password: "12345678", passwordConfirm: "12345678" });
  await client
    .collection("_externalAuths")
    .create({ collectionRef: users.id, recordRef: ben.id, provider: "github", providerId: "42" });
  const page = await visit(`/collections/users?record=${ben.id}`, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const panel = page.getByRole("dialog", { name: "ben@example.com" });
  await panel.getByRole("button", { name: "Generate" }).click();
  const password = await eventually(async () => {
    const generated = await panel.getByLabel("password", { exact: true }).inputValue();
    assert.ok(generated.length >= 16);
    return generated;
  });
  await panel.getByRole("switch", { name: "verified" }).check();
  await save(panel);
  await see(panel.getByText("Saved", { exact: true }));
  const { record } = await client.collection("users").authWithPassword("ben@example.com", password);
  assert.equal(record.verified, true);
  await client.collection("_superusers").authWithPassword("owner@example.com", "a good password");

  await panel.getByRole("button", { name: "Send password reset mail" }).click();
  await see(page.getByText("A mail with a link for a new password goes to ben@example.com."));
  await panel.getByRole("button", { name: "Unlink: github" }).click();
  await page
    .getByRole("dialog", { name: "Unlink: github" })
    .getByRole("button", { name: "Unlink", exact: true })
    .click();
  await see(panel.getByText("No accounts of other providers are linked."));
  await assertAccessible(page);

  await panel.getByRole("button", { name: "View as…" }).click();
  const dialog = page.getByRole("dialog", { name: "View as ben@example.com" });
  await dialog.getByRole("button", { name: "Make token" }).click();
  await dialog.getByRole("button", { name: "Copy token" }).click();
  await eventually(async () => {
    const token = await page.evaluate(() => navigator.clipboard.readText());
    const answer = await page.request.get(client.buildURL(`/api/collections/users/records/${ben.id}`), {
      headers: { Authorization: token },
    });
    assert.equal((await answer.json()).email, "ben@example.com");
  });
});

test("rows of views are shown and cannot be changed; the keys have a list", async () => {
  const { id } = await server.client.collection("plants").create({ name: "Fennel", height: 9 });
  const page = await visit(`/collections/heights?record=${id}`);
  const panel = page.getByRole("dialog", { name: "Fennel" });
  await see(panel.getByText("calculated from other collections"));
  assert.equal(await panel.getByRole("textbox").count(), 0);
  await page.goto(`${server.dashboard}#/collections/plants?record=${id}`);
  await page.getByRole("dialog", { name: "Fennel" }).getByRole("button", { name: "More" }).focus();
  await page.keyboard.press("?");
  await see(page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("Save the record"));
});
