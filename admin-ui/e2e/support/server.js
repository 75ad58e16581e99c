/**
 * Starts the real program on a free port with a data folder of its own, and finds the dashboard to test: the one
 * embedded in it, or with STEADING_UI=preview the one in `dist/`, which speaks to it through a proxy.
 */

import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import PocketBase from "pocketbase";

const root = resolve(import.meta.dirname, "../..");

export const SUPERUSER = { email: "owner@example.com", password: "a good password" };

/**
 * @typedef {object} TestServer
 * @property {string} dashboard the address of the dashboard, ending in `/_/`
 * @property {PocketBase} client signed in as the superuser, if there is one
 * @property {string} folder where it was started: its data folder is in there, and what is in `public` it serves
 * @property {string[]} greeting the lines of its standard output so far
 * @property {Promise<string>} installToken the token of the link for the first superuser
 * @property {(pattern: RegExp) => Promise<string>} printed the first group of the next line it prints that fits
 * @property {() => Promise<void>} stop
 */

/**
 * @param {{ hasSuperuser?: boolean, hasDemo?: boolean, args?: string[], files?: Record<string, string> }} [options]
 *   `hasDemo`: with the record shop; `args`: more arguments for `serve`; `files`: what is there before it starts, by path
 *   below its folder
 * @returns {Promise<TestServer>}
 */
export async function startServer({ hasSuperuser = true, hasDemo = false, args = [], files = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "steading-e2e-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  if (hasDemo) {
    await promisify(execFile)(resolve(root, "../demo/load.sh"), [program(), join(folder, "steading_data")]);
  }
  if (hasSuperuser) {
    await promisify(execFile)(program(), ["superuser", "upsert", SUPERUSER.email, SUPERUSER.password], { cwd: folder });
  }
  const address = `127.0.0.1:${await freePort()}`;
  // A group of its own, because the program may be started through a script.
  const child = spawn(program(), ["serve", "--http", address, ...args], { detached: true, cwd: folder });
  /** @type {string[]} */
  const greeting = [];
  createInterface({ input: child.stdout }).on("line", (line) => greeting.push(line));
  const started = lineWith(child, /Server started at/);
  const installToken = lineWith(child, /pbinstall\/([\w.-]+)/);
  installToken.catch(() => undefined);
  await started;

  const ui = process.env.STEADING_UI === "preview" ? await startPreview(`http://${address}`) : null;
  const client = new PocketBase(`http://${address}`);
  client.autoCancellation(false);
  if (hasSuperuser) {
    await client.collection("_superusers").authWithPassword(SUPERUSER.email, SUPERUSER.password);
  }
  return {
    dashboard: ui?.address ?? `http://${address}/_/`,
    client,
    folder,
    greeting,
    installToken,
    printed: (pattern) => lineWith(child, pattern),
    stop: async () => {
      await ui?.stop();
      await endProcess(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function program() {
  const name = process.env.STEADING_BIN ?? "../target/debug/steading";
  return name.includes("/") ? resolve(root, name) : name;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}

/**
 * Waits for a line of output, and gives its first group. Fails when the program ends before it comes.
 *
 * @param {import("node:child_process").ChildProcessWithoutNullStreams} child
 * @param {RegExp} pattern
 * @returns {Promise<string>}
 */
function lineWith(child, pattern) {
  return new Promise((done, failed) => {
    /** @type {string[]} */
    const said = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const found = pattern.exec(line);
        if (found) done(found[1] ?? found[0]);
      });
    }
    child.once("error", failed);
    child.once("exit", () => failed(new Error(`the server ended before it said ${pattern}:\n${said.join("\n")}`)));
  });
}

/** @param {import("node:child_process").ChildProcess} child */
async function endProcess(child) {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((done) => child.once("exit", done));
  process.kill(-child.pid, "SIGTERM");
  await ended;
}

/** @param {string} target */
async function startPreview(target) {
  const { preview } = await import("vite");
  const server = await preview({
    root,
    logLevel: "warn",
    preview: { host: "127.0.0.1", port: 0, proxy: { "/api": { target } } },
  });
  const address = server.resolvedUrls?.local[0];
  if (!address) throw new Error("the preview has no address");
  return { address, stop: () => server.close() };
}
