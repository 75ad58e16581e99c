/**
 * Fails the build when what a visitor must download before seeing anything grows past the budget: the entry chunk,
 * the English catalogue, and everything they import statically, gzipped. Screens behind `lazy` imports do not count.
 */

import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

type Chunk = { code: string; imports: string[]; isEntry: boolean; facadeModuleId?: string | null };

export function checkEntrySize({ limitKib }: { limitKib: number }): Plugin {
  return {
    name: "steading-check-entry-size",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = new Map<string, Chunk>();
      for (const file of Object.values(bundle)) {
        if (file.type === "chunk") chunks.set(file.fileName, file);
      }
      const sizeKib = entrySizeKib(chunks);
      const summary = `entry: ${sizeKib.toFixed(1)} KiB gzip of at most ${limitKib}`;
      if (sizeKib > limitKib) this.error(`${summary}. Put something behind a lazy import.`);
      this.info(summary);
    },
  };
}

export function entrySizeKib(chunks: ReadonlyMap<string, Chunk>): number {
  const isFirst = (chunk: Chunk) => chunk.isEntry || chunk.facadeModuleId?.endsWith("/words/en/index.ts");
  const pending = [...chunks].filter(([, chunk]) => isFirst(chunk)).map(([name]) => name);
  const seen = new Set<string>();
  let bytes = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const chunk = chunks.get(name);
    if (!chunk || seen.has(name)) continue;
    seen.add(name);
    bytes += gzipSync(chunk.code, { level: 9 }).length;
    pending.push(...chunk.imports);
  }
  return bytes / 1024;
}
