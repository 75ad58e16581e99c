import { test } from 'node:test';
import assert from 'node:assert/strict';
import { PASSWORD, rejects, world } from '../lib/sdk.mjs';

const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };

const here = world(async ({ collections }) => {
  const tags = await collections.create({ name: 'tags', type: 'base', ...OPEN, fields: [{ name: 'label', type: 'text' }], indexes: ['create unique index label_ix on tags (label)'] });
  const posts = await collections.create({
    name: 'posts',
    type: 'base',
    ...OPEN,
    fields: [
      { name: 'title', type: 'text', required: true, max: 40 },
      { name: 'views', type: 'number' },
      { name: 'done', type: 'bool' },
      { name: 'when', type: 'date' },
      { name: 'kind', type: 'select', values: ['a', 'b'], maxSelect: 1 },
      { name: 'marks', type: 'select', values: ['x', 'y', 'z'], maxSelect: 3 },
      { name: 'tags', type: 'relation', collectionId: tags.id, maxSelect: 9 },
      { name: 'meta', type: 'json' },
      { name: 'place', type: 'geoPoint' },
      { name: 'created', type: 'autodate', onCreate: true },
      { name: 'updated', type: 'autodate', onCreate: true, onUpdate: true },
    ],
  });
  await collections.create({ name: 'comments', type: 'base', ...OPEN, fields: [{ name: 'text', type: 'text' }, { name: 'post', type: 'relation', collectionId: posts.id, cascadeDelete: true }] });
});

/** Posts of one test: their titles begin with its mark. */
const post = (/** @type {string} */ mark, more = {}) => here.client().collection('posts').create({ title: `${mark} post`, ...more });

test('a record comes back as it was sent', async () => {
  const posts = here.client().collection('posts');
  const sent = {
    title: 'Every type',
    views: 1.5,
    done: true,
    when: '2022-01-01 10:20:30.123Z',
    kind: 'b',
    marks: ['z', 'x'],
    meta: { deep: [1, { a: null }] },
    place: { lon: 1.5, lat: -2 },
  };
  const created = await posts.create(sent);
  assert.match(created.id, /^[a-z0-9]{15}$/);
  assert.equal(created.collectionName, 'posts');
  assert.match(created.created, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/);
  for (const [key, value] of Object.entries(sent)) assert.deepEqual(created[key], value, key);
  assert.deepEqual(created.tags, []);
  assert.deepEqual(await posts.getOne(created.id), created);
});

test('a Date is understood', async () => {
  const when = new Date('2023-03-04T05:06:07.089Z');
  assert.equal((await post('date', { when })).when, '2023-03-04 05:06:07.089Z');
});

test('an update changes what it names and nothing else', async () => {
  const posts = here.client().collection('posts');
  const created = await post('update', { views: 3, marks: ['x'] });
  const updated = await posts.update(created.id, { 'views+': 2, 'marks+': ['y'] });
  assert.deepEqual([updated.title, updated.views, updated.marks], ['update post', 5, ['x', 'y']]);
  assert.equal(updated.created, created.created);
});

test('a deleted record is gone', async () => {
  const posts = here.client().collection('posts');
  const { id } = await post('delete');
  assert.equal(await posts.delete(id), true);
  await rejects(posts.getOne(id), 404);
  await rejects(posts.delete(id), 404);
});

test('lists come in pages, in full, and one by one', async () => {
  const posts = here.client().collection('posts');
  for (let views = 1; views <= 5; views++) await post('pages', { views });
  const filter = 'title ~ "pages"';
  const page = await posts.getList(2, 2, { filter, sort: '-views' });
  assert.deepEqual(page.items.map((one) => one.views), [3, 2]);
  assert.deepEqual([page.page, page.perPage, page.totalItems, page.totalPages], [2, 2, 5, 3]);
  const all = await posts.getFullList({ batch: 2, filter, sort: 'views' });
  assert.deepEqual(all.map((one) => one.views), [1, 2, 3, 4, 5]);
  assert.equal((await posts.getFirstListItem(`${filter} && views > 3`, { sort: 'views' })).views, 4);
  await rejects(posts.getFirstListItem(`${filter} && views > 99`), 404);
  assert.deepEqual((await posts.getList(9, 2, { filter })).items, []);
  assert.equal((await posts.getList(1, 2, { filter, skipTotal: true })).totalItems, -1);
});

test('fields picks what is sent back', async () => {
  const { id } = await post('pick', { meta: { a: 1, b: 2 } });
  const picked = await here.client().collection('posts').getOne(id, { fields: 'title:excerpt(4,true),meta.a' });
  assert.deepEqual({ ...picked }, { title: 'pick...', meta: { a: 1 } });
});

test('expand brings relations both ways', async () => {
  const client = here.client();
  const one = await client.collection('tags').create({ label: 'expand one' });
  const two = await client.collection('tags').create({ label: 'expand two' });
  const created = await client.collection('posts').create({ title: 'expanded', tags: [two.id, one.id] }, { expand: 'tags' });
  assert.deepEqual(created.expand?.tags.map((/** @type {any} */ tag) => tag.label), ['expand two', 'expand one']);
  await client.collection('comments').create({ text: 'first', post: created.id });
  await client.collection('comments').create({ text: 'second', post: created.id });
  const read = await client.collection('posts').getOne(created.id, { expand: 'comments_via_post.post.tags' });
  assert.deepEqual(read.expand?.comments_via_post.map((/** @type {any} */ one) => one.text), ['first', 'second']);
  assert.equal(read.expand?.comments_via_post[0].expand.post.expand.tags.length, 2);
  const [found] = await client.collection('tags').getFullList({ filter: 'posts_via_tags.title ?= "expanded"', sort: 'label' });
  assert.equal(found?.id, one.id);
  assert.equal(await client.collection('posts').delete(created.id), true);
  assert.equal((await client.collection('comments').getList(1, 1, { filter: `post = "${created.id}"` })).totalItems, 0);
});

test('pb.filter passes any text through unharmed', async () => {
  const client = here.client();
  const nasty = [
    '',
    "it's",
    'say "hi"',
    'back\\slash',
    '\\"\\\'',
    'new\nline\r\n\ttab',
    '%_% \\% \\_',
    "'; DROP TABLE tags; --",
    '" || id != "',
    '{:label}',
    '// comment',
    'true',
    'null',
    '@now',
    '@request.auth.id',
    'ünïcödé ☃ 😀',
    '\u200bzero width',
    ' blanks around ',
    'x'.repeat(2000),
  ];
  for (const label of nasty) {
    const { id } = await client.collection('tags').create({ label });
    if (label.includes('@request.')) {
      // Only superusers may send this text, even within a string.
      await rejects(client.collection('tags').getFirstListItem(client.filter('label = {:label}', { label })), 403);
      continue;
    }
    const found = await client.collection('tags').getFullList({ filter: client.filter('label = {:label}', { label }) });
    assert.deepEqual(found.map((one) => one.id), [id], JSON.stringify(label));
    const others = await client.collection('tags').getFullList({ filter: client.filter('label != {:label}', { label }) });
    assert.ok(!others.some((one) => one.id === id), JSON.stringify(label));
  }
});

test('pb.filter passes numbers, booleans, dates and null', async () => {
  const client = here.client();
  const { id } = await post('typed', { views: -1.5, done: true, when: '2024-02-29 12:00:00.000Z' });
  const filter = client.filter('title = {:title} && views = {:views} && done = {:done} && when = {:when} && kind = {:kind}', {
    title: 'typed post',
    views: -1.5,
    done: true,
    when: new Date('2024-02-29T12:00:00Z'),
    kind: null,
  });
  assert.equal((await client.collection('posts').getFirstListItem(filter)).id, id);
});

test('a form is as good as an object', async () => {
  const posts = here.client().collection('posts');
  const body = new FormData();
  body.append('title', 'from a form');
  body.append('views', '12');
  body.append('done', 'true');
  body.append('marks', 'x');
  body.append('marks', 'z');
  body.append('meta', '{"a":[1]}');
  const created = await posts.create(body);
  assert.deepEqual([created.title, created.views, created.done, created.marks, created.meta], ['from a form', 12, true, ['x', 'z'], { a: [1] }]);
  const change = new FormData();
  change.append('views-', '2');
  change.append('marks', '');
  const updated = await posts.update(created.id, change);
  assert.deepEqual([updated.title, updated.views, updated.marks], ['from a form', 10, []]);
});

test('errors name the fields, with code and message', async () => {
  const posts = here.client().collection('posts');
  const error = await rejects(posts.create({ kind: 'nope', views: 'Infinity' }), 400, { title: 'validation_required', kind: 'validation_invalid_value', views: 'validation_not_a_number' });
  assert.equal(error.response.message, 'Failed to create record.');
  assert.equal(error.response.data.title.message, 'Cannot be blank.');
  assert.equal(error.response.data.kind.params?.value, 'nope');
  const label = 'taken';
  await here.client().collection('tags').create({ label });
  await rejects(here.client().collection('tags').create({ label }), 400, { label: 'validation_not_unique' });
  await rejects(posts.getList(1, 1, { filter: 'nope = 1' }), 400, {});
  await rejects(here.client().collection('nope').getList(), 404);
});

test('a batch is done whole or not at all', async () => {
  const { superuser } = here;
  const attempt = superuser.createBatch();
  attempt.collection('tags').create({ label: 'batch off' });
  await rejects(attempt.send(), 403);
  await superuser.settings.update({ batch: { enabled: true } });

  const client = here.client();
  const batch = client.createBatch();
  batch.collection('tags').create({ label: 'batch 1' });
  batch.collection('tags').upsert({ id: 'batch0000000001', label: 'batch 2' });
  batch.collection('tags').update('batch0000000001', { label: 'batch 3' }, { fields: 'label' });
  batch.collection('tags').delete('batch0000000001');
  const results = await batch.send();
  assert.deepEqual(results.map((one) => one.status), [200, 200, 200, 204]);
  assert.equal(results[0]?.body.label, 'batch 1');
  assert.deepEqual(results[2]?.body, { label: 'batch 3' });

  const failing = client.createBatch();
  failing.collection('tags').create({ label: 'batch 4' });
  failing.collection('tags').create({ label: 'batch 1' });
  const error = await rejects(failing.send(), 400);
  assert.equal(error.response.data.requests[1].response.data.label.code, 'validation_not_unique');
  const { totalItems } = await client.collection('tags').getList(1, 1, { filter: 'label = "batch 4"' });
  assert.equal(totalItems, 0);
});

test('rules decide who sees and does what', async () => {
  const { superuser } = here;
  await superuser.collections.create({
    name: 'notes',
    type: 'base',
    fields: [{ name: 'text', type: 'text' }, { name: 'owner', type: 'relation', collectionId: '_pb_users_auth_' }, { name: 'hush', type: 'text', hidden: true }],
    listRule: 'owner != "" && owner = @request.auth.id',
    viewRule: 'owner != "" && owner = @request.auth.id',
    createRule: '@request.auth.id != "" && owner = @request.auth.id',
    updateRule: 'owner != "" && owner = @request.auth.id',
  });
  for (const name of ['ann', 'bob']) await superuser.collection('users').create({ email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD });
  const [ann, bob, guest] = [await here.signedIn('ann@example.com'), await here.signedIn('bob@example.com'), here.client()];
  const note = await ann.collection('notes').create({ text: 'mine', owner: ann.authStore.record?.id, hush: 'ignored' });
  assert.equal('hush' in note, false);
  assert.equal((await superuser.collection('notes').getOne(note.id)).hush, '');
  assert.equal((await ann.collection('notes').getList()).totalItems, 1);
  assert.equal((await bob.collection('notes').getList()).totalItems, 0);
  assert.equal((await guest.collection('notes').getList()).totalItems, 0);
  await rejects(bob.collection('notes').getOne(note.id), 404);
  await rejects(bob.collection('notes').update(note.id, { text: 'his' }), 404);
  await rejects(bob.collection('notes').create({ text: 'x', owner: ann.authStore.record?.id }), 400, {});
  await rejects(ann.collection('notes').delete(note.id), 403);
});
