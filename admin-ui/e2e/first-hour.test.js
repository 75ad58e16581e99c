/** The guide for the first hour: each of its steps still works, with the words it uses. */

import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser } from "./support/browser.js";
import { PICTURES, walk } from "./support/first-hour.js";
import { startReceiver } from "./support/receiver.js";
import { startServer } from "./support/server.js";

const MAX_PICTURES_BYTES = 1.5 * 1024 * 1024;

/** @type {import("./support/server.js").TestServer} */
let server;
/** @type {import("./support/receiver.js").Receiver} */
let receiver;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  // The chat of this test is on this machine, where webhooks do not go unless the owner of the server allows it.
  const files = { "config.toml": '[webhooks]\nallow = ["127.0.0.1"]\n' };
  [server, receiver, browser] = await Promise.all([
    startServer({ hasSuperuser: false, files }),
    startReceiver(),
    openBrowser(),
  ]);
});
after(() => Promise.all([browser?.close(), server?.stop(), receiver?.stop()]));

test("every step of the guide works, and its pictures are there", async () => {
  /** @type {string[]} */
  const wanted = [];
  await walk({
    server,
    browser,
    receiver,
    takePicture: async (_page, file) => {
      wanted.push(file);
    },
  });
  const there = (await readdir(PICTURES)).filter((file) => file.endsWith(".webp"));
  assert.deepEqual(there.sort(), wanted.sort(), "the pictures are those of the guide");
  const sizes = await Promise.all(there.map(async (file) => (await stat(join(PICTURES, file))).size));
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) < MAX_PICTURES_BYTES, "the pictures are small");
});

test("the guide links only to what is there", async () => {
  const text = await readFile(join(PICTURES, "../first-hour.md"), "utf8");
  for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) await stat(join(PICTURES, "..", target ?? ""));
});
