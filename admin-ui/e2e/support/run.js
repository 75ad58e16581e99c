/**
 * Runs the browser tests, one file after another: `npm run e2e`, or `npm run e2e -- e2e/jobs.test.js` for some of them.
 *
 * A browser on a busy machine now and then does something late or in another order. Files that fail are therefore run
 * once more, each with a new server; what fails twice fails the run. Both outcomes stay in the output, and a file that
 * passed only the second time is named at its end: such a test, or the page that it tests, wants mending.
 */

import { readdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { run } from "node:test";
import { tap } from "node:test/reporters";

/** Of the browser and the server that one file starts. */
const FILE_TIMEOUT_MS = 600_000;
/** More failures than this are no accident. */
const MAX_REPEATED_FILES = 3;

/**
 * @param {string[]} files
 * @returns {Promise<string[]>} those in which a test failed
 */
async function runFiles(files) {
  const failed = new Set();
  const events = run({ files, concurrency: false, timeout: FILE_TIMEOUT_MS });
  events.on("test:fail", ({ file }) => failed.add(file));
  for await (const line of events.compose(tap)) process.stdout.write(line);
  return [...failed];
}

const folder = resolve(import.meta.dirname, "..");
const named = process.argv.slice(2).map((file) => resolve(file));
const all = readdirSync(folder).filter((name) => name.endsWith(".test.js"));
const files = named.length > 0 ? named : all.sort().map((name) => resolve(folder, name));

const failed = await runFiles(files);
if (failed.length > 0) {
  const names = failed.map((file) => relative(folder, file)).join(", ");
  const isRepeated = failed.length <= MAX_REPEATED_FILES;
  if (isRepeated) process.stdout.write(`# Failed, and run once more: ${names}\n`);
  const failedTwice = isRepeated ? await runFiles(failed) : failed;
  if (failedTwice.length > 0) process.exitCode = 1;
  else process.stdout.write(`# Passed only the second time: ${names}\n`);
}
