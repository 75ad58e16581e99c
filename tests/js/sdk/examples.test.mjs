//! Scripts that people copy, on the built program: payment with Stripe against a fake of it on loopback, and the record shop of `make demo`.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encode, request } from '../lib/http.mjs';
import { OURS, SUPERUSER, start } from '../lib/server.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PASSWORD = 'correct horse';
const KEY = 'sk_test_1';
const SECRET = 'whsec_1';

/** @type {string[]} */
const folders = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function scratch() {
  const folder = await mkdtemp(join(tmpdir(), 'steading-examples-'));
  folders.push(folder);
  return folder;
}

/** @returns {Promise<{ status: number, headers: any, body: any }>} */
function send(/** @type {string} */ url, /** @type {string} */ line, /** @type {unknown} */ body, /** @type {Record<string, string>} */ headers = {}) {
  const [method = 'GET', path = ''] = line.split(' ');
  const sent = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return /** @type {any} */ (request(url, { method, path, headers: { 'content-type': 'application/json', ...headers }, body: sent }));
}

/** The part of Stripe that the script asks: it makes a session for each idempotency key, and forgets none. */
async function fakeStripe() {
  /** @type {{ key: string, authorization: string, form: URLSearchParams }[]} */
  const asked = [];
  /** @type {Map<string, string>} */
  const sessions = new Map();
  const server = createServer(async (incoming, answer) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const key = String(incoming.headers['idempotency-key']);
    asked.push({ key, authorization: String(incoming.headers.authorization), form: new URLSearchParams(Buffer.concat(chunks).toString()) });
    const isRight = incoming.url === '/v1/checkout/sessions' && incoming.headers.authorization === `Bearer ${KEY}`;
    if (!sessions.has(key)) sessions.set(key, `cs_${sessions.size + 1}`);
    answer.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(isRight ? { id: sessions.get(key), url: `https://checkout.example/${sessions.get(key)}` } : { error: {} }));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, asked, sessions, close: () => server.close() };
}

/** Signs an event as Stripe does. */
function signed(/** @type {string} */ text, secret = SECRET) {
  const time = Math.floor(Date.now() / 1000);
  return { 'stripe-signature': `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${text}`).digest('hex')}` };
}

test('the Stripe example: a payment page, and an order that is paid once', async () => {
  const folder = await scratch();
  const stripe = await fakeStripe();
  const example = await readFile(join(ROOT, 'scripts/examples/stripe-checkout/stripe-checkout.rhai'), 'utf8');
  assert.equal(example.split('https://api.stripe.com').length, 2, 'the address stands in one place');
  await mkdir(join(folder, 'scripts'));
  await writeFile(join(folder, 'scripts', 'stripe.rhai'), example.replace('https://api.stripe.com', stripe.url));
  const env = {
    STEADING_SCRIPTS_FOLDER: join(folder, 'scripts'),
    STEADING_SCRIPTS_HTTP_ALLOW: '127.0.0.0/8',
    STEADING_SCRIPTS_ENV: 'STRIPE_KEY,STRIPE_WEBHOOK_SECRET',
    STEADING_SCRIPTS_BEFORE_MILLISECONDS: '5000',
    STRIPE_KEY: KEY,
    STRIPE_WEBHOOK_SECRET: SECRET,
  };
  const server = await start(OURS, { env });
  try {
    const signIn = async (/** @type {string} */ collection, /** @type {string} */ identity, /** @type {string} */ password) =>
      (await send(server.url, `POST /api/collections/${collection}/auth-with-password`, { identity, password })).body.token;
    const root = { authorization: await signIn('_superusers', SUPERUSER.email, SUPERUSER.password) };
    const schema = JSON.parse(await readFile(join(ROOT, 'scripts/examples/stripe-checkout/schema.json'), 'utf8'));
    const imported = await send(server.url, 'PUT /api/collections/import', { collections: schema.collections ?? schema, deleteMissing: false }, root);
    assert.equal(imported.status, 204, JSON.stringify(imported.body));
    const people = /** @type {Record<string, { id: string, token: string }>} */ ({});
    for (const name of ['ana', 'ben']) {
      const made = await send(server.url, 'POST /api/collections/users/records', { email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD }, root);
      people[name] = { id: made.body.id, token: await signIn('users', `${name}@example.com`, PASSWORD) };
    }
    const made = await send(server.url, 'POST /api/collections/orders/records', { customer: people.ana?.id, status: 'open', total: 71.96 }, root);
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const order = made.body.id;
    const read = async () => (await send(server.url, `GET /api/collections/orders/records/${order}`, undefined, root)).body;

    const pay = (/** @type {string} */ name) => send(server.url, `POST /api/shop/pay/${order}`, {}, { authorization: people[name]?.token ?? '' });
    assert.equal((await pay('ben')).status, 404, 'the order is that of ana');
    const pages = [await pay('ana'), await pay('ana')];
    assert.deepEqual(pages.map((page) => [page.status, page.body.url]), [[200, 'https://checkout.example/cs_1'], [200, 'https://checkout.example/cs_1']]);
    assert.deepEqual([stripe.asked.length, stripe.sessions.size], [2, 1], 'the second request is for the same payment');
    assert.equal(stripe.asked[0]?.form.get('line_items[0][price_data][unit_amount]'), '7196');
    assert.equal(stripe.asked[0]?.form.get('client_reference_id'), order);

    const event = (/** @type {string} */ id, changes = {}) =>
      JSON.stringify({
        id,
        type: 'checkout.session.completed',
        data: { object: { id: 'cs_1', client_reference_id: order, payment_status: 'paid', amount_total: 7196, currency: 'eur', ...changes } },
      });
    const hear = (/** @type {string} */ text, /** @type {Record<string, string>} */ headers) => send(server.url, 'POST /api/shop/stripe', text, headers);
    const forged = await hear(event('evt_1'), signed(event('evt_1'), 'whsec_other'));
    assert.ok(forged.status >= 400 && forged.status < 500, `${forged.status}`);
    assert.ok((await hear(event('evt_1'), {})).status >= 400);
    assert.equal((await read()).status, 'open', 'nobody else can say that it is paid');
    const first = await hear(event('evt_1'), signed(event('evt_1')));
    assert.deepEqual([first.status, first.body], [200, { received: true }]);
    const paid = await read();
    assert.deepEqual([paid.status, paid.payment], ['paid', 'cs_1']);
    // The same event again, another event about the same payment, and several at the same moment.
    const again = await Promise.all(['evt_1', 'evt_2', 'evt_2', 'evt_3'].map((id) => hear(event(id), signed(event(id)))));
    // One that is being worked on is refused for the moment, so that Stripe sends it again.
    assert.ok(again.every(({ status }) => status === 200 || status === 409), JSON.stringify(again.map(({ status }) => status)));
    assert.equal((await hear(event('evt_2'), signed(event('evt_2')))).status, 200, 'it was worked on');
    assert.deepEqual(await read(), paid, 'nothing has changed');
    assert.equal((await pay('ana')).status, 409, 'it is paid');
  } finally {
    await server.stop();
    stripe.close();
  }
});

test('make demo: the shop answers, and an order gets the next number', async () => {
  const folder = await scratch();
  const data = join(folder, 'data');
  await promisify(execFile)(join(ROOT, 'demo/load.sh'), [OURS, data], { maxBuffer: 16 * 1024 * 1024 });
  await cp(join(ROOT, 'demo/scripts'), join(folder, 'scripts'), { recursive: true });
  const server = await start(OURS, { data, env: { STEADING_SCRIPTS_FOLDER: join(folder, 'scripts'), STEADING_SCRIPTS_BEFORE_MILLISECONDS: '5000' } });
  try {
    const signedIn = await send(server.url, 'POST /api/collections/_superusers/auth-with-password', { identity: 'demo@example.com', password: 'record-shop' });
    assert.equal(signedIn.status, 200, 'as load.sh says');
    const root = { authorization: signedIn.body.token };
    const newest = async () => (await send(server.url, 'GET /api/collections/invoice/records?sort=-number&perPage=2', undefined, root)).body.items;
    const [before] = await newest();

    const shop = await send(server.url, 'GET /shop?search=AC%2FDC', undefined);
    assert.equal(shop.status, 200);
    const album = /\/shop\/album\/([a-z0-9]{15})/.exec(String(shop.body))?.[1];
    assert.ok(album, 'the shop shows albums');
    const page = await send(server.url, `GET /shop/album/${album}`, undefined);
    assert.equal(page.status, 200);
    const track = /name="track" value="([a-z0-9]{15})"/.exec(String(page.body))?.[1];
    assert.ok(track, 'an album shows its tracks');

    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const added = await send(server.url, 'POST /shop/basket/add', encode({ track }), form);
    assert.equal(added.status, 303, JSON.stringify(added.body));
    const cookie = String([added.headers['set-cookie']].flat()[0]).split(';')[0] ?? '';
    const basket = await send(server.url, 'GET /shop/basket', undefined, { cookie });
    assert.equal(basket.status, 200);
    const buyer = { first_name: 'Ana', last_name: 'Gomez', email: 'ana@example.com' };
    const ordered = await send(server.url, 'POST /shop/order', encode(buyer), { ...form, cookie });
    assert.ok([200, 201, 303].includes(ordered.status), `${ordered.status} ${ordered.body}`);
    const [invoice, last] = await newest();
    assert.deepEqual([invoice.number, last.id], [before.number + 1, before.id]);
    assert.ok(invoice.total > 0);
    const lines = await send(server.url, `GET /api/collections/invoiceLine/records?filter=${encodeURIComponent(`invoice = '${invoice.id}'`)}`, undefined, root);
    assert.deepEqual(lines.body.items.map((/** @type {any} */ line) => line.track), [track]);
    const refused = await send(server.url, 'POST /shop/order', encode({ ...buyer, email: 'nobody' }), { ...form, cookie });
    assert.equal(refused.status, 422);
  } finally {
    await server.stop();
  }
});
