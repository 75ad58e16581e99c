//! Migration, compared: a data folder made by PocketBase is imported, and then both servers are read as a superuser, as
//! users and as a guest, with the same tokens. `import-pocketbase.test.mjs` tests the command itself.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { IS_SELF_CHECK, OURS, PEER, PEER_MISSING, SUPERUSER, start } from '../lib/server.mjs';
import { OPEN, file, json, number, relation, select, text } from '../lib/fields.mjs';

const run = promisify(execFile);
const PASSWORD = 'correct horse';
const LOCKED = { listRule: null, viewRule: null, createRule: null, updateRule: null, deleteRule: null };
const skip = PEER_MISSING || (IS_SELF_CHECK && 'PocketBase cannot import');
const imported = (/** @type {string} */ from, /** @type {string} */ into, /** @type {string[]} */ ...more) => run(OURS, ['import-pocketbase', from, '--dir', into, ...more]);
const sqlite = (/** @type {string} */ folder, /** @type {string} */ sql) => execFileSync('sqlite3', [join(folder, 'data.db')], { input: sql, encoding: 'utf8' }).trim();

/** A client of one server that returns status and body of any answer. */
function asker(/** @type {string} */ url) {
  return async (/** @type {string} */ method, /** @type {string} */ path, /** @type {{ token?: string, body?: any }} */ { token, body } = {}) => {
    const isForm = body instanceof FormData;
    /** @type {Record<string, string>} */
    const headers = { 'User-Agent': 'the mover' };
    if (token) headers.Authorization = token;
    if (body && !isForm) headers['Content-Type'] = 'application/json';
    const answer = await fetch(url + path, { method, headers, body: body && (isForm ? body : JSON.stringify(body)) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isJson = answer.headers.get('content-type') === 'application/json';
    return { status: answer.status, body: isJson ? parsed(bytes.toString(), path) : createHash('sha256').update(bytes).digest('hex') };
  };
}
/** @typedef {ReturnType<typeof asker>} Ask */

function parsed(/** @type {string} */ answer, /** @type {string} */ path) {
  try {
    return JSON.parse(answer);
  } catch (error) {
    throw new Error(`${path}: ${error}: ${answer}`);
  }
}

function form(/** @type {Record<string, any>} */ values) {
  const made = new FormData();
  for (const [name, value] of Object.entries(values)) for (const one of [value].flat()) made.append(name, one);
  return made;
}

/** Fills PocketBase with data that earlier imports failed on or lost. Returns the tokens of the users. */
async function fill(/** @type {Ask} */ ask) {
  const root = (await ask('POST', '/api/collections/_superusers/auth-with-password', { body: { identity: SUPERUSER.email, password: SUPERUSER.password } })).body.token;
  const must = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {any} */ body) => {
    const answer = await ask(method, path, { token: root, body });
    assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const make = (/** @type {any} */ definition) => must('POST', '/api/collections', { type: 'base', ...OPEN, ...definition });
  const add = (/** @type {string} */ name, /** @type {any} */ values) => must('POST', `/api/collections/${name}/records`, values);

  // A `users` collection that was deleted and created again, with another id.
  const seeded = await must('GET', '/api/collections/users', undefined);
  await must('DELETE', '/api/collections/users', undefined);
  const users = await make({
    name: 'users', type: 'auth', ...OPEN, fields: seeded.fields,
    oauth2: { enabled: true, providers: [{ name: 'oidc', clientId: 'c', clientSecret: 'hush', authURL: 'https://idp.example.com/a', tokenURL: 'https://idp.example.com/t' }] },
  });
  assert.notEqual(users.id, '_pb_users_auth_');
  // Ids in the form of older versions.
  const members = await make({
    id: 'yt3kxhd0j2c9q1z', name: 'members', type: 'auth', ...OPEN,
    fields: [...seeded.fields.filter((/** @type {any} */ one) => one.name !== 'avatar').map((/** @type {any} */ one) => ({ ...one, id: `_pbf_${one.name}_` })), file('picture', { id: 'hf83kd0w', maxSelect: 1 })],
  });
  const shops = await make({ name: 'shops', ...OPEN, fields: [{ ...seeded.fields[0], id: '_pbf_text_id_' }, text('label', { id: 'x9d8w7q1' }), text('code', { id: '_pbf_code_' })] });
  const closed = await make({ name: 'closed', ...LOCKED, fields: [text('secret')] });
  const bills = await make({
    name: 'bills',
    // Rules with the ids of collections.
    listRule: `@request.auth.collectionId = "${users.id}" || note = "public"`,
    viewRule: `@collection.shops.id ?= shop || @request.auth.collectionId = "${members.id}"`,
    createRule: null, updateRule: null, deleteRule: null,
    // The id is not the first field.
    fields: [text('job'), { ...seeded.fields[0] }, text('date'), relation('shop', shops.id), relation('owner', users.id), relation('locked', closed.id), text('note'), number('amount'), file('scan', { maxSelect: 1 }), file('papers', { maxSelect: 3, protected: true }), json('meta'), select('kind', ['a', 'b'], 2)],
    indexes: [
      'CREATE INDEX bills_job ON `bills` (`job`, `date DESC`)',
      'CREATE INDEX IF NOT EXISTS bills_shop ON {{bills}} (shop, amount DESC)',
      'CREATE INDEX bills_note ON bills ([[note]], "date DESC") WHERE [[note]] != \'\'',
    ],
  });
  const view = { type: 'view', ...LOCKED, listRule: '', viewRule: '' };
  await make({ name: 'codes', ...view, viewQuery: 'select bills.id, job, code, label as text, amount, scan from bills join shops on shops.id = bills.shop' });
  await make({ name: 'files_of_bills', ...view, viewQuery: 'select bills.scan, bills.id, bills.shop, shops.id as place from bills left join shops on shops.id = bills.shop' });
  await make({ name: 'repeated', ...view, viewQuery: 'select shops.id, bills.job, (count(*) over ()) as n from shops left join bills on bills.shop = shops.id' });
  await make({ name: 'flagged', listRule: 'label != ""', viewRule: null, createRule: null, updateRule: null, deleteRule: null, fields: [text('label')] });

  const png = new File([Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')], 'me.png');
  const person = (/** @type {string} */ email) => ({ email, password: PASSWORD, passwordConfirm: PASSWORD, name: email.split('@')[0], emailVisibility: email.startsWith('a') });
  const ana = await add('users', form({ ...person('ana@example.com'), avatar: png }));
  const bob = await add('users', person('bob@example.com'));
  const old = await add('members', form({ ...person('anton@example.com'), picture: png }));
  for (const [record, providerId] of [[ana, 'ana-at-idp'], [bob, 'bob-at-idp']]) await add('_externalAuths', { collectionRef: users.id, recordRef: record.id, provider: 'oidc', providerId });
  const [first, second] = [await add('shops', { label: 'Süd', code: '123' }), await add('shops', { label: 'Nord', code: 'x9' })];
  const hidden = await add('closed', { secret: 'nobody sees it' });
  for (const [job, amount, note] of [['b', 2, 'public'], ['c', 1, ''], ['a', 3, 'public']]) {
    await add('bills', form({ job, amount, note, date: '2024-01-01', shop: first.id, owner: ana.id, locked: hidden.id, scan: new File([`scan ${job}`], `scan ${job}.txt`), papers: [new File([`1 ${job}`], 'one.txt'), new File([`2 ${job}`], 'two.txt')], meta: '{"a":[1,2]}', kind: ['b', 'a'] }));
  }
  await add('bills', { job: 'd', shop: second.id, note: 'public', amount: 5 });
  await add('flagged', { label: 'here' });

  const signIn = async (/** @type {string} */ name, /** @type {string} */ identity) => (await ask('POST', `/api/collections/${name}/auth-with-password`, { body: { identity, password: PASSWORD } })).body.token;
  const tokens = { guest: '', ana: await signIn('users', 'ana@example.com'), bob: await signIn('users', 'bob@example.com'), anton: await signIn('members', 'anton@example.com'), superuser: root };
  assert.ok(tokens.anton);
  return { tokens, users, bills, old };
}

/** Everything that can be read: request → status and body. */
async function everything(/** @type {Ask} */ ask, /** @type {Record<string, string>} */ tokens) {
  /** @type {Record<string, any>} */
  const seen = {};
  const root = tokens.superuser;
  const collections = (await ask('GET', '/api/collections?perPage=500', { token: root })).body.items;
  const records = Object.fromEntries(await Promise.all(collections.map(async (/** @type {any} */ one) => [one.name, (await ask('GET', `/api/collections/${one.name}/records?perPage=500`, { token: root })).body.items])));
  /** @type {Record<string, string[]>} */
  const expands = {
    bills: ['shop', 'owner', 'locked', 'shop,locked', 'shop.bills_via_shop', 'shop.bills_via_shop.locked', 'owner.bills_via_owner.shop', 'nothing', 'shop.nothing', 'owner,owner.nothing'],
    shops: ['bills_via_shop', 'bills_via_shop.owner', 'bills_via_shop.locked', 'bills(shop)'],
    users: ['bills_via_owner', 'bills_via_owner.locked', '_externalAuths_via_recordRef'],
    files_of_bills: ['shop', 'place', 'place.bills_via_shop'],
  };
  const queries = ['', '?perPage=1&page=2', '?perPage=2', '?sort=-id', '?filter=id!=""&sort=id', '?fields=id', '?skipTotal=1'];
  for (const [who, token] of Object.entries(tokens)) {
    const get = async (/** @type {string} */ path) => (seen[`${who} GET ${path}`] = await ask('GET', path, { token }));
    const fileToken = token && (await ask('POST', '/api/files/token', { token })).body.token;
    for (const path of ['/api/collections?perPage=500', '/api/collections?perPage=500&sort=name', '/api/settings']) await get(path);
    for (const { id, name, type, fields } of collections) {
      await get(`/api/collections/${id}`);
      for (const query of [...queries, ...(expands[name] ?? []).map((path) => `?expand=${path}`)]) {
        await get(`/api/collections/${name}/records${query}`);
        if (query === '' || query.startsWith('?expand')) {
          for (const record of records[name]) await get(`/api/collections/${id}/records/${record.id}${query}`);
        }
      }
      for (const record of type === 'view' ? [] : records[name]) {
        for (const field of fields.filter((/** @type {any} */ one) => one.type === 'file')) {
          for (const one of [record[field.name]].flat().filter(Boolean)) {
            for (const place of [id, name]) seen[`${who} file ${place}/${record.id}/${one}`] = await ask('GET', `/api/files/${place}/${record.id}/${one}`, { token });
            const answer = await ask('GET', `/api/files/${id}/${record.id}/${one}?token=${fileToken}`);
            seen[`${who} file ${id}/${record.id}/${one} with a token`] = answer;
          }
        }
      }
      const refreshed = await ask('POST', `/api/collections/${name}/auth-refresh`, { token });
      delete refreshed.body.token;
      seen[`${who} refresh in ${name}`] = refreshed;
    }
  }
  for (const [name, identity] of [['users', 'ana@example.com'], ['users', 'bob@example.com'], ['members', 'anton@example.com'], ['members', 'ana@example.com']]) {
    const answer = await ask('POST', `/api/collections/${name}/auth-with-password`, { body: { identity, password: PASSWORD } });
    delete answer.body.token;
    seen[`sign-in of ${identity} to ${name}`] = answer;
    const { status, body } = await ask('GET', `/api/collections/${name}/auth-methods`);
    const names = body.oauth2.providers.map((/** @type {any} */ one) => one.name);
    seen[`auth-methods of ${name}`] = { status, password: body.password, mfa: body.mfa, otp: body.otp, names };
  }
  return seen;
}

describe('a move, compared', { skip }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'steading-compared-'));
  const place = (/** @type {string} */ name) => join(scratch, name);
  /** @type {Awaited<ReturnType<typeof fill>>} */
  let made;
  /** @type {any} */
  let report;
  /** @type {any} */
  let dryRun;
  after(() => rmSync(scratch, { recursive: true, force: true }));

  before(async () => {
    const reference = await start(PEER, { data: place('source/pb_data') });
    try {
      made = await fill(asker(reference.url));
    } finally {
      await reference.stop();
    }
    const bills = JSON.parse(sqlite(place('source/pb_data'), "SELECT indexes FROM _collections WHERE name = 'bills'"));
    const broken = JSON.stringify([...bills, 'CREATE INDEX bills_broken ON bills (nope)', 'CREATE UNIQUE INDEX bills_unique ON bills (kind)', 'not an index']);
    sqlite(place('source/pb_data'), `
      UPDATE _collections SET indexes = '${broken.replaceAll("'", "''")}' WHERE name = 'bills';
      UPDATE _collections SET system = TRUE WHERE name = 'flagged';
      CREATE TABLE notes_of_mine (a);
      CREATE TRIGGER on_shops AFTER INSERT ON shops BEGIN SELECT 1; END;
      ALTER TABLE shops ADD COLUMN leftover;
      CREATE INDEX undefined_index ON shops (code);`);
    mkdirSync(place('source/pb_hooks'));
    writeFileSync(place('source/pb_hooks/main.pb.js'), '');
    dryRun = JSON.parse((await imported(place('source/pb_data'), place('nowhere'), '--dry-run', '--json')).stdout);
    report = JSON.parse((await imported(place('source/pb_data'), place('moved'), '--json')).stdout);
  });

  test('the report names all that is not as it was, and a dry run names the same', () => {
    assert.equal(existsSync(place('nowhere')), false);
    assert.deepEqual(dryRun.differences, report.differences);
    const found = report.differences.map((/** @type {any} */ one) => `${one.kind} ${one.what}: ${one.why}`);
    const expected = [
      /^leftOut the index "CREATE INDEX bills_broken ON bills \(nope\)" of bills: it cannot be made: .*no such column: nope/,
      /^leftOut the index "CREATE UNIQUE INDEX bills_unique ON bills \(kind\)" of bills: it is unique, was never made, and records violate it/,
      /^leftOut the index "not an index" of bills: it cannot be made/,
      /^behaves the collection flagged, which is flagged as one of the system: it keeps its rules/,
      /^leftOut the table notes_of_mine:/,
      /^leftOut the trigger on_shops on shops:/,
      /^leftOut the column leftover of the table shops:/,
      /^leftOut the index undefined_index on shops:/,
      /^behaves the field papers of bills: browsers keep/,
    ];
    for (const pattern of expected) assert.ok(found.some((/** @type {string} */ one) => pattern.test(one)), `${pattern}\n${found.join('\n')}`);
    assert.equal(found.length, expected.length, found.join('\n'));
    assert.match(report.notes.join('\n'), /Left out: pb_hooks, because JavaScript is not run here/);
    assert.match(report.notes.join('\n'), /Left out: auxiliary\.db/);
    assert.equal(report.missingFileCount, 0);
  });

  test('both servers answer everything alike, with the same tokens', async () => {
    const [theirs, ours] = [await start(PEER, { data: place('source/pb_data') }), await start(OURS, { data: place('moved') })];
    try {
      const places = () => sqlite(place('moved'), 'SELECT id, fingerprint FROM _authOrigins ORDER BY id');
      const origins = places();
      assert.match(origins, /[0-9a-f]{32}/);
      const [expected, found] = [await everything(asker(theirs.url), made.tokens), await everything(asker(ours.url), made.tokens)];
      // The indexes that were not imported.
      for (const answer of Object.values(expected)) {
        for (const one of [answer.body, ...(answer.body?.items ?? [])]) {
          if (one?.indexes) one.indexes = one.indexes.filter((/** @type {string} */ index) => !/bills_broken|bills_unique|not an index/.test(index));
        }
      }
      assert.ok(Object.keys(expected).length > 500);
      const wrong = Object.keys({ ...expected, ...found }).filter((key) => !same(expected[key], found[key]));
      const show = (/** @type {string} */ key) => `${key}\n  PocketBase: ${JSON.stringify(expected[key])?.slice(0, 1500)}\n  Steading:   ${JSON.stringify(found[key])?.slice(0, 1500)}`;
      assert.equal(wrong.length, 0, `${wrong.length} of ${Object.keys(expected).length} differ:\n${wrong.slice(0, 8).map(show).join('\n')}`);
      assert.equal(places(), origins, 'places that users had signed in from are known');
      assert.equal(sqlite(place('moved'), 'SELECT count(*) FROM _mails'), '0');
    } finally {
      await theirs.stop();
      await ours.stop();
    }
  });

  test("PocketBase's own list of fields can be sent back without losing values", async () => {
    const ours = await start(OURS, { data: place('moved') });
    try {
      const ask = asker(ours.url);
      const token = made.tokens.superuser;
      const before_ = (await ask('GET', '/api/collections/users/records?sort=id', { token })).body.items;
      const answer = await ask('PATCH', '/api/collections/users', { token, body: { fields: made.users.fields } });
      assert.deepEqual([answer.status, answer.body.fields], [200, made.users.fields]);
      assert.deepEqual((await ask('GET', '/api/collections/users/records?sort=id', { token })).body.items, before_);
      assert.ok(before_.every((/** @type {any} */ one) => one.name !== ''));
    } finally {
      await ours.stop();
    }
  });

  test('an index that was taken is the one that PocketBase made', () => {
    const indexes = (/** @type {string} */ folder) => sqlite(folder, "SELECT i.name, x.seqno, x.name, x.desc FROM sqlite_schema i, pragma_index_xinfo(i.name) x WHERE i.tbl_name = 'bills' AND i.type = 'index' AND x.key ORDER BY 1, 2");
    assert.equal(indexes(place('moved')), indexes(place('source/pb_data')));
    assert.match(indexes(place('moved')), /bills_job\|1\|date\|1/);
  });
});

describe('a large move', { skip }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'steading-large-'));
  const source = join(scratch, 'pb_data');
  const [FILES, FILE_BYTES, RECORDS] = [240, 256 * 1024, 60_000];
  const content = (/** @type {number} */ at) => Buffer.alloc(FILE_BYTES, `file ${at} `);
  after(() => rmSync(scratch, { recursive: true, force: true }));

  before(async () => {
    const reference = await start(PEER, { data: source });
    const ask = asker(reference.url);
    const token = (await ask('POST', '/api/collections/_superusers/auth-with-password', { body: { identity: SUPERUSER.email, password: SUPERUSER.password } })).body.token;
    const papers = await ask('POST', '/api/collections', { token, body: { name: 'papers', type: 'base', fields: [text('title'), file('scan', { maxSelect: 1 })], indexes: ['create unique index papers_title on papers (title)'] } });
    const lines = await ask('POST', '/api/collections', { token, body: { name: 'lines', type: 'base', fields: [text('body')] } });
    assert.deepEqual([papers.status, lines.status], [200, 200]);
    await reference.stop();
    // Rows and files as PocketBase stores them, without a request for each.
    sqlite(source, `
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${FILES}) INSERT INTO papers (id, title, scan) SELECT printf('paper%010d', i), 'paper ' || i, 'scan_' || i || '.txt' FROM n;
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${RECORDS}) INSERT INTO lines (id, body) SELECT printf('line0%010d', i), hex(randomblob(1000)) FROM n;
      PRAGMA wal_checkpoint(TRUNCATE);`);
    for (let at = 1; at <= FILES; at++) {
      const folder = join(source, 'storage', papers.body.id, `paper${String(at).padStart(10, '0')}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `scan_${at}.txt`), content(at));
    }
  });

  /** Starts an import and kills it as soon as `isTime` returns true. Returns its peak memory in MiB. */
  async function attempt(/** @type {string} */ into, /** @type {() => boolean} */ isTime) {
    const child = spawn(OURS, ['import-pocketbase', source, '--dir', into, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors, mib, wasKilled] = ['', '', 0, false];
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    const ended = new Promise((done) => child.once('close', done));
    let isOver = false;
    ended.then(() => (isOver = true));
    while (!isOver) {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        mib = Math.max(mib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      } catch { /* it has just ended */ }
      if (!wasKilled && isTime()) {
        wasKilled = true;
        child.kill('SIGKILL');
      }
      await new Promise((again) => setTimeout(again, 2));
    }
    return { code: await ended, output, errors, mib, wasKilled };
  }

  const filesIn = (/** @type {string} */ folder) => (existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.txt')).length : 0);
  const walBytes = (/** @type {string} */ folder) => (existsSync(join(folder, 'data.db-wal')) ? statSync(join(folder, 'data.db-wal')).size : 0);

  test('is cut short twice, started again, and then everything is there', async () => {
    const into = join(scratch, 'moved');
    let [wasKilled, there] = [false, FILES];
    // On a busy machine this process may have to wait for its turn until all files are copied.
    for (let turn = 0; turn < 5 && there === FILES; turn += 1) {
      rmSync(into, { recursive: true, force: true });
      ({ wasKilled } = await attempt(into, () => filesIn(join(into, 'storage')) >= 20));
      there = filesIn(join(into, 'storage'));
    }
    assert.ok(wasKilled, 'it was killed among the files');
    assert.ok(there >= 20 && there < FILES, `${there} files`);

    const within = await attempt(into, () => filesIn(join(into, 'storage')) === FILES && walBytes(into) > 30 * 1024 * 1024);
    assert.ok(within.wasKilled, `it was killed among the records: ${within.errors}`);
    assert.equal(sqlite(into, "SELECT count(*) FROM _collections WHERE name = 'lines'"), '0', 'nothing of a half-done transaction is there');

    const whole = await attempt(into, () => false);
    assert.equal(whole.code, 0, whole.errors);
    const report = JSON.parse(whole.output);
    assert.deepEqual([report.files, report.keptFiles, report.missingFileCount], [FILES, FILES, 0]);
    assert.equal(sqlite(into, 'SELECT (SELECT count(*) FROM papers), (SELECT count(*) FROM lines)'), `${FILES}|${RECORDS}`);
    assert.equal(sqlite(into, 'PRAGMA integrity_check'), 'ok');
    const digest = (/** @type {string} */ folder) => sqlite(folder, 'SELECT sum(length(body)), min(body), max(body), total(rowid) FROM lines');
    assert.equal(digest(into), digest(source));
    const papers = sqlite(into, "SELECT id FROM _collections WHERE name = 'papers'");
    for (let at = 1; at <= FILES; at++) {
      const name = join(into, 'storage', papers, `paper${String(at).padStart(10, '0')}`, `scan_${at}.txt`);
      assert.ok(readFileSync(name).equals(content(at)), name);
    }
    // The folder holds 60 MiB of files and some 130 MiB of records.
    for (const { mib } of [within, whole]) assert.ok(mib > 0 && mib < 150, `${mib} MiB`);
  });

  test('a file of another content is copied again', async () => {
    const [into, copy] = [join(scratch, 'again'), join(scratch, 'copy')];
    cpSync(source, copy, { recursive: true });
    sqlite(copy, 'DELETE FROM lines; DELETE FROM papers WHERE id > \'paper0000000003\'');
    const papers = sqlite(copy, "SELECT id FROM _collections WHERE name = 'papers'");
    const key = (/** @type {number} */ at) => join('storage', papers, `paper${String(at).padStart(10, '0')}`, `scan_${at}.txt`);
    for (const [at, bytes] of [[1, Buffer.alloc(FILE_BYTES, 'x')], [2, Buffer.from('short')]]) {
      mkdirSync(join(into, key(/** @type {number} */ (at)), '..'), { recursive: true });
      writeFileSync(join(into, key(/** @type {number} */ (at))), /** @type {Buffer} */ (bytes));
    }
    const report = JSON.parse((await imported(copy, into, '--json')).stdout);
    assert.deepEqual([report.files, report.keptFiles], [3, 0]);
    for (const at of [1, 2, 3]) assert.ok(readFileSync(join(into, key(at))).equals(content(at)));
  });
});

function same(/** @type {any} */ left, /** @type {any} */ right) {
  try {
    assert.deepEqual(left, right);
    return true;
  } catch {
    return false;
  }
}
