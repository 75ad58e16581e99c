import { test } from 'node:test';
import assert from 'node:assert/strict';
import { PASSWORD, rejects, world } from '../lib/sdk.mjs';

const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };

const here = world(async (superuser) => {
  const { collections, settings } = superuser;
  const fields = [
    { name: 'title', type: 'text' },
    { name: 'views', type: 'number' },
    { name: 'meta', type: 'json' },
    { name: 'cover', type: 'file' },
    { name: 'pages', type: 'file', maxSelect: 5 },
  ];
  await collections.create({ name: 'books', type: 'base', ...OPEN, fields });
  const guarded = [{ name: 'scan', type: 'file', protected: true }, { name: 'owner', type: 'relation', collectionId: '_pb_users_auth_' }];
  await collections.create({ name: 'guarded', type: 'base', ...OPEN, viewRule: 'owner = @request.auth.id', fields: guarded });
  await superuser.collection('users').create({ email: 'ann@example.com', password: PASSWORD, passwordConfirm: PASSWORD });
  await settings.update({ batch: { enabled: true } });
});

const paper = (/** @type {string} */ name, content = 'content') => new File([content], name, { type: 'text/plain' });
const read = async (/** @type {string} */ url) => {
  const answer = await fetch(url);
  return answer.ok ? answer.text() : answer.status;
};

test('a record is made from an object with files', async () => {
  const client = here.client();
  const book = await client.collection('books').create({ title: '5', views: 7, meta: { a: [1] }, cover: paper('Front Cover.txt', 'front'), pages: [paper('one.txt', '1'), paper('two.txt', '2')] });
  assert.deepEqual([book.title, book.views, book.meta], ['5', 7, { a: [1] }]);
  assert.match(book.cover, /^front_cover_\w{10}\.txt$/);
  assert.equal(await read(client.files.getURL(book, book.cover)), 'front');
  assert.equal(await read(client.files.getURL(book, book.pages[1])), '2');
});

test('a record is made and changed with FormData', async () => {
  const books = here.client().collection('books');
  const data = new FormData();
  data.append('title', 'typed');
  data.append('pages', paper('alpha.txt'));
  data.append('pages', paper('beta.txt'));
  const book = await books.create(data);
  const more = new FormData();
  more.append('pages+', paper('gamma.txt'));
  const grown = await books.update(book.id, more);
  assert.deepEqual(grown.pages.slice(0, 2), book.pages);
  const [first, ...rest] = grown.pages;
  assert.deepEqual((await books.update(book.id, { 'pages-': [first] })).pages, rest);
  assert.deepEqual((await books.update(book.id, { pages: [] })).pages, []);
  await rejects(books.update(book.id, { cover: 'not-stored.txt' }), 400, { cover: 'validation_invalid_file' });
});

test('options of a file URL are understood', async () => {
  const client = here.client();
  const book = await client.collection('books').create({ cover: paper('cover.txt') });
  const answer = await fetch(client.files.getURL(book, book.cover, { thumb: '100x100', download: true }));
  assert.equal(answer.headers.get('content-disposition'), `attachment; filename="${book.cover}"`);
  assert.equal(await answer.text(), 'content');
  assert.equal(client.files.getURL(book, ''), '');
});

test('a protected file opens with a token of its owner', async () => {
  const ann = await here.signedIn('ann@example.com');
  const record = await ann.collection('guarded').create({ scan: paper('scan.txt', 'secret'), owner: ann.authStore.record?.id });
  assert.equal(await read(ann.files.getURL(record, record.scan)), 404);
  const token = await ann.files.getToken();
  assert.equal(await read(ann.files.getURL(record, record.scan, { token })), 'secret');
  await rejects(here.client().files.getToken(), 401);
});

test('a batch brings files', async () => {
  const client = here.client();
  const batch = client.createBatch();
  batch.collection('books').create({ title: 'first', cover: paper('first.txt', 'one') });
  batch.collection('books').create({ title: 'second', pages: [paper('second.txt', 'two')] });
  const [first, second] = await batch.send();
  assert.equal(await read(client.files.getURL(first?.body, first?.body.cover)), 'one');
  assert.equal(await read(client.files.getURL(second?.body, second?.body.pages[0])), 'two');
});
