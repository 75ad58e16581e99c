//! One running server: ours or PocketBase, in its own folder, on a free port. Both take the same two commands
//! (`superuser upsert`, `serve`), so nothing here depends on which one it is.

import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PATIENCE, request } from './http.mjs';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));

export const SUPERUSER = { email: 'root@example.com', password: 'a long root password' };

/** The program under test. */
export const OURS = process.env.STEADING_BIN
  ? (locate(process.env.STEADING_BIN) ?? process.env.STEADING_BIN)
  : resolve(here, '../../../target/debug/steading');

/** The PocketBase program, or null if it is not installed. */
export const PEER = locate(process.env.STEADING_PEER ?? 'pocketbase');

/** Both sides are PocketBase: a check of the suite itself (see README.md). */
export const IS_SELF_CHECK = PEER !== null && OURS === PEER;

/** Why the differential suite cannot run here, or false. */
export const PEER_MISSING =
  PEER === null && process.env.STEADING_REQUIRE_PEER !== '1'
    ? `no reference binary (looked for ${process.env.STEADING_PEER ?? '`pocketbase` on PATH'}; set STEADING_PEER)`
    : false;

/**
 * @typedef {object} Server
 * @property {string} program   the path of the binary
 * @property {string} url   `http://127.0.0.1:PORT`
 * @property {string} dir   the data folder
 * @property {() => string} output   what it has printed so far
 * @property {(...args: string[]) => Promise<{stdout: string, stderr: string}>} command   another command on the same folder
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a server with an empty data folder and one superuser, and resolves when it answers.
 * @param {string | null} program
 * @param {{ args?: string[], env?: Record<string, string>, data?: string }} [options]   more arguments for `serve`, more
 *   of the environment, and a data folder of the caller's own: it stays when the server stops, and gets its superuser
 *   only where it is new
 * @returns {Promise<Server>}
 */
export async function start(program, { args = [], env = {}, data } = {}) {
  if (program === null) throw new Error('there is no PocketBase binary: set STEADING_PEER');
  if (!existsSync(program)) throw new Error(`there is no program at ${program}: build it, or set STEADING_BIN`);
  const scratch = await mkdtemp(join(tmpdir(), 'steading-js-'));
  const dir = data ?? join(scratch, 'data');
  const options = { cwd: scratch, env: { ...environment(), ...env } };
  const command = (/** @type {string[]} */ ...words) => run(program, [...words, '--dir', dir], options);
  try {
    if (!existsSync(join(dir, 'data.db'))) await command('superuser', 'upsert', SUPERUSER.email, SUPERUSER.password, ...args);
    // The port was free a moment ago; another process may take it first.
    for (let attempt = 1; ; attempt++) {
      try {
        return await serve();
      } catch (error) {
        if (attempt === 3 || !/in use/i.test(String(error))) throw error;
      }
    }
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    throw error;
  }

  async function serve() {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(program, ['serve', '--http', `127.0.0.1:${port}`, '--dir', dir, ...args], options);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-20_000)));
    const exited = new Promise((done) => {
      child.once('exit', done);
      child.once('error', done);
    });
    const kill = () => child.kill('SIGKILL');
    const abandon = () => {
      kill();
      rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    };
    abandoned.add(abandon);
    const stop = async () => {
      abandoned.delete(abandon);
      child.kill('SIGTERM');
      const timer = setTimeout(kill, PATIENCE);
      await exited;
      clearTimeout(timer);
      await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
    };
    const healthy = await Promise.race([answers(url), exited.then(() => false)]);
    if (!healthy) {
      abandoned.delete(abandon);
      kill();
      await exited;
      throw new Error(`${program} did not come up on ${url}. It printed:\n${output}`);
    }
    return { program, url, dir, output: () => output, command, stop };
  }
}

/** Stops running servers if this process ends before its tests do. */
const abandoned = /** @type {Set<() => void>} */ (new Set());
process.once('exit', () => abandoned.forEach((abandon) => abandon()));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.once(signal, () => process.exit(1));

/** Requests /api/health until it answers. Each request waits for the one before, so this needs no fixed sleep. */
async function answers(/** @type {string} */ url) {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    try {
      if ((await request(url, { method: 'GET', path: '/api/health' })).status === 200) return true;
    } catch {
      await new Promise((again) => setTimeout(again, 15));
    }
  }
  return false;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => found(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** The STEADING_* variables of the tests name programs. The server would read them as its settings, so they are removed. */
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('STEADING_')));
}

/** A program given as a path, or as a name to be found on PATH. */
function locate(/** @type {string} */ program) {
  if (program.includes('/')) return existsSync(program) ? resolve(program) : null;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, program);
    if (existsSync(candidate) && spawnSync(candidate, ['--version']).status === 0) return candidate;
  }
  return null;
}
