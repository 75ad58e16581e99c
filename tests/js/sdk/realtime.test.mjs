import { afterEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { EventSource } from 'eventsource';
import { PASSWORD, world } from '../lib/sdk.mjs';

// Node 20 has no EventSource.
globalThis.EventSource ??= /** @type {any} */ (EventSource);

const here = world(async (superuser) => {
  const authors = await superuser.collections.create({ name: 'authors', type: 'base', viewRule: '', fields: [{ name: 'name', type: 'text' }] });
  await superuser.collections.create({
    name: 'posts',
    type: 'base',
    listRule: 'is_public = true || @request.auth.id != ""',
    viewRule: '',
    fields: [
      { name: 'title', type: 'text' },
      { name: 'is_public', type: 'bool' },
      { name: 'author', type: 'relation', collectionId: authors.id },
    ],
  });
});

/** @type {import('pocketbase').default[]} */
const clients = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.realtime.unsubscribe())));

function client() {
  const made = here.client();
  clients.push(made);
  return made;
}

/** Collects the events of a listener. `next` waits for one. */
function listener() {
  /** @type {any[]} */
  const got = [];
  /** @type {((event: any) => void) | undefined} */
  let waiting;
  return {
    got,
    listen: (/** @type {any} */ event) => (waiting ? waiting(event) : got.push(event)),
    next: () => got.shift() ?? new Promise((done) => (waiting = (event) => ((waiting = undefined), done(event)))),
  };
}

const post = (/** @type {Record<string, unknown>} */ values) => here.superuser.collection('posts').create(values);

test('a collection, a record and their options', async () => {
  const pb = client();
  const author = await here.superuser.collection('authors').create({ name: 'Ann' });
  const [all, one, shaped] = [listener(), listener(), listener()];
  const first = await post({ title: 'first', author: author.id });
  await pb.collection('posts').subscribe('*', all.listen);
  await pb.collection('posts').subscribe(first.id, one.listen);
  await pb.collection('posts').subscribe('*', shaped.listen, { expand: 'author', fields: 'title,expand.author.name', filter: "title ~ 'second'" });

  const second = await post({ title: 'second', is_public: true, author: author.id });
  const created = await all.next();
  assert.deepEqual([created.action, created.record], ['create', { ...second }]);
  assert.deepEqual(await shaped.next(), { action: 'create', record: { title: 'second', expand: { author: { name: 'Ann' } } } });
  await here.superuser.collection('posts').update(first.id, { title: 'changed' });
  assert.equal((await one.next()).record.title, 'changed');
  await here.superuser.collection('posts').delete(second.id);
  assert.deepEqual([(await all.next()).action, (await shaped.next()).action], ['delete', 'delete']);
  assert.deepEqual([all.got, one.got, shaped.got], [[], [], []], 'one message each');
});

test('nothing comes after unsubscribing', async () => {
  const pb = client();
  const [gone, kept] = [listener(), listener()];
  const stop = await pb.collection('posts').subscribe('*', gone.listen, { query: { a: 1 } });
  await pb.collection('posts').subscribe('*', kept.listen);
  await stop();
  await post({ title: 'quiet', is_public: true });
  assert.equal((await kept.next()).record.title, 'quiet');
  assert.deepEqual(gone.got, []);
  assert.ok(pb.realtime.isConnected);
  await pb.collection('posts').unsubscribe();
  assert.equal(pb.realtime.isConnected, false);
});

test('a signed-in client hears what guests do not', async () => {
  await here.client().collection('users').create({ email: 'ann@example.com', password: PASSWORD, passwordConfirm: PASSWORD });
  const [guest, ann] = [client(), await here.signedIn('ann@example.com')];
  clients.push(ann);
  const [asGuest, asAnn] = [listener(), listener()];
  await guest.collection('posts').subscribe('*', asGuest.listen);
  await ann.collection('posts').subscribe('*', asAnn.listen);
  await post({ title: 'private' });
  await post({ title: 'public', is_public: true });
  assert.deepEqual([(await asAnn.next()).record.title, (await asAnn.next()).record.title], ['private', 'public']);
  assert.equal((await asGuest.next()).record.title, 'public');
});

test('a lost connection is opened again with everything in place', async () => {
  const pb = client();
  const all = listener();
  await pb.collection('posts').subscribe('*', all.listen);
  const before = pb.realtime.clientId;
  // The event of an EventSource when its connection breaks.
  const { eventSource } = /** @type {any} */ (pb.realtime);
  eventSource.close();
  eventSource.onerror(new Event('error'));
  const heard = all.next();
  // After a reconnect, the SDK takes some time to subscribe again. Records created before that cause no event.
  const making = setInterval(() => void post({ title: 'back', is_public: true }).catch(() => {}), 100);
  try {
    assert.equal((await heard).record.title, 'back');
  } finally {
    clearInterval(making);
  }
  assert.notEqual(pb.realtime.clientId, before);
});
