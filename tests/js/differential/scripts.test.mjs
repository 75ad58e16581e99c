//! The table "Coming from PocketBase hooks" of docs/scripting.md: the same rules as hooks of PocketBase and as our scripts, the same
//! requests, the same answers. Each row is named after the hook of PocketBase.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EventSource } from 'eventsource';
import PocketBase from 'pocketbase';
import { OPEN, relation, text } from '../lib/fields.mjs';
import { PATIENCE, request } from '../lib/http.mjs';
import { IS_SELF_CHECK, OURS, PEER, PEER_MISSING, SUPERUSER, start } from '../lib/server.mjs';

// Node 20 has no EventSource.
globalThis.EventSource ??= /** @type {any} */ (EventSource);

const HOOKS = `
onRecordCreate((e) => {
  if (e.record.getString('title') === 'boom') throw new BadRequestError('boom msg', { title: new ValidationError('my_code', 'my message') });
  if (e.record.getString('title') === 'plain') throw new Error('plain');
  const trace = new Record(e.app.findCollectionByNameOrId('trace'), { title: 'before ' + e.record.getString('title') });
  e.app.save(trace);
  e.next();
}, 'notes');
onRecordValidate((e) => { e.next(); if (e.record.getString('title') === 'invalid') throw new BadRequestError('no', {}); }, 'notes');
onRecordCreateExecute((e) => {
  e.next();
  e.app.save(new Record(e.app.findCollectionByNameOrId('trace'), { title: 'on ' + e.record.getString('title') }));
  if (e.record.getString('title') === 'late') throw new BadRequestError('late', {});
}, 'notes');
onRecordUpdate((e) => {
  if (e.record.original().getString('title') === 'fixed') throw new ForbiddenError('fixed', {});
  e.record.set('title', e.record.getString('title') + '!');
  e.next();
}, 'notes');
onRecordDelete((e) => { if (e.record.getString('title').startsWith('kept')) throw new BadRequestError('kept', {}); e.next(); }, 'notes');
onRecordAfterCreateSuccess((e) => {
  e.next();
  $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'after ' + e.record.getString('title') }));
}, 'notes');
onRecordEnrich((e) => {
  if (!e.requestInfo.auth) e.record.hide('body');
  e.record.withCustomData(true);
  e.record.set('loud', e.record.getString('title').toUpperCase());
  e.next();
}, 'shown');
onRecordsListRequest((e) => { if (e.requestInfo().query['page'] === '9') throw new ForbiddenError('too far', {}); e.next(); }, 'shown');
onRecordViewRequest((e) => { if (e.record.getString('title') === 'secret') throw new NotFoundError('gone', {}); e.next(); }, 'shown');
onRecordAuthWithPasswordRequest((e) => {
  if (e.identity === 'nick') e.record = e.app.findAuthRecordByEmail('users', 'ann@example.com');
  e.next();
}, 'users');
onRecordAuthRequest((e) => {
  if (e.record.getString('name') === 'late') throw new ForbiddenError('come back', {});
  e.meta = { method: e.authMethod };
  e.next();
}, 'users');
onRecordAuthRefreshRequest((e) => { if (e.record.getString('name') === 'ben') throw new BadRequestError('again', {}); e.next(); }, 'users');
onFileTokenRequest((e) => { if (e.record && e.record.getString('name') === 'ben') throw new BadRequestError('none', {}); e.next(); }, 'users');
onBatchRequest((e) => { if (e.batch.length > 1) throw new TooManyRequestsError('one', {}); e.next(); });
onRealtimeConnectRequest((e) => { if (e.requestInfo().query['banned']) throw new ForbiddenError('banned', {}); e.next(); $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'gone' })); });
routerAdd('POST', '/tell', (e) => {
  const body = e.requestInfo().body;
  const message = new SubscriptionMessage({ name: 'news/today', data: JSON.stringify({ text: body.text, by: body.by }) });
  const clients = $app.subscriptionsBroker().clients();
  for (const id in clients) if (clients[id].hasSubscription('news/today')) clients[id].send(message);
  return e.json(200, {});
});
onCollectionCreateRequest((e) => { if (e.collection.name.startsWith('tmp')) throw new BadRequestError('temporary', {}); e.next(); });
onCollectionUpdateRequest((e) => { if (e.collection.name === 'trace') throw new BadRequestError('as it is', {}); e.next(); });
onCollectionDeleteRequest((e) => { if (e.collection.name === 'trace') throw new BadRequestError('needed', {}); e.next(); });
onCollectionsImportRequest((e) => { if (e.deleteMissing) throw new BadRequestError('nothing', {}); e.next(); });
onSettingsUpdateRequest((e) => { if (e.newSettings.meta.appName === 'no') throw new BadRequestError('not this', {}); e.next(); });
onBackupCreate((e) => { if (e.name === 'no.zip') throw new BadRequestError('not now', {}); e.next(); });
`;

const SCRIPTS = `
fn trace(title) { db.create("trace", #{ title: title }); }
before_create("notes", |e| {
    if e.record.title == "boom" { reject(400, "Boom msg.", #{ title: #{ code: "my_code", message: "My message." } }); }
    if e.record.title == "plain" { e.record.nothing_of_this_name; }
    trace("before " + e.record.title);
});
validate("notes", |e| if e.record.title == "invalid" { reject("No.") });
on_create("notes", |e| {
    trace("on " + e.record.title);
    if e.record.title == "late" { reject("Late."); }
});
before_update("notes", |e| {
    if e.original.title == "fixed" { reject(403, "Fixed."); }
    e.record.title += "!";
});
before_delete("notes", |e| if e.record.title.starts_with("kept") { reject("Kept.") });
after_create("notes", |e| trace("after " + e.record.title));
enrich("shown", |e| {
    if e.caller == () { e.record.hide("body"); }
    e.record.show("loud", e.record.title.to_upper());
});
list("shown", |e| if e.request.query.page == "9" { reject(403, "Too far.") });
view("shown", |e| if e.record.title == "secret" { reject(404, "Gone.") });
before_password_sign_in("users", |e| if e.identity == "nick" { e.record = db.first("users", "email = 'ann@example.com'"); });
on_sign_in("users", |e| {
    if e.record.name == "late" { reject(403, "Come back."); }
    e.meta = #{ method: if e.method == "refresh" { "" } else { e.method } };
});
on_refresh("users", |e| if e.record.name == "ben" { reject("Again.") });
before_file_token("users", |e| if e.record.name == "ben" { reject("None.") });
before_batch(|e| if e.requests.len() > 1 { reject(429, "One.") });
before_realtime_connect(|e| if e.request.query.banned != () { reject(403, "Banned.") });
after_realtime_disconnect(|e| trace("gone"));
route("POST", "/tell", |req| { realtime.send("news/today", #{ text: req.json.text, by: req.json.by }); #{} });
before_collection_create("*", |e| if e.name.starts_with("tmp") { reject("Temporary.") });
before_collection_update("trace", |e| reject("As it is."));
before_collection_delete("trace", |e| reject("Needed."));
before_collection_import(|e| if e.delete_missing { reject("Nothing.") });
before_settings_change(|e| if e.changes.contains("meta") && e.changes.meta.appName == "no" { reject("Not this.") });
before_backup(|e| if e.name == "no.zip" { reject("Not now.") });
`;

const skip = PEER_MISSING || (IS_SELF_CHECK ? 'both sides are PocketBase, which has no scripts of ours' : false);

/** @typedef {{ url: string, stop: () => Promise<void>, tokens: Record<string, string>, output: () => string }} Side */
/** @type {Side[]} */
let sides = [];
/** @type {string[]} */
const folders = [];

/** Sends a request to one side, as a caller who has signed in there. */
async function send(/** @type {Side} */ side, /** @type {string} */ caller, /** @type {string} */ line, /** @type {unknown} */ body) {
  const [method = 'GET', path = ''] = line.split(' ');
  const headers = /** @type {Record<string, string>} */ ({ 'content-type': 'application/json' });
  if (side.tokens[caller]) headers.authorization = side.tokens[caller];
  const answer = await request(side.url, { method, path, headers, body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)) });
  return { status: answer.status, body: answer.body };
}

/** Sends a request to both sides and compares the answers. Returns that of PocketBase. */
async function same(/** @type {string} */ caller, /** @type {string} */ line, /** @type {unknown} */ body, pick = (/** @type {any} */ body) => body) {
  const [peer, ours] = await Promise.all(sides.map((side) => send(side, caller, line, body)));
  assert.deepEqual({ status: ours.status, body: pick(ours.body) }, { status: peer.status, body: pick(peer.body) }, line);
  return peer;
}

/** A refusal is the same on both sides, and is one. */
async function refused(/** @type {string} */ caller, /** @type {string} */ line, /** @type {unknown} */ body, /** @type {number} */ status) {
  assert.equal((await same(caller, line, body)).status, status, line);
}

before(async () => {
  if (skip) return;
  const scratch = await mkdtemp(join(tmpdir(), 'steading-hooks-'));
  folders.push(scratch);
  await mkdir(join(scratch, 'pb_hooks'));
  await mkdir(join(scratch, 'scripts'));
  await writeFile(join(scratch, 'pb_hooks', 'all.pb.js'), HOOKS);
  await writeFile(join(scratch, 'scripts', 'all.rhai'), SCRIPTS);
  const peer = await start(PEER, { args: [`--hooksDir=${join(scratch, 'pb_hooks')}`] });
  const ours = await start(OURS, { env: { STEADING_SCRIPTS_FOLDER: join(scratch, 'scripts'), STEADING_SCRIPTS_BEFORE_MILLISECONDS: '5000' } });
  sides = [peer, ours].map((server) => ({ ...server, tokens: {} }));
  for (const side of sides) {
    const root = await send(side, '', 'POST /api/collections/_superusers/auth-with-password', { identity: SUPERUSER.email, password: SUPERUSER.password });
    side.tokens.root = root.body.token;
    for (const [name, fields] of /** @type {[string, object[]][]} */ ([
      ['trace', [text('title')]],
      ['notes', [text('title')]],
      ['shown', [text('title'), text('body')]],
    ])) {
      const made = await send(side, 'root', 'POST /api/collections', { name, type: 'base', ...OPEN, fields });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      if (name === 'shown') {
        const holds = await send(side, 'root', 'POST /api/collections', { name: 'holders', type: 'base', ...OPEN, fields: [relation('shown', made.body.id)] });
        assert.equal(holds.status, 200, JSON.stringify(holds.body));
      }
    }
    for (const name of ['ann', 'ben', 'late']) {
      const made = await send(side, 'root', 'POST /api/collections/users/records', { email: `${name}@example.com`, password: 'correct horse', passwordConfirm: 'correct horse', name });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      if (name === 'late') continue;
      const signedIn = await send(side, '', 'POST /api/collections/users/auth-with-password', { identity: `${name}@example.com`, password: 'correct horse' });
      side.tokens[name] = signedIn.body.token;
    }
  }
});

after(async () => {
  await Promise.all(sides.map((side) => side.stop()));
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

const plain = (/** @type {any} */ record) => {
  const { id, collectionId, ...rest } = record;
  if (rest.expand) rest.expand = Object.fromEntries(Object.entries(rest.expand).map(([key, value]) => [key, plain(value)]));
  return rest;
};
const NOTES = '/api/collections/notes/records';
const titles = (/** @type {any} */ body) => body.items.map((/** @type {any} */ item) => item.title);

test('onRecordCreate, onRecordCreateExecute, onRecordAfterCreateSuccess: order', { skip }, async () => {
  await same('', `POST ${NOTES}`, { title: 'one' }, plain);
  // What runs after the commit runs soon, and not before the answer.
  const deadline = Date.now() + PATIENCE;
  for (const side of sides) {
    for (;;) {
      const list = await send(side, 'root', 'GET /api/collections/trace/records?sort=@rowid', undefined);
      if (titles(list.body).length === 3) break;
      assert.ok(Date.now() < deadline, 'the handler after the commit has not run');
    }
  }
  const trace = await same('root', 'GET /api/collections/trace/records?sort=@rowid&fields=title', undefined);
  assert.deepEqual(titles(trace.body), ['before one', 'on one', 'after one']);
});

test('errors of onRecordCreate, onRecordValidate, onRecordCreateExecute: answers, and nothing is stored', { skip }, async () => {
  for (const title of ['boom', 'plain', 'invalid', 'late']) await refused('', `POST ${NOTES}`, { title }, 400);
  const traces = await Promise.all(sides.map((side) => send(side, 'root', 'GET /api/collections/trace/records?sort=@rowid', undefined)));
  const [peer = [], ours = []] = traces.map((trace) => titles(trace.body).slice(3));
  // PocketBase keeps what hooks have saved before the error. Here it belongs to the record, and falls with it.
  assert.deepEqual(peer, ['before invalid', 'before late', 'on late']);
  assert.deepEqual(ours, []);
});

test('onRecordUpdate, onRecordDelete', { skip }, async () => {
  for (const title of ['fixed', 'free', 'kept']) {
    for (const side of sides) {
      const made = await send(side, '', `POST ${NOTES}`, { id: `${title}0000000000000`.slice(0, 15), title });
      assert.equal(made.status, 200, JSON.stringify(made.body));
    }
  }
  await refused('', `PATCH ${NOTES}/fixed0000000000`, { title: 'x' }, 403);
  await same('', `PATCH ${NOTES}/free00000000000`, { title: 'x' }, plain);
  await refused('', `DELETE ${NOTES}/kept00000000000`, undefined, 400);
  await same('', `DELETE ${NOTES}/free00000000000`, undefined);
});

test('onRecordEnrich, onRecordsListRequest, onRecordViewRequest', { skip }, async () => {
  const SHOWN = '/api/collections/shown/records';
  for (const side of sides) {
    await send(side, 'root', `POST ${SHOWN}`, { id: 'open00000000000', title: 'open', body: 'b' });
    await send(side, 'root', `POST ${SHOWN}`, { id: 'secret000000000', title: 'secret' });
    await send(side, 'root', 'POST /api/collections/holders/records', { id: 'holder000000000', shown: 'open00000000000' });
  }
  for (const caller of ['', 'ann']) {
    await same(caller, `GET ${SHOWN}?sort=title`, undefined, (body) => ({ ...body, items: body.items.map(plain) }));
    await same(caller, `GET ${SHOWN}/open00000000000`, undefined, plain);
    await same(caller, `GET ${SHOWN}/open00000000000?fields=body,loud`, undefined);
    await same(caller, `PATCH ${SHOWN}/open00000000000`, { body: 'c' }, plain);
    await same(caller, 'GET /api/collections/holders/records/holder000000000?expand=shown', undefined, plain);
  }
  await refused('', `GET ${SHOWN}?page=9`, undefined, 403);
  await refused('', `GET ${SHOWN}/secret000000000`, undefined, 404);
});

test('onRecordAuthRequest, onRecordAuthWithPasswordRequest, onRecordAuthRefreshRequest', { skip }, async () => {
  const SIGN_IN = 'POST /api/collections/users/auth-with-password';
  const picked = (/** @type {any} */ body) => ({ meta: body.meta, email: body.record?.email, message: body.message });
  await same('', SIGN_IN, { identity: 'ann@example.com', password: 'correct horse' }, picked);
  await same('', SIGN_IN, { identity: 'nick', password: 'correct horse' }, picked);
  await refused('', SIGN_IN, { identity: 'nick', password: 'wrong' }, 400);
  await refused('', SIGN_IN, { identity: 'late@example.com', password: 'correct horse' }, 403);
  await same('ann', 'POST /api/collections/users/auth-refresh', {}, picked);
  await refused('ben', 'POST /api/collections/users/auth-refresh', {}, 400);
});

test('onFileTokenRequest, onRealtimeConnectRequest, onBatchRequest', { skip }, async () => {
  await refused('ben', 'POST /api/files/token', {}, 400);
  await refused('', 'GET /api/realtime?banned=1', undefined, 403);
  await same('root', 'PATCH /api/settings', { batch: { enabled: true } }, (body) => body.batch.enabled);
  const one = { method: 'POST', url: '/api/collections/trace/records', body: { title: 'batch' } };
  await refused('', 'POST /api/batch', { requests: [one, one] }, 429);
  await same('', 'POST /api/batch', { requests: [one] }, (body) => body.map((/** @type {any} */ item) => item.status));
});

test('$app.subscriptionsBroker(), onRealtimeConnectRequest after e.next()', { skip }, async () => {
  const heard = await Promise.all(
    sides.map(async (side) => {
      const client = new PocketBase(side.url);
      /** @type {(message: any) => void} */
      let tell = () => {};
      const message = new Promise((done) => (tell = done));
      await client.realtime.subscribe('news/today', tell);
      await client.realtime.subscribe('news', () => assert.fail('another topic'));
      const told = await send(side, '', 'POST /tell', { text: 'We are open: "all" day', by: null });
      assert.equal(told.status, 200, JSON.stringify(told.body));
      const data = await message;
      await client.realtime.unsubscribe();
      const deadline = Date.now() + PATIENCE;
      for (;;) {
        const list = await send(side, 'root', "GET /api/collections/trace/records?filter=title='gone'", undefined);
        if (titles(list.body).length === 1) return data;
        assert.ok(Date.now() < deadline, 'nobody was told that the client is gone');
      }
    }),
  );
  assert.deepEqual(heard[1], heard[0]);
});

test('onCollectionCreateRequest, onCollectionUpdateRequest, onCollectionDeleteRequest, onCollectionsImportRequest, onSettingsUpdateRequest, onBackupCreate', { skip }, async () => {
  await refused('root', 'POST /api/collections', { name: 'tmp1', type: 'base', fields: [] }, 400);
  await refused('root', 'PATCH /api/collections/trace', { listRule: null }, 400);
  await refused('root', 'DELETE /api/collections/trace', undefined, 400);
  await refused('root', 'PUT /api/collections/import', { collections: [{ name: 'x', type: 'base', fields: [text('a')] }], deleteMissing: true }, 400);
  await refused('root', 'PATCH /api/settings', { meta: { appName: 'no' } }, 400);
  const backup = await Promise.all(sides.map((side) => send(side, 'root', 'POST /api/backups', { name: 'no.zip' })));
  assert.deepEqual(backup.map((answer) => answer.status), [400, 400]);
});
