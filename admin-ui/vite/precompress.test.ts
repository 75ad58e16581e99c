import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { precompressFolder } from "./precompress.ts";

test("text files worth it get a compressed twin, in sub-folders too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "precompress-"));
  try {
    const long = "a long text ".repeat(500);
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "assets/entry.js"), long);
    await writeFile(join(folder, "short.js"), "short");
    await writeFile(join(folder, "picture.png"), long);

    await precompressFolder(folder);

    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      "assets",
      "assets/entry.js",
      "assets/entry.js.gz",
      "picture.png",
      "short.js",
    ]);
    expect(gunzipSync(await readFile(join(folder, "assets/entry.js.gz"))).toString()).toBe(long);
  } finally {
    await rm(folder, { recursive: true });
  }
});
