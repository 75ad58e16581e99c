//! Realtime: its requests as pairs, and one scripted scenario whose streams must agree. PocketBase notifies the
//! subscriptions of a client in any order, so the events of one step are compared as a set.

import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { PASSWORD, raw, suite } from '../lib/differential.mjs';
import { Pairing, differences } from '../lib/compare.mjs';
import { Events } from '../lib/events.mjs';
import { request } from '../lib/http.mjs';
import { OURS, PEER, PEER_MISSING, SUPERUSER, start } from '../lib/server.mjs';

const FORM = 'application/x-www-form-urlencoded';
const location = { compareHeaders: ['location'] };

suite('realtime requests', [], {
  'subscribing to nowhere': [
    [400, 'guest', 'POST /api/realtime', {}, { codes: 'clientId:validation_required' }],
    [400, 'guest', 'POST /api/realtime', { clientId: '', subscriptions: null }, { codes: 'clientId:validation_required' }],
    [400, 'guest', 'POST /api/realtime', { clientId: 'x'.repeat(256) }, { codes: 'clientId:validation_length_out_of_range' }],
    [400, 'guest', 'POST /api/realtime', { clientId: 5 }, { codes: '-' }],
    [400, 'guest', 'POST /api/realtime', { clientId: 'x', subscriptions: 'posts/*' }, { codes: '-' }],
    [400, 'guest', 'POST /api/realtime', { clientId: 'x', subscriptions: [1] }, { codes: '-' }],
    [400, 'guest', 'POST /api/realtime', { clientId: 'x', subscriptions: Array(1001).fill('a') }, { codes: 'subscriptions:validation_length_too_long' }],
    [400, 'guest', 'POST /api/realtime', { subscriptions: ['a', 'a'.repeat(2501)] }, { codes: 'clientId:validation_required subscriptions.1:validation_length_too_long' }],
    [400, 'guest', 'POST /api/realtime', raw('application/json', '{bad')],
    [404, 'guest', 'POST /api/realtime', { clientId: 'x', subscriptions: Array(1000).fill('a'.repeat(2500)) }],
    [404, 'superuser', 'POST /api/realtime', { clientId: 'x' }],
    [404, 'bad', 'POST /api/realtime', raw(FORM, 'clientId=x&subscriptions=a&subscriptions=b')],
  ],
  'the way back from a provider': [
    [307, 'guest', 'GET /api/oauth2-redirect', undefined, location],
    [307, 'guest', 'GET /api/oauth2-redirect', { state: 'x', code: 'y' }, location],
    [303, 'guest', 'POST /api/oauth2-redirect', raw(FORM, 'state=x&code=y&user=%7B%7D'), location],
    [303, 'guest', 'POST /api/oauth2-redirect', { state: 5 }, location],
    [303, 'guest', 'POST /api/oauth2-redirect', raw('application/json', '{bad'), location],
  ],
});

const options = (/** @type {unknown} */ value) => `?options=${encodeURIComponent(JSON.stringify(value))}`;
const filtered = (/** @type {string} */ filter) => `posts/*${options({ query: { filter } })}`;
const TAG = 'tag000000000001';
const POST = 'post00000000001';
const TEAM = 'team00000000001';
const LABEL = 'label0000000001';
const KEYED = `keyed/*${options({ query: { key: 'k', n: 5 }, headers: { 'X-Tok-En': 'h' } })}`;

const COLLECTIONS = [
  { name: 'fence', listRule: '' },
  { name: 'tags', listRule: '', viewRule: '', fields: [{ name: 'name', type: 'text' }, { name: 'note', type: 'text', hidden: true }] },
  {
    name: 'posts',
    listRule: "owner = @request.auth.id || owner = ''",
    viewRule: 'owner = @request.auth.id',
    fields: [
      { name: 'title', type: 'text' },
      { name: 'owner', type: 'text' },
      { name: 'secret', type: 'text', hidden: true },
      { name: 'data', type: 'json' },
      { name: 'tag', type: 'relation', collectionId: '{tags}' },
    ],
  },
  { name: 'labels', listRule: "tag.name != ''", fields: [{ name: 'tag', type: 'relation', collectionId: '{tags}', cascadeDelete: true }] },
  { name: 'teams', listRule: 'id = @request.auth.team', fields: [{ name: 'name', type: 'text' }] },
  { name: 'keyed', listRule: "@request.query.key = 'k' && @request.query.n = '5' && @request.headers.x_tok_en = 'h' && @request.context = 'realtime'" },
];

/** Shows by a later message that nothing else came. In PocketBase, messages may overtake each other slightly. */
const FENCES = 4;

/** The subscriptions of each listener. */
const LISTENERS = {
  guest: [
    'posts/*', 'posts', 'POSTS/*', 'tags/*', `tags/${TAG}`, 'labels/*', 'labels', KEYED, 'keyed/*', 'shown/*', 'users/*', 'nowhere/*', '',
    filtered("title ~ 'e'"), filtered("secret = 's'"), filtered('nonsense ='), filtered("@request.auth.id = ''"),
    `posts/*${options({ query: { expand: 'tag', fields: 'title,expand.tag.name' } })}`, `posts/*${options({ query: { expand: 'nowhere' } })}`,
    `posts/*${options({ query: { fields: 'title:excerpt(3)' } })}`, 'posts/*?options=nonsense', 'posts/*?other=1',
    `posts/*${options({ query: 5 })}`, `tags/*${options({ query: { expand: 'posts_via_tag' } })}`,
  ],
  ann: ['posts/*', `posts/${POST}`, 'tags/*', 'users/*', `users/*${options({ query: { fields: 'email,name' } })}`, filtered("secret = 's'"), 'teams/*'],
  bob: ['posts/*', `posts/${POST}`, 'users/*', 'labels/*'],
  superuser: ['posts/*', 'tags/*', 'users/*', 'closed/*', '_superusers/*', 'labels/*'],
};

/** @type {[string, string, string, unknown?][]} */
const SCRIPT = [
  ['a record for all', 'POST', '/api/collections/tags/records', { id: TAG, name: 'red', note: 'hidden' }],
  ["a record of Ann's", 'POST', '/api/collections/posts/records', { id: POST, title: 'one', owner: '{ann}', secret: 's', data: { a: [1, null] }, tag: TAG }],
  ['which changes', 'PATCH', `/api/collections/posts/records/${POST}`, { title: 'two' }],
  ['and becomes Bob\'s', 'PATCH', `/api/collections/posts/records/${POST}`, { owner: '{bob}', secret: 't' }],
  ['and nobody\'s', 'PATCH', `/api/collections/posts/records/${POST}`, { owner: '' }],
  ['with something that goes with the tag', 'POST', '/api/collections/labels/records', { tag: TAG }],
  ['a cascade', 'DELETE', `/api/collections/tags/records/${TAG}`],
  ['a team', 'POST', '/api/collections/teams/records', { id: TEAM }],
  ["a team that becomes Ann's, and is renamed", 'POST', '/api/batch', { requests: [
    { method: 'PATCH', url: `/api/collections/teams/records/${TEAM}`, body: { name: 'one' } },
    { method: 'PATCH', url: '/api/collections/users/records/{ann}', body: { team: TEAM } },
  ] }],
  ['a deleted team, which is taken out of her record as well', 'DELETE', `/api/collections/teams/records/${TEAM}`],
  ['another team', 'POST', '/api/collections/teams/records', { id: TEAM }],
  ["which is Ann's", 'PATCH', '/api/collections/users/records/{ann}', { team: TEAM }],
  ['is renamed, and is not hers any more', 'POST', '/api/batch', { requests: [
    { method: 'PATCH', url: `/api/collections/teams/records/${TEAM}`, body: { name: 'two' } },
    { method: 'PATCH', url: '/api/collections/users/records/{ann}', body: { team: '' } },
  ] }],
  ['another tag with its label', 'POST', '/api/batch', { requests: [
    { method: 'POST', url: '/api/collections/tags/records', body: { id: TAG, name: 'blue' } },
    { method: 'POST', url: '/api/collections/labels/records', body: { id: LABEL, tag: TAG } },
  ] }],
  ['a label that is changed and then deleted with its tag', 'POST', '/api/batch', { requests: [
    { method: 'PATCH', url: `/api/collections/labels/records/${LABEL}`, body: { tag: TAG } },
    { method: 'DELETE', url: `/api/collections/tags/records/${TAG}` },
  ] }],
  ['the end of it', 'DELETE', `/api/collections/posts/records/${POST}`],
  ['parameters in a rule', 'POST', '/api/collections/keyed/records', {}],
  ['an account', 'POST', '/api/collections/users/records', { email: 'new@example.com', password: PASSWORD, passwordConfirm: PASSWORD, name: 'New' }],
  ['an account that shows its address', 'PATCH', '/api/collections/users/records/{ann}', { emailVisibility: true }],
  ['a batch', 'POST', '/api/batch', { requests: [
    { method: 'POST', url: '/api/collections/posts/records', body: { title: 'e1' } },
    { method: 'PUT', url: '/api/collections/posts/records', body: { id: 'post00000000002', title: 'e2' } },
    { method: 'PATCH', url: '/api/collections/posts/records/post00000000002', body: { title: 'e3' } },
  ] }],
  ['a batch that fails', 'POST', '/api/batch', { requests: [
    { method: 'POST', url: '/api/collections/posts/records', body: { title: 'e4' } },
    { method: 'POST', url: '/api/collections/posts/records', body: { id: 'post00000000002' } },
  ] }],
  ['another password', 'PATCH', '/api/collections/users/records/{bob}', { password: 'something else', passwordConfirm: 'something else' }],
  ['after which Bob is a guest', 'POST', '/api/collections/posts/records', { title: 'x', owner: '{bob}' }],
  ['a deleted account', 'DELETE', '/api/collections/users/records/{ann}'],
  ['after which Ann is a guest', 'POST', '/api/collections/posts/records', { title: 'x', owner: '{ann}' }],
  ['what only superusers see', 'POST', '/api/collections/closed/records', {}],
];

/** One server with all listeners connected. */
class Side {
  /** @type {Record<string, string>} */
  names = {};
  /** @type {Record<string, string>} */
  tokens = {};
  /** @type {Record<string, Events>} */
  streams = {};

  constructor(/** @type {import('../lib/server.mjs').Server} */ server) {
    this.server = server;
  }

  static async open(/** @type {string | null} */ program) {
    const side = new Side(await start(program));
    try {
      await side.#prepare();
    } catch (error) {
      await side.close();
      throw error;
    }
    return side;
  }

  async #prepare() {
    await this.#signIn('superuser', '_superusers', SUPERUSER.email, SUPERUSER.password);
    await this.send('PATCH', '/api/settings', { batch: { enabled: true } });
    for (const collection of [...COLLECTIONS, { name: 'closed' }]) {
      const made = await this.send('POST', '/api/collections', { type: 'base', ...collection });
      assert.equal(made.status, 200, made.text);
      this.names[collection.name] = made.body.id;
    }
    await this.send('POST', '/api/collections', { name: 'shown', type: 'view', viewQuery: 'SELECT id, title FROM posts', listRule: '' });
    const { fields } = (await this.send('GET', '/api/collections/users')).body;
    const team = { name: 'team', type: 'relation', collectionId: this.names.teams };
    await this.send('PATCH', '/api/collections/users', { listRule: '', viewRule: '', fields: [...fields, team] });
    for (const name of ['ann', 'bob']) {
      const account = { email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD, name };
      const made = await this.send('POST', '/api/collections/users/records', account);
      this.names[name] = made.body.id;
      await this.#signIn(name, 'users', account.email, PASSWORD);
    }
    for (const [name, topics] of Object.entries(LISTENERS)) {
      const stream = await Events.open(this.server.url);
      this.streams[name] = stream;
      const answer = await stream.subscribe([...topics, 'fence/*'], this.tokens[name]);
      assert.equal(answer.status, 204, answer.text);
    }
  }

  /** A step of the script, and the messages of each listener. */
  async step(/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body) {
    const { status } = await this.send(method, path, body);
    for (let fence = 0; fence < FENCES; fence += 1) await this.send('POST', '/api/collections/fence/records', {});
    /** @type {Record<string, import('../lib/events.mjs').Message[]>} */
    const heard = {};
    for (const [name, stream] of Object.entries(this.streams)) {
      heard[name] = [];
      for (let fence = 0; fence < FENCES; fence += 1) heard[name].push(...(await stream.upTo('fence/*')));
      heard[name].sort((a, b) => order(a).localeCompare(order(b)));
    }
    return { status, heard };
  }

  send(/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body) {
    const fill = (/** @type {string} */ text) => text.replace(/\{(\w+)\}/g, (whole, name) => this.names[name] ?? whole);
    const headers = { 'Content-Type': 'application/json', Authorization: this.tokens.superuser ?? '' };
    return request(this.server.url, { method, path: fill(path), headers, body: body === undefined ? undefined : fill(JSON.stringify(body)) });
  }

  async #signIn(/** @type {string} */ name, /** @type {string} */ collection, /** @type {string} */ identity, /** @type {string} */ password) {
    const answer = await this.send('POST', `/api/collections/${collection}/auth-with-password`, { identity, password });
    this.tokens[name] = answer.body.token;
  }

  async close() {
    for (const stream of Object.values(this.streams)) stream.close();
    await this.server.stop();
  }
}

const order = (/** @type {import('../lib/events.mjs').Message} */ { event, data }) =>
  `${event} ${data.action} ${data.record?.title ?? data.record?.name ?? ''}`;

describe('a realtime scenario', { skip: PEER_MISSING }, () => {
  /** @type {[Side, Side] | undefined} */
  let sides;
  const pairing = new Pairing();
  after(() => Promise.all((sides ?? []).map((side) => side.close())));

  test('set-up', async () => {
    sides = /** @type {[Side, Side]} */ (await Promise.all([Side.open(PEER), Side.open(OURS)]));
    for (const name of ['content-type', 'cache-control', 'x-accel-buffering', 'transfer-encoding']) {
      assert.equal(sides[1].streams.guest?.headers[name], sides[0].streams.guest?.headers[name], name);
    }
  });

  for (const [name, method, path, body] of SCRIPT) {
    test(name, async () => {
      assert.ok(sides, 'not run: the two servers did not start');
      const [peer, ours] = await Promise.all(sides.map((side) => side.step(method, path, body)));
      const problems = differences(peer, ours, pairing);
      assert.equal(problems.length, 0, `${problems.join('\n')}\n${JSON.stringify({ peer, ours })}`);
    });
  }

  test('nobody becomes somebody else', async () => {
    assert.ok(sides, 'not run: the two servers did not start');
    for (const side of sides) {
      const statuses = [];
      for (const [stream, token] of /** @type {const} */ ([['superuser', 'bob'], ['superuser', 'guest'], ['guest', 'superuser'], ['guest', 'guest']])) {
        statuses.push((await side.streams[stream]?.subscribe([], side.tokens[token]))?.status);
      }
      assert.deepEqual(statuses, [403, 403, 204, 403], side.server.program);
    }
  });
});
