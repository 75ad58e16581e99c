/**
 * Gives the dashboard the reference of scripts, for completion in the editor: `import reference from
 * "virtual:script-reference"`. It is read from `docs/scripting.md`, where the server's own tests keep it up to date.
 */

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";

const NAME = "virtual:script-reference";
const RESOLVED = `\0${NAME}`;
const GUIDE = resolve(import.meta.dirname, "../../docs/scripting.md");

export type ReferenceEntry = {
  /** The heading it stands below, without markup. */
  section: string;
  /** What stands before the dot, as the reference calls it: `db`. Empty for plain functions. */
  owner: string;
  name: string;
  /** The parameters of each of its forms. None for a property. */
  calls: string[];
  /** What it does: the description of the first form. */
  text: string;
};

export function scriptReference(): Plugin {
  return {
    name: "steading-script-reference",
    resolveId: (id) => (id === NAME ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return;
      // A source archive may come without the documentation. The editor then completes collections and fields only.
      const isThere = existsSync(GUIDE);
      if (isThere) this.addWatchFile(GUIDE);
      const entries = isThere ? readReference(readFileSync(GUIDE, "utf8")) : [];
      if (isThere && entries.length === 0) this.error(`${GUIDE} has no reference.`);
      return `export default ${JSON.stringify(entries)};`;
    },
  };
}

const ENTRY = /^- `(?:(?<owner>[a-z_]\w*)\.)?(?<name>[a-z_]\w*)(?:\((?<parameters>[^`]*)\))?`: (?<text>.*)$/;

/** Entries in the order of the guide. `NAME`, which stands for any name, and assignments are left out. */
export function readReference(guide: string): ReferenceEntry[] {
  const written = /<!-- reference: begin -->(.*)<!-- reference: end -->/s.exec(guide)?.[1] ?? "";
  const entries = new Map<string, ReferenceEntry>();
  let section = "";
  for (const line of written.split("\n")) {
    if (line.startsWith("### ")) section = line.slice(4).replaceAll("`", "");
    const { owner = "", name, parameters, text = "" } = ENTRY.exec(line)?.groups ?? {};
    if (name === undefined) continue;
    const key = `${section} ${owner}.${name}`;
    const entry = entries.get(key) ?? { section, owner, name, calls: [], text: text.replaceAll("`", "") };
    if (parameters !== undefined) entry.calls.push(parameters);
    entries.set(key, entry);
  }
  return [...entries.values()];
}
