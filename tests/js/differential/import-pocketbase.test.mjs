//! Migration: a data folder filled through PocketBase's API is imported; our server must then answer as PocketBase did.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import PocketBase from 'pocketbase';
import { IS_SELF_CHECK, OURS, PEER, PEER_MISSING, SUPERUSER, start } from '../lib/server.mjs';
import { OPEN, autodate, bool, date, editor, email, file, geo, json, number, password, relation, select, text, url } from '../lib/fields.mjs';

const run = promisify(execFile);
const PASSWORD = 'correct horse';
const KEY = '0123456789abcdef0123456789abcdef';
const skip = PEER_MISSING || (IS_SELF_CHECK && 'PocketBase has no such command');

/** @returns {PocketBase} */
function client(/** @type {string} */ address) {
  const pb = new PocketBase(address);
  pb.autoCancellation(false);
  return pb;
}

async function superuser(/** @type {string} */ address) {
  const pb = client(address);
  await pb.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
  return pb;
}

/** Fills a PocketBase server with data of every kind. */
async function fill(/** @type {PocketBase} */ pb) {
  const make = (/** @type {any} */ definition) => pb.collections.create({ type: 'base', ...OPEN, ...definition });
  await pb.settings.update({
    meta: { appName: 'Old house', accentColor: '#123456' },
    smtp: { host: 'mail.example.com', password: 'a mail secret' },
    rateLimits: { rules: [{ label: 'posts:list', audience: '@guest', duration: 7, maxRequests: 1000 }] },
    batch: { enabled: true },
  });
  const users = await pb.collections.getOne('users');
  await pb.collections.update('users', {
    fields: [...users.fields, text('nick', { max: 40 })],
    indexes: [...users.indexes, 'CREATE UNIQUE INDEX idx_nick ON users (nick COLLATE NOCASE) WHERE nick != ""'],
    passwordAuth: { enabled: true, identityFields: ['email', 'nick'] },
    oauth2: { enabled: true, providers: [{ name: 'oidc', clientId: 'c', clientSecret: 'hush', authURL: 'https://idp.example.com/a', tokenURL: 'https://idp.example.com/t' }] },
    verificationTemplate: { subject: 'Ours', body: 'Come {APP_URL} {TOKEN}' },
    authToken: { duration: 7777 },
  });
  const tags = await make({ name: 'tags', fields: [text('label', { required: true })] });
  const posts = await make({
    name: 'posts',
    listRule: 'owner = @request.auth.id || public = true',
    fields: [
      text('title', { min: 2, pattern: '^\\p{L}.*$', autogeneratePattern: '[A-Z]{5}' }), editor('body'), number('rank', { min: -5 }), bool('public'), email('contact'),
      url('link'), date('day'), select('kind', ['a', 'b']), select('colours', ['red', 'green', 'blue'], 3), relation('owner', users.id), relation('tags', tags.id, 5),
      json('meta'), geo('place'), file('cover', { maxSelect: 1, thumbs: ['10x10'] }), file('papers', { maxSelect: 3, protected: true }), password('secret', { hidden: true }), autodate('created', false), autodate('updated'),
    ],
    indexes: ['CREATE INDEX `idx_posts_title` ON `posts` (`title`, `rank` DESC)'],
  });
  await pb.collections.update('posts', { fields: [...posts.fields, relation('parent', posts.id)] });
  await make({ name: 'Order_1', fields: [text('group'), text('select'), number('_index'), json('order'), text('from', { presentable: true, help: 'where' })] });
  // A view of a view. Renaming the first puts them in the wrong order of creation.
  await make({ name: 'per_owner', type: 'view', ...CLOSED, viewQuery: 'SELECT owner AS id, count(id) AS posts, (sum(rank) + 0) AS ranks FROM posts GROUP BY owner' });
  await make({ name: 'aa_view', type: 'view', ...CLOSED, viewQuery: 'SELECT id, posts FROM per_owner' });

  const ana = await pb.collection('users').create({ email: 'ana@example.com', password: PASSWORD, passwordConfirm: PASSWORD, name: 'Ana', nick: 'Änä', emailVisibility: true, avatar: new File([PNG], 'me.png') });
  const bob = await pb.collection('users').create({ email: 'bob@example.com', password: PASSWORD, passwordConfirm: PASSWORD, verified: true });
  await pb.collection('_externalAuths').create({ collectionRef: users.id, recordRef: bob.id, provider: 'oidc', providerId: 'bob-at-idp' });
  const tag = await pb.collection('tags').create({ label: 'x' });
  const first = await pb.collection('posts').create({
    title: 'Łódź "quoted"', body: '<p>hé</p>', rank: 1.5, public: true, contact: 'c@example.com', link: 'https://example.com/ä', day: '2024-02-29 10:11:12.345Z', kind: 'b', colours: ['blue', 'red'],
    owner: ana.id, tags: [tag.id], meta: { b: [1, 'two', null], a: 12345678901 }, place: { lon: 1.5, lat: -2 }, secret: 'hidden one', cover: new File([PNG], 'Cover Photo.png'), papers: [new File(['first'], 'a.txt'), new File(['second'], 'b.txt')],
  });
  await pb.collection('posts').create({ title: 'Zwei', parent: first.id, owner: bob.id, rank: -3, meta: 'plain' });
  await pb.collection('posts').create({ rank: 9007199254740991 });
  await pb.collection('Order_1').create({ group: 'g', select: '; DROP TABLE users', _index: 3, order: null, from: '' });
  await pb.collection('_superusers').create({ email: 'second@example.com', password: PASSWORD, passwordConfirm: PASSWORD });
  // Creates an auth origin.
  await client(pb.baseURL).collection('users').authWithPassword('ana@example.com', PASSWORD);
}
const CLOSED = { createRule: null, updateRule: null, deleteRule: null };
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** Everything that a superuser reads through the API and that must be equal. */
async function everything(/** @type {PocketBase} */ pb) {
  /** @type {Record<string, any>} */
  const seen = { settings: await pb.settings.getAll() };
  for (const collection of await pb.collections.getFullList()) {
    seen[`the collection ${collection.name}`] = collection;
    seen[`records of ${collection.name}`] = await pb.collection(collection.name).getFullList({ expand: 'owner,tags,parent,posts_via_owner' });
  }
  return seen;
}

/** By path: the values that change when a file is touched. */
function state(/** @type {string} */ folder) {
  const paths = /** @type {string[]} */ (readdirSync(folder, { recursive: true })).sort();
  return Object.fromEntries(paths.map((path) => {
    const whole = join(folder, path);
    const about = statSync(whole);
    return [path, about.isDirectory() ? `folder ${about.mtimeMs}` : `${about.mtimeMs} ${createHash('sha256').update(readFileSync(whole)).digest('hex')}`];
  }));
}

function sqlite(/** @type {string} */ folder, /** @type {string} */ sql) {
  return execFileSync('sqlite3', [join(folder, 'data.db'), sql], { encoding: 'utf8' }).trim();
}

const imported = (/** @type {string} */ from, /** @type {string} */ into, /** @type {string[]} */ ...more) => run(OURS, ['import-pocketbase', from, '--dir', into, ...more]);

describe('import-pocketbase', { skip }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'steading-move-'));
  const place = (/** @type {string} */ name) => join(scratch, name);
  /** @type {{ seen: any, files: [string, string][], token: string, rootToken: string }} */
  let before_;
  after(() => rmSync(scratch, { recursive: true, force: true }));

  before(async () => {
    const reference = await start(PEER, { data: place('pb_data') });
    const pb = await superuser(reference.url);
    await fill(pb);
    const ana = client(reference.url);
    await ana.collection('users').authWithPassword('ana@example.com', PASSWORD);
    const seen = await everything(pb);
    const token = await pb.files.getToken();
    /** @type {[string, string][]} */
    const files = [];
    for (const record of [...seen['records of posts'], ...seen['records of users']]) {
      for (const name of [record.cover, record.avatar, ...(record.papers ?? [])].filter(Boolean)) {
        const answer = await fetch(pb.files.getURL(record, name, { token }));
        files.push([`/api/files/${record.collectionId}/${record.id}/${name}`, createHash('sha256').update(Buffer.from(await answer.arrayBuffer())).digest('hex')]);
      }
    }
    assert.equal(files.length, 4);
    before_ = { seen, files, token: ana.authStore.token, rootToken: pb.authStore.token };
    // While PocketBase runs, its latest changes are in a journal. There are no writes at this moment.
    cpSync(place('pb_data'), place('with-journal'), { recursive: true, preserveTimestamps: true });
    await reference.stop();
  });

  test('a dry run reports everything and leaves nothing behind', async () => {
    const untouched = state(place('pb_data'));
    const { stdout } = await imported(place('pb_data'), place('nowhere'), '--dry-run', '--json');
    const report = JSON.parse(stdout);
    assert.equal(report.files, 4);
    assert.equal(report.settings, 'brought');
    assert.deepEqual(report.collections.find((/** @type {any} */ one) => one.name === 'posts'), { name: 'posts', type: 'base', system: false, records: 3 });
    assert.equal(existsSync(place('nowhere')), false);
    assert.deepEqual(state(place('pb_data')), untouched);
  });

  test('what was there answers as it did, and the source is as it was', async () => {
    const untouched = state(place('pb_data'));
    const { stdout } = await imported(place('pb_data'), place('moved'));
    assert.match(stdout, /6 collections, 12 records and 4 files brought\./);
    assert.deepEqual(state(place('pb_data')), untouched);

    const ours = await start(OURS, { data: place('moved') });
    try {
      // Sessions continue: the tokens were issued by PocketBase.
      const pb = client(ours.url);
      pb.authStore.save(before_.rootToken, null);
      assert.deepEqual(await everything(pb), before_.seen);
      const ana = client(ours.url);
      ana.authStore.save(before_.token, null);
      assert.equal((await ana.collection('users').authRefresh()).record.email, 'ana@example.com');

      const hash = () => sqlite(place('moved'), "SELECT password FROM users WHERE email = 'ana@example.com'");
      assert.match(hash(), /^\$2/);
      await client(ours.url).collection('users').authWithPassword('änä', PASSWORD).catch(() => {});
      await client(ours.url).collection('users').authWithPassword('Änä', PASSWORD);
      assert.match(hash(), /^\$argon2id\$/, 'the hash is upgraded');
      assert.equal((await ana.collection('users').authRefresh()).record.email, 'ana@example.com', 'and the session goes on');
      assert.equal(sqlite(place('moved'), "SELECT json_extract(options, '$.oauth2.providers[0].clientSecret') FROM _collections WHERE name = 'users'"), 'hush');
      assert.equal(sqlite(place('moved'), "SELECT json_extract(value, '$.smtp.password') FROM _params WHERE id = 'settings'"), 'a mail secret');

      await superuser(ours.url);
      const token = await pb.files.getToken();
      for (const [path, digest] of before_.files) {
        const answer = await fetch(`${ours.url}${path}?token=${token}`);
        assert.equal(createHash('sha256').update(Buffer.from(await answer.arrayBuffer())).digest('hex'), digest, path);
      }
    } finally {
      await ours.stop();
    }
    await assert.rejects(imported(place('pb_data'), place('moved')), /The data folder is not empty: it has the collections/);
  });

  test('changes that are still in the journal come along, and the journal stays', async () => {
    assert.ok(statSync(join(place('with-journal'), 'data.db-wal')).size > 0);
    const untouched = state(place('with-journal'));
    await imported(place('with-journal'), place('journalled'));
    assert.deepEqual(state(place('with-journal')), untouched);
    assert.equal(sqlite(place('journalled'), 'SELECT count(*) FROM posts'), '3');
  });

  test('what we refuse stops everything and is named', async () => {
    cpSync(place('pb_data'), place('refused'), { recursive: true });
    sqlite(place('refused'), "UPDATE _collections SET listRule = 'nope = 1' WHERE name = 'posts'");
    await assert.rejects(imported(place('refused'), place('nothing')), /posts[^]*listRule[^]*nope/);
    assert.equal(sqlite(place('nothing'), "SELECT count(*) FROM _collections WHERE name = 'posts'"), '0');
    assert.equal(existsSync(join(place('nothing'), 'storage', before_.seen['the collection posts'].id)), false);
  });

  test('an older layout, another folder and hostile file names are told apart', async () => {
    cpSync(place('pb_data'), place('old'), { recursive: true });
    sqlite(place('old'), 'ALTER TABLE _collections RENAME COLUMN fields TO schema');
    await assert.rejects(imported(place('old'), place('nothing')), /older than 0\.23/);
    await assert.rejects(imported(scratch, place('nothing')), /There is no data\.db/);
    await assert.rejects(imported(place('moved'), place('nothing')).then(() => imported(place('moved'), place('nothing'))), /not empty/);
    cpSync(place('pb_data'), place('hostile'), { recursive: true });
    sqlite(place('hostile'), "UPDATE posts SET cover = '../../../data.db' WHERE cover != ''");
    const { stdout } = await imported(place('hostile'), place('careful'), '--json');
    const report = JSON.parse(stdout);
    assert.equal(report.files, 3);
    assert.match(report.missingFiles.join(), /\.\.\/\.\.\/\.\.\/data\.db/);
  });

  test('sealed settings are opened with their key, or stay behind', async () => {
    const options = { data: place('sealed/pb_data'), env: { THE_KEY: KEY }, args: ['--encryptionEnv=THE_KEY'] };
    const reference = await start(PEER, options);
    await (await superuser(reference.url)).settings.update({ meta: { appName: 'Sealed' } });
    await reference.stop();
    const name = (/** @type {string} */ into) => sqlite(into, "SELECT json_extract(value, '$.meta.appName') FROM _params WHERE id = 'settings'");
    const settings = async (/** @type {string} */ into, /** @type {string[]} */ ...more) => JSON.parse((await imported(place('sealed/pb_data'), into, '--json', ...more)).stdout).settings;
    assert.equal(await settings(place('without')), 'encrypted');
    assert.equal(await settings(place('with'), '--encryption-key', KEY), 'brought');
    assert.equal(name(place('with')), 'Sealed');
    await assert.rejects(settings(place('wrong'), '--encryption-key', KEY.replace('0', 'x')), /cannot be decrypted/);
  });
});
