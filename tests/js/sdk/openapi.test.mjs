//! The OpenAPI description: an independent validator accepts it, and schemathesis, which generates requests from it, gets no
//! 5xx and no answer that is not described.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { IS_SELF_CHECK } from '../lib/server.mjs';
import { OPEN, autodate, bool, date, editor, email, file, geo, json, number, password, relation, select, text, url } from '../lib/fields.mjs';
import { PASSWORD, rejects, world } from '../lib/sdk.mjs';

const run = promisify(execFile);
/** Installed by `tools/install.sh`. */
const places = [fileURLToPath(new URL('../../../target/peer/bin', import.meta.url)), ...(process.env.PATH ?? '').split(delimiter)];
const tool = (/** @type {string} */ name) => places.map((place) => join(place, name)).find((path) => existsSync(path));
const VALIDATOR = tool('openapi-spec-validator');
const SCHEMATHESIS = tool('schemathesis');
const isRequired = process.env.STEADING_REQUIRE_PEER === '1';
const missing = (VALIDATOR && SCHEMATHESIS) || isRequired ? false : 'openapi-spec-validator or schemathesis is not installed: run `make tools`';
const skip = (IS_SELF_CHECK && 'PocketBase has no such description') || missing;

const here = world(async (superuser) => {
  const users = await superuser.collections.getOne('users');
  await superuser.collections.create({
    name: 'posts', type: 'base', ...OPEN,
    fields: [
      text('title', { required: true, max: 40, help: 'What it is about' }), editor('body'), number('rank'), number('whole', { onlyInt: true }), bool('public'), email('mail'), url('link'), date('day'),
      select('kind', ['a', 'b']), select('colours', ['r', 'g', 'b', 'b'], 3), relation('author', users.id), relation('fans', users.id, 4), json('meta'), geo('place'), file('cover'),
      file('papers', { maxSelect: 3 }), autodate('made'), text('note', { hidden: true }), password('secret'),
    ],
  });
  for (const name of ['closed', 'changing']) await superuser.collections.create({ name, type: 'base', fields: [text('a')] });
  await superuser.collections.create({ name: 'counted', type: 'view', listRule: '', viewQuery: 'SELECT id, title, (rank + 1) AS more, count(id) AS n, max(day) AS last FROM posts GROUP BY id' });
  await superuser.collections.update('users', { otp: { enabled: true } });
  await superuser.settings.update({ batch: { enabled: true } });
});
/** @type {string} */
let folder;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'steading-openapi-'))));
after(() => rm(folder, { recursive: true, force: true }));

test('superusers read it, others only once it is public, and then nothing they may not know of', { skip: IS_SELF_CHECK }, async () => {
  await rejects(here.client().send('/api/openapi.json', {}), 401);
  const whole = await here.superuser.send('/api/openapi.json', {});
  assert.equal(whole.openapi, '3.1.0');
  assert.ok(whole.paths['/api/collections/closed/records'].get);
  await here.superuser.settings.update({ openapi: { public: true } });
  const open = await here.client().send('/api/openapi.json', {});
  assert.ok(open.paths['/api/collections/posts/records'].get);
  assert.doesNotMatch(JSON.stringify(open), /closed|_superusers|"note"|\/api\/settings/);
  await here.superuser.settings.update({ openapi: null });
  assert.equal((await here.superuser.settings.getAll()).openapi, undefined, 'clients of other servers see what they know');
  await rejects(here.client().send('/api/openapi.json', {}), 401);
  await here.superuser.collections.create({ name: 'later', type: 'base' });
  assert.ok((await here.superuser.send('/api/openapi.json', {})).paths['/api/collections/later/records'], 'it follows the schema');
});

test('an independent validator finds it sound', { skip }, async () => {
  const path = join(folder, 'openapi.json');
  await here.command('openapi', '--out', path);
  const { paths } = JSON.parse(await readFile(path, 'utf8'));
  assert.deepEqual(Object.keys(paths), Object.keys((await here.superuser.send('/api/openapi.json', {})).paths));
  assert.ok(VALIDATOR, 'openapi-spec-validator is not installed');
  await run(VALIDATOR, [path]);
});

test('requests made up from it are answered as it says', { skip, timeout: 900_000 }, async () => {
  assert.ok(SCHEMATHESIS, 'schemathesis is not installed');
  const user = await here.superuser.collection('users').create({ email: 'ana@example.com', password: PASSWORD, passwordConfirm: PASSWORD });
  const make = async () => (await here.superuser.collection('posts').create({ title: 'x', author: user.id, fans: [user.id], kind: 'a', cover: new File(['x'], 'x.txt') }).catch(() => here.superuser.collection('posts').create({ title: 'x' }))).id;
  const ids = { view_posts: await make(), update_posts: await make(), delete_posts: await make(), view_users: user.id, update_users: user.id, view_counted: await make() };
  // It learns ids from answers. Names of collections are given, so that it does not delete the collections under test.
  const collections = { viewCollection: 'posts', updateCollection: 'changing', truncateCollection: 'changing', deleteCollection: 'later' };
  const given = (/** @type {string} */ key) => (/** @type {[string, string]} */ [name, value]) => `[[operations]]\ninclude-operation-id = "${name}"\nparameters = { "path.${key}" = "${value}" }\n`;
  const config = join(folder, 'schemathesis.toml');
  // With `fields`, an answer holds only the requested keys, which a schema cannot express.
  const all = `[auth.openapi.token]\napi_key = "${here.superuser.authStore.token}"\n\n[auth.openapi.fileToken]\napi_key = "${await here.superuser.files.getToken()}"\n\n[parameters]\n"query.fields" = "*"\n\n`;
  await writeFile(config, [all, ...Object.entries(ids).map(given('id')), ...Object.entries(collections).map(given('collection'))].join('\n'));
  // Excluded: operations that end the run, because they lock us out or never end.
  const left_out = ['updateSettings', 'restoreBackup', 'connectRealtime', 'importCollections', 'update__superusers', 'delete__superusers'].flatMap((id) => ['--exclude-operation-id', id]);
  // Excluded: records that change during the run.
  left_out.push('--exclude-path-regex', '/(changing|later)/records');
  // Excluded: checks that wrong types are refused and that other methods get 405. As in PocketBase, wrong types are accepted
  // and other methods get 404.
  const checks = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth';
  const bounds = ['--phases', 'examples,coverage,fuzzing', '--max-examples', '10', '--seed', '1', '--request-timeout', '60', '--generation-database', 'none'];
  const address = `${here.url()}/api/openapi.json`;
  const header = ['-H', `Authorization: ${here.superuser.authStore.token}`];
  const outcome = await run(SCHEMATHESIS, ['--config-file', config, 'run', address, ...header, '--checks', checks, ...left_out, ...bounds, '--continue-on-failure', '--no-color', '--warnings', process.env.SCHEMATHESIS_WARNINGS ?? 'off'], { maxBuffer: 2 ** 26, cwd: folder }).catch((error) => error);
  if (process.env.SCHEMATHESIS_WARNINGS) process.stdout.write(outcome.stdout);
  assert.equal(outcome.code ?? 0, 0, outcome.stdout.slice(-20_000) + outcome.stderr);
  // The token was valid until the end, so the requests were not simply refused.
  await here.superuser.settings.getAll();
});
