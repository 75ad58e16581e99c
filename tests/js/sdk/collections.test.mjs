import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rejects, world } from '../lib/sdk.mjs';

const here = world();

test('a collection is created, read, changed and deleted', async () => {
  const { collections } = here.superuser;
  const created = await collections.create({ name: 'books', type: 'base', fields: [{ name: 'title', type: 'text', required: true }] });
  assert.match(created.id, /^pbc_\d+$/);
  assert.deepEqual(created.fields.map((field) => field.name), ['id', 'title']);
  assert.equal(created.listRule, null);

  assert.deepEqual(await collections.getOne('books'), created);
  assert.deepEqual(await collections.getOne(created.id), created);
  assert.equal((await collections.getFirstListItem('name = "books"')).id, created.id);

  const renamed = await collections.update('books', { name: 'novels', listRule: '' });
  assert.equal(renamed.name, 'novels');
  assert.equal(renamed.listRule, '');
  assert.equal(renamed.id, created.id);
  await rejects(collections.getOne('books'), 404);

  assert.equal(await collections.delete('novels'), true);
  await rejects(collections.getOne(created.id), 404);
});

test('lists come in pages and in full', async () => {
  const { collections } = here.superuser;
  for (const name of ['list_a', 'list_b', 'list_c']) await collections.create({ name, type: 'base' });
  const page = await collections.getList(1, 2, { filter: 'name ~ "list_"', sort: '-name' });
  assert.deepEqual(page.items.map((one) => one.name), ['list_c', 'list_b']);
  assert.deepEqual([page.page, page.perPage, page.totalItems, page.totalPages], [1, 2, 3, 2]);
  const all = await collections.getFullList({ batch: 1, filter: 'name ~ "list_"', sort: 'name' });
  assert.deepEqual(all.map((one) => one.name), ['list_a', 'list_b', 'list_c']);
});

test('editing what was read and sending it back whole keeps everything', async () => {
  const { collections } = here.superuser;
  const people = await collections.create({
    name: 'people',
    type: 'auth',
    fields: [{ name: 'nick', type: 'text' }],
    oauth2: { enabled: true, providers: [{ name: 'github', clientId: 'id', clientSecret: 'secret' }] },
  });
  people.fields.push({ name: 'age', type: 'number' });
  const saved = await collections.update('people', people);
  assert.deepEqual(saved.fields.map((field) => field.id).slice(0, -1), people.fields.map((field) => field.id).slice(0, -1));
  assert.equal(saved.oauth2.providers[0].clientId, 'id');
  assert.equal(saved.oauth2.providers[0].clientSecret, undefined);
  assert.deepEqual(saved.indexes, people.indexes);
});

test('export, then import, brings the same collections back', async () => {
  const { collections } = here.superuser;
  await collections.create({ name: 'kept', type: 'base', fields: [{ name: 'title', type: 'text' }] });
  await here.superuser.collection('kept').create({ title: 'still here' });
  const exported = await collections.getFullList();
  await collections.create({ name: 'late', type: 'base' });
  assert.equal(await collections.import(exported), true);
  assert.ok(await collections.getOne('late'));
  assert.equal(await collections.import(exported, true), true);
  await rejects(collections.getOne('late'), 404);
  assert.equal((await here.superuser.collection('kept').getFirstListItem('')).title, 'still here');
  const again = await collections.getFullList();
  const strip = (/** @type {any} */ { updated: _, ...rest }) => rest;
  const byName = (/** @type {any} */ a, /** @type {any} */ b) => (a.name < b.name ? -1 : 1);
  assert.deepEqual(again.map(strip).sort(byName), exported.map(strip).sort(byName));
});

test('truncating leaves the collection and takes the records', async () => {
  const { superuser } = here;
  await superuser.collections.create({ name: 'heap', type: 'base' });
  await superuser.collection('heap').create({});
  await superuser.collection('heap').create({});
  assert.equal(await superuser.collections.truncate('heap'), true);
  assert.equal((await superuser.collection('heap').getList()).totalItems, 0);
});

test('scaffolds are a start for each type', async () => {
  const { collections } = here.superuser;
  const scaffolds = await collections.getScaffolds();
  assert.deepEqual(Object.keys(scaffolds).sort(), ['auth', 'base', 'view']);
  const created = await collections.create({ ...scaffolds.base, name: 'from_scaffold' });
  assert.equal(created.type, 'base');
  assert.ok(scaffolds.auth.fields.some((/** @type {any} */ field) => field.name === 'email'));
});

test('a view is a collection that can only be read', async () => {
  const { superuser } = here;
  await superuser.collections.create({ name: 'sales', type: 'base', fields: [{ name: 'shop', type: 'text' }, { name: 'amount', type: 'number' }] });
  for (const amount of [1, 2, 3]) await superuser.collection('sales').create({ shop: 'a', amount });
  await superuser.collections.create({ name: 'totals', type: 'view', viewQuery: 'select (shop) as id, total(amount) as amount, count(id) as sales from sales group by shop' });
  const totals = await superuser.collection('totals').getFullList();
  assert.deepEqual(totals.map(({ id, amount, sales }) => ({ id, amount, sales })), [{ id: 'a', amount: 6, sales: 3 }]);
  await rejects(superuser.collection('totals').create({}), 400);
});

test('errors name the field, however deep', async () => {
  const { collections } = here.superuser;
  await rejects(collections.create({ name: 'bad name', type: 'base', listRule: 'nope = 1' }), 400, { name: 'validation_match_invalid', listRule: 'validation_invalid_rule' });
  const error = await rejects(collections.create({ name: 'deep', type: 'base', fields: [{ name: 'ok', type: 'text' }, { name: 'to', type: 'relation' }] }), 400);
  assert.equal(error.response.data.fields[2].collectionId.code, 'validation_required');
  await rejects(collections.delete('_superusers'), 400);
  await rejects(collections.import([]), 400, { collections: 'validation_required' });
});

test('nobody else may look at or change the schema', async () => {
  const guest = here.client();
  await rejects(guest.collections.getFullList(), 401);
  await rejects(guest.collections.create({ name: 'x', type: 'base' }), 401);
  await rejects(guest.collections.delete('users'), 401);
});
