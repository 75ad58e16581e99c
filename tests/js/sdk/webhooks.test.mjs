//! Signatures of webhooks, as the libraries of Standard Webhooks see them, in both directions.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicKey, verify } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import PocketBase from 'pocketbase';
import { Webhook } from 'standardwebhooks';
import { OURS, SUPERUSER, start } from '../lib/server.mjs';

/** @typedef {{ headers: Record<string, string>, body: string }} Received */

/** @type {import('../lib/server.mjs').Server} */
let server;
/** @type {PocketBase} */
let superuser;
/** @type {Received[]} */
const received = [];
const receiver = createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  received.push({ headers: /** @type {any} */ (request.headers), body });
  response.writeHead(204).end();
});

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const scripts = await mkdtemp(join(tmpdir(), 'steading-webhooks-'));

before(async () => {
  const route = `route("POST", "/hook", |req| #{ got: verify_webhook("standard", req, "${SECRET}").n });`;
  await writeFile(join(scripts, 'hook.rhai'), route);
  server = await start(OURS, { env: { STEADING_WEBHOOKS_ALLOW: '127.0.0.0/8', STEADING_SCRIPTS_FOLDER: scripts } });
  await new Promise((listening) => receiver.listen(0, '127.0.0.1', () => listening(undefined)));
  superuser = new PocketBase(server.url);
  superuser.autoCancellation(false);
  await superuser.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
  await superuser.collections.create({ name: 'orders', type: 'base', fields: [{ name: 'title', type: 'text' }] });
});
after(async () => {
  receiver.close();
  await server?.stop();
  await rm(scripts, { recursive: true, force: true });
});

const send = (/** @type {string} */ path, /** @type {any} */ body) =>
  superuser.send(path, { method: 'POST', body, requestKey: null });

function address() {
  const found = receiver.address();
  return `http://127.0.0.1:${typeof found === 'object' && found !== null ? found.port : 0}/hook`;
}

/** Makes a record and returns the request that tells of it. @returns {Promise<Received>} */
async function next(/** @type {string} */ title) {
  const count = received.length;
  await superuser.collection('orders').create({ title });
  for (let turn = 0; turn < 1500; turn++) {
    if (received.length > count) return /** @type {Received} */ (received[count]);
    await new Promise((later) => setTimeout(later, 20));
  }
  throw new Error('nothing arrived');
}

test('the library of Standard Webhooks verifies what is sent, with both secrets during a rotation', async () => {
  const endpoint = await send('/api/webhooks', { name: 'js', url: address(), events: ['orders.create'] });
  const first = await next('naïve – ü');
  const event = /** @type {any} */ (new Webhook(endpoint.secret).verify(first.body, first.headers));
  assert.equal(event.type, 'orders.create');
  assert.equal(event.data.record.title, 'naïve – ü');
  assert.throws(() => new Webhook(endpoint.secret).verify(`${first.body} `, first.headers));

  const rotated = await send(`/api/webhooks/${endpoint.id}/rotate`, { overlapHours: 1 });
  assert.notEqual(rotated.secret, endpoint.secret);
  const during = await next('during');
  for (const secret of [endpoint.secret, rotated.secret]) new Webhook(secret).verify(during.body, during.headers);

  const last = await send(`/api/webhooks/${endpoint.id}/rotate`, { overlapHours: 0 });
  const late = await next('after');
  new Webhook(last.secret).verify(late.body, late.headers);
  for (const secret of [endpoint.secret, rotated.secret]) {
    assert.throws(() => new Webhook(secret).verify(late.body, late.headers));
  }

  const python = process.env.STEADING_PYTHON ?? 'python3';
  const program = `import sys, json
from standardwebhooks.webhooks import Webhook
secret, headers, body = json.load(sys.stdin)
print(Webhook(secret).verify(body, headers)["type"])`;
  const has = spawnSync(python, ['-c', 'import standardwebhooks']).status === 0;
  if (has) {
    const input = JSON.stringify([last.secret, late.headers, late.body]);
    const verified = spawnSync(python, ['-c', program], { input, encoding: 'utf8' });
    assert.equal(verified.stdout.trim(), 'orders.create', verified.stderr);
  }
  await superuser.send(`/api/webhooks/${endpoint.id}`, { method: 'DELETE' });
});

test('a public key verifies the other kind of signature', async () => {
  const endpoint = await send('/api/webhooks', { name: 'ed', url: address(), events: ['orders.create'], signature: 'v1a' });
  assert.equal(endpoint.secret, '');
  const { headers, body } = await next('signed');
  const [version, signature] = /** @type {string} */ (headers['webhook-signature']).split(',');
  assert.equal(version, 'v1a');
  const raw = Buffer.from(endpoint.publicKey.slice('whpk_'.length), 'base64');
  // The frame of an ed25519 key, as RFC 8410 has it.
  const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' });
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  assert.ok(verify(null, Buffer.from(signed), key, Buffer.from(signature ?? '', 'base64')));
  assert.ok(!verify(null, Buffer.from(`${signed} `), key, Buffer.from(signature ?? '', 'base64')));
  await superuser.send(`/api/webhooks/${endpoint.id}`, { method: 'DELETE' });
});

test('a server of ours verifies what the library signs', async () => {
  const ask = (/** @type {string} */ secret, /** @type {string} */ id) => {
    const [time, body] = [new Date(), '{"n":5}'];
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, time, body),
    };
    return fetch(`${server.url}/hook`, { method: 'POST', headers, body });
  };
  const answer = await ask(SECRET, 'msg_1');
  assert.deepEqual([answer.status, await answer.json()], [200, { got: 5 }]);
  assert.equal((await ask(`whsec_${'A'.repeat(32)}`, 'msg_2')).status, 401);
});

test('an endpoint without code stores what the library signs, and what another endpoint of ours sends', async () => {
  await superuser.collections.create({ name: 'inbox', type: 'base', fields: [{ name: 'title', type: 'text' }, { name: 'event', type: 'text' }] });
  const inbox = await send('/api/inbound', {
    name: 'inbox', provider: 'standard', collection: 'inbox', secrets: [SECRET], idField: 'event',
    mapping: [{ field: 'title', path: '$.data.record.title' }],
  });
  const ask = async (/** @type {string} */ secret, /** @type {string} */ id) => {
    const [time, body] = [new Date(), '{"type":"x","data":{"record":{"title":"by the library"}}}'];
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, time, body),
    };
    return (await fetch(`${server.url}/api/inbound/inbox`, { method: 'POST', headers, body })).status;
  };
  assert.deepEqual([await ask(SECRET, 'msg_1'), await ask(SECRET, 'msg_1'), await ask(`whsec_${'A'.repeat(32)}`, 'msg_2')], [200, 200, 401]);
  const own = await send('/api/webhooks', { name: 'own', url: `${server.url}/api/inbound/inbox`, events: ['orders.create'], signature: 'v1a' });
  await superuser.send(`/api/inbound/${inbox.id}`, { method: 'PATCH', body: { secrets: [own.publicKey, { id: inbox.secrets[0].id }] } });
  const delivery = await send(`/api/webhooks/${own.id}/test`, {});
  assert.equal(delivery.status, 200, JSON.stringify(delivery));
  const found = await superuser.collection('inbox').getFullList({ sort: '@rowid' });
  assert.deepEqual(found.map((record) => record['event']), ['msg_1', delivery.id]);
  assert.equal(found[0]?.['title'], 'by the library');
  await superuser.send(`/api/webhooks/${own.id}`, { method: 'DELETE' });
});
