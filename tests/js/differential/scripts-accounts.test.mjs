//! The rest of the table "Coming from PocketBase hooks" of docs/scripting.md: accounts, mails, files, realtime and the server. The last test
//! fails if a name of the table has no test, here or in scripts.test.mjs.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Events } from '../lib/events.mjs';
import { OPEN, file, text } from '../lib/fields.mjs';
import { BOUNDARY, File, PATIENCE, multipart, request } from '../lib/http.mjs';
import { startProvider } from '../lib/provider.mjs';
import { IS_SELF_CHECK, OURS, PEER, PEER_MISSING, SUPERUSER, start } from '../lib/server.mjs';
import { startSink } from '../lib/sink.mjs';

const HOOKS = `
onRecordCreateRequest((e) => { e.record.set('title', e.record.getString('title') + ' by request'); e.next(); }, 'notes');
onRecordUpdateRequest((e) => { if (e.record.original().getString('title') === 'kept') throw new ForbiddenError('kept', {}); e.next(); }, 'notes');
onRecordUpdateExecute((e) => { e.next(); if (e.record.getString('title') === 'undone') throw new BadRequestError('undone', {}); }, 'notes');
onRecordDeleteRequest((e) => { if (e.record.getString('title') === 'asked') throw new ForbiddenError('asked', {}); e.next(); }, 'notes');
onRecordDeleteExecute((e) => { e.next(); if (e.record.getString('title') === 'stays') throw new BadRequestError('stays', {}); }, 'notes');
onRecordAfterUpdateSuccess((e) => {
  e.next();
  $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'updated ' + e.record.getString('title') }));
}, 'notes');
onRecordAfterDeleteSuccess((e) => {
  e.next();
  $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'deleted ' + e.record.getString('title') }));
  $app.save(new Record($app.findCollectionByNameOrId('notes'), { title: 'by a hook' }));
}, 'notes');
onRecordCreate((e) => { if (e.record.getString('title') === 'bad by request') throw new Error('a mistake'); e.next(); }, 'notes');
onRecordAfterCreateError((e) => {
  e.next();
  $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'failed ' + e.record.getString('title') }));
}, 'notes');
onModelCreate((e) => { if (e.model.getString('recordRef') === 'never0000000000') throw new BadRequestError('never', {}); e.next(); }, '_otps');
onRecordAuthWithOTPRequest((e) => { if (e.record.getString('name') === 'ben') throw new ForbiddenError('no codes', {}); e.next(); }, 'users');
onRecordAuthWithOAuth2Request((e) => {
  if (e.oAuth2User.id === 'banned') throw new ForbiddenError('banned', {});
  if (e.oAuth2User.id === 'alias') e.record = e.app.findAuthRecordByEmail('users', 'ann@example.com');
  if (e.isNewRecord) e.createData = { name: 'From ' + e.providerName };
  e.next();
}, 'users');
onRecordRequestOTPRequest((e) => { if (e.record && e.record.getString('name') === 'mute') throw new BadRequestError('mute', {}); e.next(); }, 'users');
onRecordRequestPasswordResetRequest((e) => { if (e.record && e.record.getString('name') === 'mute') throw new BadRequestError('mute', {}); e.next(); }, 'users');
onRecordRequestVerificationRequest((e) => { if (e.record && e.record.getString('name') === 'mute') throw new BadRequestError('mute', {}); e.next(); }, 'users');
onRecordRequestEmailChangeRequest((e) => { if (e.newEmail.endsWith('@bad.example')) throw new BadRequestError('not there', {}); e.next(); }, 'users');
onRecordConfirmPasswordResetRequest((e) => { if (e.record.getString('name') === 'ben') throw new ForbiddenError('no reset', {}); e.next(); }, 'users');
onRecordConfirmVerificationRequest((e) => { if (e.record.getString('name') === 'ben') throw new ForbiddenError('no proof', {}); e.next(); }, 'users');
onRecordConfirmEmailChangeRequest((e) => { if (e.record.getString('name') === 'ben') throw new ForbiddenError('no move', {}); e.next(); }, 'users');
onMailerRecordVerificationSend((e) => { e.message.subject = 'Welcome ' + e.record.getString('name'); e.next(); }, 'users');
onMailerSend((e) => { e.message.subject = '[shop] ' + e.message.subject; e.next(); });
onFileDownloadRequest((e) => { if (e.record.getString('title') === 'locked') throw new ForbiddenError('locked', {}); e.next(); }, 'papers');
onRealtimeSubscribeRequest((e) => { e.subscriptions = e.subscriptions.filter((topic) => !topic.startsWith('hidden')); e.next(); });
onRealtimeMessageSend((e) => { if (toString(e.message.data).includes('"title":"quiet by request"')) return; e.next(); });
onCollectionAfterCreateSuccess((e) => {
  e.next();
  if (e.collection.name === 'fresh') $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'made fresh' }));
});
onCollectionAfterUpdateSuccess((e) => {
  e.next();
  if (e.collection.name === 'fresh') $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'changed fresh' }));
});
onCollectionAfterDeleteSuccess((e) => {
  e.next();
  if (e.collection.name === 'fresh') $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'removed fresh' }));
});
onSettingsReload((e) => {
  e.next();
  if (e.app.settings().meta.appName !== 'Renamed') return;
  $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'settings Renamed' }));
});
onBackupRestore((e) => { throw new BadRequestError('never', {}); });
routerAdd('GET', '/hello/{name}', (e) => {
  $app.store().set('greeted', ($app.store().get('greeted') || 0) + 1);
  return e.json(200, { hello: e.request.pathValue('name'), times: $app.store().get('greeted') });
});
routerAdd('GET', '/members', (e) => e.json(200, { id: e.auth.id }), $apis.requireAuth('users'));
cronAdd('tick', '0 0 1 1 *', () => $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'tick' })));
`;

const SCRIPTS = `
fn trace(title) { db.create("trace", #{ title: title }); }
before_create("notes", |e| {
    if e.source == "request" { e.record.title += " by request"; }
    if e.record.title == "bad by request" { e.record.nothing_of_this_name; }
});
before_update("notes", |e| if e.source == "request" && e.original.title == "kept" { reject(403, "Kept.") });
on_update("notes", |e| if e.record.title == "undone" { reject("Undone.") });
before_delete("notes", |e| if e.record.title == "asked" { reject(403, "Asked.") });
on_delete("notes", |e| if e.record.title == "stays" { reject("Stays.") });
after_update("notes", |e| trace("updated " + e.record.title));
after_delete("notes", |e| { trace("deleted " + e.record.title); db.create("notes", #{ title: "by a hook" }); });
before_create("_otps", |e| if e.record.recordRef == "never0000000000" { reject("Never.") });
on_code_sign_in("users", |e| if e.record.name == "ben" { reject(403, "No codes.") });
before_provider_sign_in("users", |e| {
    if e.user.id == "banned" { reject(403, "Banned."); }
    if e.user.id == "alias" { e.record = db.first("users", "email = 'ann@example.com'"); }
    if e.is_new { e.create_data = #{ name: "From " + e.provider }; }
});
before_code_request("users", |e| if e.record != () && e.record.name == "mute" { reject("Mute.") });
before_password_reset_request("users", |e| if e.record != () && e.record.name == "mute" { reject("Mute.") });
before_verification_request("users", |e| if e.record != () && e.record.name == "mute" { reject("Mute.") });
before_email_change_request("users", |e| if e.new_email.ends_with("@bad.example") { reject("Not there.") });
on_password_reset("users", |e| if e.record.name == "ben" { reject(403, "No reset.") });
on_verification("users", |e| if e.record.name == "ben" { reject(403, "No proof.") });
on_email_change("users", |e| if e.record.name == "ben" { reject(403, "No move.") });
before_mail("verification", |e| e.subject = "Welcome " + e.record.name);
before_mail("*", |e| e.subject = "[shop] " + e.subject);
before_file_download("papers", |e| if e.record.title == "locked" { reject(403, "Locked.") });
before_realtime_subscribe(|e| e.subscriptions = e.subscriptions.filter(|topic| !topic.starts_with("hidden")));
before_realtime_message("notes", |e| if e.record.title == "quiet by request" { e.message = (); });
after_collection_create("fresh", |e| trace("made fresh"));
after_collection_update("fresh", |e| trace("changed fresh"));
after_collection_delete("fresh", |e| trace("removed fresh"));
after_settings_change(|e| if e.settings.meta.appName == "Renamed" { trace("settings Renamed") });
before_restore(|e| reject("Never."));
route("GET", "/hello/{name}", |req| {
    let times = cache.get_or("greeted", hours(1), || 0) + 1;
    cache.set("greeted", times, hours(1));
    json(200, #{ hello: req.params.name, times: times })
});
route("GET", "/members", #{ auth: ["users"] }, |req| #{ id: req.caller.id });
cron("tick", "0 0 1 1 *", || trace("tick"));
`;

/** Notes when the server starts and stops. `onServe` is known to programs in Go only. */
const LIFE_HOOKS = `
onBootstrap((e) => {
  e.next();
  console.log('the hook of the start has run');
});
onTerminate((e) => {
  // Runs for commands, too, before there is such a collection.
  try { $app.save(new Record($app.findCollectionByNameOrId('trace'), { title: 'stopped' })); } catch (_) { }
  e.next();
});
`;
const LIFE_SCRIPTS = `
after_start(|e| print("the hook of the start has run"));
before_stop(|e| db.create("trace", #{ title: "stopped" }));
`;

const skip = PEER_MISSING || (IS_SELF_CHECK ? 'both sides are PocketBase, which has no scripts of ours' : false);
const USERS = '/api/collections/users';
const NOTES = '/api/collections/notes/records';
const PASSWORD = 'correct horse';

/** @typedef {{ url: string, stop: () => Promise<void>, tokens: Record<string, string>, sink: Awaited<ReturnType<typeof startSink>> }} Side */
/** @type {Side[]} */
let sides = [];
/** @type {string[]} */
const folders = [];
/** @type {Awaited<ReturnType<typeof startProvider>> | undefined} */
let provider;

async function scratchOf(/** @type {string} */ hooks, /** @type {string} */ scripts) {
  const scratch = await mkdtemp(join(tmpdir(), 'steading-hooks-'));
  folders.push(scratch);
  await mkdir(join(scratch, 'pb_hooks'));
  await mkdir(join(scratch, 'scripts'));
  await writeFile(join(scratch, 'pb_hooks', 'all.pb.js'), hooks);
  await writeFile(join(scratch, 'scripts', 'all.rhai'), scripts);
  return {
    scratch,
    peer: { args: [`--hooksDir=${join(scratch, 'pb_hooks')}`] },
    ours: { env: { STEADING_SCRIPTS_FOLDER: join(scratch, 'scripts'), STEADING_SCRIPTS_BEFORE_MILLISECONDS: '5000' } },
  };
}

/** Sends a request to one side, as a caller who has signed in there. */
async function send(/** @type {{ url: string, tokens: Record<string, string> }} */ side, /** @type {string} */ caller, /** @type {string} */ line, /** @type {unknown} */ body) {
  const [method = 'GET', path = ''] = line.split(' ');
  const headers = /** @type {Record<string, string>} */ ({ 'content-type': 'application/json' });
  if (side.tokens[caller]) headers.authorization = side.tokens[caller];
  const answer = await request(side.url, { method, path, headers, body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)) });
  return { status: answer.status, body: answer.body };
}

/** Sends a request to both sides and compares the answers. Returns them. */
async function same(/** @type {string} */ caller, /** @type {string} */ line, /** @type {unknown} */ body, pick = (/** @type {any} */ body) => body) {
  const [peer, ours] = await Promise.all(sides.map((side) => send(side, caller, line, body)));
  assert.deepEqual({ status: ours?.status, body: pick(ours?.body) }, { status: peer?.status, body: pick(peer?.body) }, line);
  return [peer, ours];
}

/** A refusal is the same on both sides, and is one. */
async function refused(/** @type {string} */ caller, /** @type {string} */ line, /** @type {unknown} */ body, /** @type {number} */ status) {
  assert.equal((await same(caller, line, body))[0]?.status, status, line);
}

/** Waits on both sides until something is in the list of traces. */
async function traced(/** @type {string} */ title) {
  const deadline = Date.now() + PATIENCE;
  for (const side of sides) {
    for (;;) {
      const filter = encodeURIComponent(`title = '${title}'`);
      const found = await send(side, 'root', `GET /api/collections/trace/records?filter=${filter}`, undefined);
      if (found.body.totalItems > 0) break;
      assert.ok(Date.now() < deadline, `${title} was not written: ${side.url}`);
    }
  }
}

before(async () => {
  if (skip) return;
  const folder = await scratchOf(HOOKS, SCRIPTS);
  const person = (/** @type {string} */ name) => ({ claims: { sub: name, name, email: `${name}@provider.example`, email_verified: true } });
  provider = await startProvider({ good: person('good'), banned: person('banned'), alias: person('alias') });
  const sinks = await Promise.all([startSink(), startSink()]);
  const servers = [await start(PEER, folder.peer), await start(OURS, folder.ours)];
  sides = servers.map((server, at) => ({ ...server, tokens: {}, sink: /** @type {any} */ (sinks[at]) }));
  for (const side of sides) {
    const must = async (/** @type {string} */ line, /** @type {unknown} */ body) => {
      const answer = await send(side, 'root', line, body);
      assert.ok(answer.status < 300, `${line}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    side.tokens.root = (await must('POST /api/collections/_superusers/auth-with-password', { identity: SUPERUSER.email, password: SUPERUSER.password })).token;
    await must('PATCH /api/settings', { smtp: { enabled: true, host: '127.0.0.1', port: side.sink.port } });
    await must('POST /api/collections', { name: 'trace', type: 'base', ...OPEN, fields: [text('title')] });
    await must('POST /api/collections', { name: 'notes', type: 'base', ...OPEN, fields: [text('title')] });
    await must('POST /api/collections', { name: 'papers', type: 'base', ...OPEN, fields: [text('title'), file('paper')] });
    await must('PATCH /api/collections/users', {
      otp: { enabled: true },
      authAlert: { enabled: false },
      oauth2: { enabled: true, providers: [provider.entry()] },
    });
    for (const name of ['ann', 'ben', 'mute', 'never']) {
      await must(`POST ${USERS}/records`, { id: `${name}0000000000000`.slice(0, 15), email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD, name, verified: true });
      side.tokens[name] = (await must(`POST ${USERS}/auth-with-password`, { identity: `${name}@example.com`, password: PASSWORD })).token;
    }
  }
});

after(async () => {
  await Promise.all(sides.map((side) => side.stop()));
  for (const side of sides) side.sink.stop();
  await provider?.close();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

const title = (/** @type {any} */ body) => body?.title ?? body;

test('onRecordCreateRequest, onRecordUpdateRequest, onRecordDeleteRequest: only for requests', { skip }, async () => {
  const made = await same('', `POST ${NOTES}`, { title: 'one' }, title);
  assert.equal(made[1]?.body.title, 'one by request');
  for (const name of ['kept', 'undone', 'asked', 'stays', 'free']) {
    for (const side of sides) {
      const body = { id: `${name}0000000000000`.slice(0, 15), title: 'x' };
      assert.equal((await send(side, 'root', `POST ${NOTES}`, body)).status, 200);
      assert.equal((await send(side, 'root', `PATCH ${NOTES}/${body.id}`, { title: name === 'undone' ? 'free' : name })).status, 200);
    }
  }
  await refused('', `PATCH ${NOTES}/kept00000000000`, { title: 'x' }, 403);
  await refused('', `DELETE ${NOTES}/asked0000000000`, undefined, 403);
});

test('onRecordUpdateExecute, onRecordDeleteExecute: an error undoes the statement here', { skip }, async () => {
  await refused('', `PATCH ${NOTES}/undone000000000`, { title: 'undone' }, 400);
  // PocketBase keeps what the statement has stored, unless a transaction was begun for something else.
  const left = await Promise.all(sides.map((side) => send(side, '', `GET ${NOTES}/undone000000000`, undefined)));
  assert.deepEqual(left.map((answer) => answer.body.title), ['undone', 'free']);
  await refused('', `DELETE ${NOTES}/stays0000000000`, undefined, 400);
  const kept = await Promise.all(sides.map((side) => send(side, '', `GET ${NOTES}/stays0000000000`, undefined)));
  assert.deepEqual(kept.map((answer) => answer.status), [404, 200]);
});

test('onRecordAfterUpdateSuccess, onRecordAfterDeleteSuccess', { skip }, async () => {
  await same('', `PATCH ${NOTES}/free00000000000`, { title: 'freed' }, title);
  await same('', `DELETE ${NOTES}/free00000000000`, undefined);
  await traced('updated freed');
  await traced('deleted freed');
  // Written by the hook, so no request has changed its title.
  const deadline = Date.now() + PATIENCE;
  const filter = encodeURIComponent("title ~ 'by a hook'");
  for (const side of sides) {
    for (;;) {
      const found = await send(side, 'root', `GET ${NOTES}?filter=${filter}`, undefined);
      if (found.body.totalItems > 0) {
        assert.equal(found.body.items[0].title, 'by a hook');
        break;
      }
      assert.ok(Date.now() < deadline, 'the record of the hook is missing');
    }
  }
});

test('onRecordAfterCreateError: nothing is stored, and the reason is in the log', { skip }, async () => {
  await refused('', `POST ${NOTES}`, { title: 'bad' }, 400);
  await same('root', `GET ${NOTES}?filter=${encodeURIComponent("title ~ 'bad'")}`, undefined, (body) => body.totalItems);
  const [, ours] = sides;
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const filter = encodeURIComponent("data.type = 'script' && message ~ 'nothing_of_this_name'");
    const logs = await send(/** @type {Side} */ (ours), 'root', `GET /api/logs?filter=${filter}`, undefined);
    if (logs.body.totalItems > 0) break;
    assert.ok(Date.now() < deadline, 'the log has no reason');
  }
});

/** Waits on one side until each of these people got a mail. Returns the mails by name. */
async function mailsTo(/** @type {Side} */ side, /** @type {string[]} */ names) {
  /** @type {Record<string, string>} */
  const mails = {};
  while (names.some((name) => !mails[name])) {
    const mail = await side.sink.next();
    mails[/([a-z]+)@/.exec(mail.to[0] ?? '')?.[1] ?? ''] = mail.text;
  }
  return mails;
}

/** Asks for mails on both sides, for people who get one and for others before them. Returns what `pattern` finds in each, by name. */
async function mailed(/** @type {string} */ path, /** @type {string[]} */ withheld, /** @type {string[]} */ sent, /** @type {RegExp} */ pattern) {
  return Promise.all(
    sides.map(async (side) => {
      /** @type {Record<string, { id: string, found: string, subject: string }>} */
      const all = {};
      /** @type {Record<string, string>} */
      const ids = {};
      for (const name of [...withheld, ...sent]) ids[name] = (await send(side, '', `POST ${USERS}/${path}`, { email: `${name}@example.com` })).body?.otpId;
      const mails = await mailsTo(side, sent);
      for (const name of withheld) assert.equal(mails[name], undefined, `${path}: ${name} got a mail`);
      for (const [name, mail] of Object.entries(mails)) {
        all[name] = { id: ids[name] ?? '', found: pattern.exec(mail)?.[1] ?? '', subject: /^Subject: (.*)$/m.exec(mail)?.[1]?.trim() ?? '' };
      }
      return all;
    }),
  );
}

/** Sends what the mail of `name` led to, on both sides. */
async function confirmed(
  /** @type {Record<string, { id: string, found: string }>[]} */ mails,
  /** @type {string} */ path,
  /** @type {string} */ name,
  /** @type {(mail: { id: string, found: string }) => unknown} */ body,
  /** @type {number} */ status,
) {
  const answers = await Promise.all(sides.map((side, at) => send(side, '', `POST ${USERS}/${path}`, body(mails[at]?.[name] ?? { id: '', found: '' }))));
  const picked = answers.map((answer) => ({ status: answer.status, message: answer.body?.message, email: answer.body?.record?.email }));
  assert.deepEqual(picked[1], picked[0], `${path} of ${name}`);
  assert.equal(picked[1]?.status, status, `${path} of ${name}: ${JSON.stringify(answers[1]?.body)}`);
}

test('onRecordRequestOTPRequest, onModel…, onRecordAuthWithOTPRequest', { skip }, async () => {
  const codes = await mailed('request-otp', ['mute', 'never'], ['ben', 'ann'], />(\d{4,})</);
  const body = (/** @type {{ id: string, found: string }} */ { id, found }) => ({ otpId: id, password: found });
  await confirmed(codes, 'auth-with-otp', 'ben', body, 403);
  await confirmed(codes, 'auth-with-otp', 'ann', body, 200);
});

test('onRecordRequestVerificationRequest, onRecordConfirmVerificationRequest, onMailerSend, onMailerRecord…Send', { skip }, async () => {
  for (const side of sides) {
    for (const name of ['ann', 'ben', 'mute']) {
      const changed = await send(side, 'root', `PATCH ${USERS}/records/${`${name}0000000000000`.slice(0, 15)}`, { verified: false });
      assert.equal(changed.status, 200, JSON.stringify(changed.body));
    }
  }
  const mails = await mailed('request-verification', ['mute'], ['ben', 'ann'], /confirm-verification\/([\w.-]+)/);
  assert.deepEqual(mails.map((side) => side.ann?.subject), ['[shop] Welcome ann', '[shop] Welcome ann']);
  await confirmed(mails, 'confirm-verification', 'ben', ({ found }) => ({ token: found }), 403);
  await confirmed(mails, 'confirm-verification', 'ann', ({ found }) => ({ token: found }), 204);
});

test('onRecordRequestEmailChangeRequest, onRecordConfirmEmailChangeRequest', { skip }, async () => {
  await refused('never', `POST ${USERS}/request-email-change`, { newEmail: 'never@bad.example' }, 400);
  for (const [name, status] of /** @type {[string, number][]} */ ([['ben', 403], ['never', 204]])) {
    const mails = await Promise.all(
      sides.map(async (side) => {
        assert.equal((await send(side, name, `POST ${USERS}/request-email-change`, { newEmail: `${name}new@example.com` })).status, 204);
        const found = await mailsTo(side, [`${name}new`]);
        return { [name]: { id: '', found: /confirm-email-change\/([\w.-]+)/.exec(found[`${name}new`] ?? '')?.[1] ?? '' } };
      }),
    );
    await confirmed(mails, 'confirm-email-change', name, ({ found }) => ({ token: found, password: PASSWORD }), status);
  }
});

test('onRecordRequestPasswordResetRequest, onRecordConfirmPasswordResetRequest', { skip }, async () => {
  const mails = await mailed('request-password-reset', ['mute'], ['ben', 'ann'], /confirm-password-reset\/([\w.-]+)/);
  const body = (/** @type {{ found: string }} */ { found }) => ({ token: found, password: 'another horse', passwordConfirm: 'another horse' });
  await confirmed(mails, 'confirm-password-reset', 'ben', body, 403);
  await confirmed(mails, 'confirm-password-reset', 'ann', body, 204);
  for (const side of sides) {
    const signIn = (/** @type {string} */ password) => send(side, '', `POST ${USERS}/auth-with-password`, { identity: 'ann@example.com', password });
    assert.deepEqual([(await signIn(PASSWORD)).status, (await signIn('another horse')).status], [400, 200]);
    side.tokens.ann = (await signIn('another horse')).body.token;
  }
});

test('onRecordAuthWithOAuth2Request', { skip }, async () => {
  const sign = (/** @type {string} */ code) => ({ provider: 'oidc', code, codeVerifier: 'v', redirectURL: 'http://app.example/' });
  const picked = (/** @type {any} */ body) => ({ message: body.message, name: body.record?.name, email: body.record?.email, isNew: body.meta?.isNew });
  await refused('', `POST ${USERS}/auth-with-oauth2`, sign('banned'), 403);
  const [, made] = await same('', `POST ${USERS}/auth-with-oauth2`, sign('good'), picked);
  assert.deepEqual([made?.body.record.name, made?.body.meta.isNew], ['From oidc', true]);
  // PocketBase still says that the record is new.
  const [, known] = await same('', `POST ${USERS}/auth-with-oauth2`, sign('alias'), (body) => ({ ...picked(body), isNew: undefined }));
  assert.equal(known?.body.record.name, 'ann');
});

test('onFileDownloadRequest', { skip }, async () => {
  for (const name of ['open', 'locked']) {
    const answers = await Promise.all(
      sides.map(async (side) => {
        const body = Buffer.from(multipart([['title', name], ['paper', new File('paper.txt', 'some text')]]));
        const made = await request(side.url, { method: 'POST', path: '/api/collections/papers/records', headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }, body });
        assert.equal(made.status, 200, JSON.stringify(made.body));
        const { id, paper } = /** @type {any} */ (made.body);
        const answer = await request(side.url, { method: 'GET', path: `/api/files/papers/${id}/${paper}` });
        return answer.status;
      }),
    );
    assert.deepEqual(answers, name === 'open' ? [200, 200] : [403, 403], name);
  }
});

test('onRealtimeSubscribeRequest, onRealtimeMessageSend', { skip }, async () => {
  const heard = await Promise.all(
    sides.map(async (side) => {
      const events = await Events.open(side.url);
      try {
        await events.subscribe(['notes', 'hidden']);
        for (const name of ['loud', 'quiet', 'last']) await send(side, '', `POST ${NOTES}`, { title: name });
        const messages = [];
        for (;;) {
          const [message] = await events.take(1);
          messages.push(message?.data.record.title);
          if (message?.data.record.title.startsWith('last')) return messages;
        }
      } finally {
        events.close();
      }
    }),
  );
  assert.deepEqual(heard, [['loud by request', 'last by request'], ['loud by request', 'last by request']]);
});

test('onCollectionAfterCreateSuccess, onSettingsReload', { skip }, async () => {
  await same('root', 'POST /api/collections', { name: 'fresh', type: 'base', fields: [text('a')] }, (body) => body.name);
  await same('root', 'PATCH /api/collections/fresh', { listRule: '' }, (body) => body.listRule);
  await same('root', 'DELETE /api/collections/fresh', undefined);
  for (const word of ['made', 'changed', 'removed']) await traced(`${word} fresh`);
  await same('root', 'PATCH /api/settings', { meta: { appName: 'Renamed' } }, (body) => body.meta.appName);
  await traced('settings Renamed');
});

test('onCollectionsListRequest, onCollectionViewRequest, onSettingsListRequest: only superusers see these', { skip }, async () => {
  for (const caller of ['', 'ann']) {
    for (const path of ['/api/collections', '/api/collections/users', '/api/settings']) {
      const [peer, ours] = await Promise.all(sides.map((side) => send(side, caller, `GET ${path}`, undefined)));
      assert.equal(ours?.status, peer?.status, path);
      assert.ok(ours && [401, 403].includes(ours.status), path);
    }
  }
});

test('onBackupRestore: nothing is replaced', { skip }, async () => {
  for (const side of sides) {
    const made = await send(side, 'root', 'POST /api/backups', { name: 'keep.zip' });
    assert.equal(made.status, 204, JSON.stringify(made.body));
    await send(side, 'root', `POST ${NOTES}`, { id: 'later0000000000', title: 'later' });
  }
  const answers = await Promise.all(sides.map((side) => send(side, 'root', 'POST /api/backups/keep.zip/restore', {})));
  // PocketBase answers before its hook runs.
  assert.deepEqual(answers.map((answer) => answer.status), [204, 400]);
  await same('root', `GET ${NOTES}/later0000000000`, undefined, title);
});

test('routerAdd, cronAdd, $app.store()', { skip }, async () => {
  await same('', 'GET /hello/ann', undefined);
  const [, again] = await same('', 'GET /hello/ben', undefined);
  assert.deepEqual(again?.body, { hello: 'ben', times: 2 });
  await same('', 'GET /members', undefined, (body) => body.status);
  await same('ann', 'GET /members', undefined, (body) => Object.keys(body));
  const [peer, ours] = await Promise.all(sides.map((side) => send(side, 'root', 'POST /api/crons/tick', {})));
  assert.deepEqual([peer?.status, ours?.status], [204, 204]);
  await traced('tick');
});

test('onBootstrap, onServe, onTerminate', { skip }, async () => {
  const folder = await scratchOf(LIFE_HOOKS, LIFE_SCRIPTS);
  for (const [name, program, options] of /** @type {const} */ ([['peer', PEER, folder.peer], ['ours', OURS, folder.ours]])) {
    const data = join(folder.scratch, `data-${name}`);
    const life = async (/** @type {(side: { url: string, tokens: Record<string, string> }) => Promise<void>} */ work) => {
      const server = await start(program, { ...options, data });
      try {
        const side = { url: server.url, tokens: /** @type {Record<string, string>} */ ({}) };
        const signedIn = await send(side, '', 'POST /api/collections/_superusers/auth-with-password', { identity: SUPERUSER.email, password: SUPERUSER.password });
        side.tokens.root = signedIn.body.token;
        await work(side);
        const deadline = Date.now() + PATIENCE;
        while (!server.output().includes('the hook of the start has run')) {
          assert.ok(Date.now() < deadline, `${name}: ${server.output()}`);
          await new Promise((again) => setTimeout(again, 15));
        }
      } finally {
        await server.stop();
      }
    };
    await life(async (side) => {
      const made = await send(side, 'root', 'POST /api/collections', { name: 'trace', type: 'base', ...OPEN, fields: [text('title')] });
      assert.equal(made.status, 200, JSON.stringify(made.body));
    });
    await life(async (side) => {
      const list = await send(side, 'root', 'GET /api/collections/trace/records?sort=@rowid', undefined);
      assert.deepEqual(list.body.items.map((/** @type {any} */ item) => item.title), ['stopped'], name);
    });
  }
});

test('every name of the table "Coming from PocketBase hooks" has a test', async () => {
  const guide = await readFile(new URL('../../../docs/scripting.md', import.meta.url), 'utf8');
  const chapter = guide.split('## Coming from PocketBase hooks')[1]?.split('\n## ')[0] ?? '';
  const rows = chapter.split('\n').filter((line) => line.startsWith('| `'));
  const names = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));
  assert.ok(names.length > 45, `${names.length} names`);
  const sources = await Promise.all(['scripts.test.mjs', 'scripts-accounts.test.mjs'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')));
  const tests = sources.flatMap((source) => [...source.matchAll(/^test\('([^']*)'/gm)].map((match) => match[1] ?? ''));
  const words = new Set(tests.flatMap((test) => test.split(/[\s,:]+/)));
  assert.deepEqual(names.filter((name) => !words.has(name)), [], 'names without a test');
});
