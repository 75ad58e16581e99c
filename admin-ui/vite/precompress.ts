/**
 * Writes a `.gz` file beside every text file of the build, so that the server sends ready-made bytes instead of
 * compressing the same file for each visitor. Brotli is left out: browsers ask for it over HTTPS only.
 */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Plugin } from "vite";

const TEXT_EXTENSIONS = new Set([".css", ".html", ".js", ".json", ".svg", ".txt"]);
/** Below this the answer fits in one network packet anyway. */
const SMALLEST_BYTES = 1024;

const compress = promisify(gzip);

export function precompress(): Plugin {
  return {
    name: "steading-precompress",
    apply: "build",
    enforce: "post",
    async writeBundle(output) {
      if (output.dir) await precompressFolder(output.dir);
    },
  };
}

export async function precompressFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && TEXT_EXTENSIONS.has(extname(entry.name)));
  await Promise.all(files.map((file) => writeCompressed(join(file.parentPath, file.name))));
}

async function writeCompressed(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < SMALLEST_BYTES) return;
  const packed = await compress(bytes, { level: 9 });
  if (packed.length < bytes.length) await writeFile(`${path}.gz`, packed);
}
