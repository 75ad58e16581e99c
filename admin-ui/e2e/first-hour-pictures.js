/** Takes the pictures of `docs/first-hour.md`, by doing what it says. `make pictures` runs it. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBrowser } from "./support/browser.js";
import { PICTURES, walk } from "./support/first-hour.js";
import { startReceiver } from "./support/receiver.js";
import { startServer } from "./support/server.js";

/** Where the reader's own Steading listens. */
const USUAL_HOST = "127.0.0.1:8090";

const server = await startServer({
  hasSuperuser: false,
  files: { "config.toml": '[webhooks]\nallow = ["127.0.0.1"]\n' },
});
const receiver = await startReceiver();
const { host } = new URL(server.dashboard);
const browser = await openBrowser([`--host-resolver-rules=MAP ${USUAL_HOST} ${host}`]);
/** From 0 to 1. Below this, flat colours get blotches. */
const QUALITY = 0.97;
const encoder = await browser.newPage();

/**
 * As WebP: half the size of a PNG, and no difference to be seen.
 *
 * @param {Buffer} png
 */
async function asWebp(png) {
  const url = await encoder.evaluate(
    async ({ base64, quality }) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.width, image.height];
      canvas.getContext("2d")?.drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", quality);
    },
    { base64: png.toString("base64"), quality: QUALITY },
  );
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

try {
  await walk({
    server: { ...server, dashboard: server.dashboard.replace(host, USUAL_HOST) },
    browser,
    receiver,
    // Wide enough for the sheet of orders; narrow enough to be read in the guide.
    options: { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" },
    takePicture: async (page, file, part) => {
      await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState === "finished"));
      const png = await (part ?? page).screenshot({ animations: "disabled", caret: "hide" });
      await writeFile(join(PICTURES, file), await asWebp(png));
    },
  });
} finally {
  await browser.close();
  await receiver.stop();
  await server.stop();
}
