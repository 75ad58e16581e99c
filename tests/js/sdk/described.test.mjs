//! What superusers' endpoints answer is what the OpenAPI document says, no less and no more. The dashboard's types are
//! generated from that document.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describedBy, DOCUMENT_FILE } from '../../../admin-ui/vite/api-types.js';
import { autodate, bool, email, file, number, relation, select, text } from '../lib/fields.mjs';
import { undescribed } from '../lib/schema.mjs';
import { PASSWORD, world } from '../lib/sdk.mjs';
import { IS_SELF_CHECK, OURS } from '../lib/server.mjs';

const here = world(async (superuser) => {
  if (IS_SELF_CHECK) return;
  const users = await superuser.collections.getOne('users');
  await superuser.collections.create({
    name: 'posts', type: 'base', listRule: 'public = true || owner = @request.auth.id', viewRule: '', deleteRule: "@request.auth.id != ''",
    fields: [text('title', { help: 'What it is about' }), text('note'), number('rank'), bool('public'), email('mail'), relation('owner', users.id), select('tags', ['a', 'b', 'c'], 3), text('secret', { hidden: true }), file('photo'), autodate('made')],
    indexes: ['CREATE INDEX idx_rank ON posts (rank)'],
  });
  await superuser.collections.create({ name: 'ranks', type: 'view', listRule: '', viewQuery: 'SELECT id, rank, secret FROM posts' });
  await superuser.collections.update('users', { oauth2: { enabled: true, providers: [{ name: 'google', clientId: 'c', clientSecret: 's' }] }, otp: { enabled: true } });
  const user = await superuser.collection('users').create({ email: 'ana@example.com', password: PASSWORD, passwordConfirm: PASSWORD });
  for (const title of ['one', 'one', 'two']) await superuser.collection('posts').create({ title, note: 'n', rank: 1, owner: user.id, tags: ['a', 'b'] });
});

/** The document, once. @type {Promise<import('../lib/schema.mjs').Json> | undefined} */
let document;

/** Sends a request and compares the answer. @returns {Promise<any>} */
async function conforms(/** @type {string} */ method, /** @type {string} */ template, /** @type {{ path?: string, body?: unknown, query?: Record<string, string> }} */ { path = template, body, query } = {}) {
  document ??= here.superuser.send('/api/openapi.json', {});
  const described = await document;
  const answer = await here.superuser.send(path, { method, body: /** @type {any} */ (body), query });
  const { schema } = described.paths[template][method.toLowerCase()].responses['200'].content['application/json'];
  assert.deepEqual(undescribed(described, schema, answer), [], `${method} ${path}: ${JSON.stringify(answer).slice(0, 500)}`);
  return answer;
}

test('the stored document of the dashboard is what the program says; if not, run npm run api-types in admin-ui', { skip: IS_SELF_CHECK }, async () => {
  const described = await describedBy(/** @type {string} */ (OURS));
  assert.deepEqual(JSON.parse(await readFile(DOCUMENT_FILE, 'utf8')), JSON.parse(JSON.stringify(described)));
});

test('settings, collections, and what belongs to them', { skip: IS_SELF_CHECK }, async () => {
  await conforms('GET', '/api/settings');
  await conforms('PATCH', '/api/settings', { body: { openapi: { public: true }, mailLinks: { baseURL: 'https://example.com' }, s3: { secret: 'x' } } });
  await conforms('PATCH', '/api/settings', { body: { openapi: null, mailLinks: null } });
  const { items } = await conforms('GET', '/api/collections', { query: { perPage: '100' } });
  assert.ok(['base', 'auth', 'view'].every((type) => items.some((/** @type {any} */ one) => one.type === type)));
  await conforms('GET', '/api/collections/meta/scaffolds');
  await conforms('GET', '/api/collections/meta/oauth2-providers');
  await conforms('POST', '/api/collections/meta/dry-run-view', { body: { query: 'SELECT id, title FROM posts' } });
  for (const address of ['/api/health', '/api/server', '/api/crons', '/api/backups', '/api/logs', '/api/logs/stats', '/api/scripts']) await conforms('GET', address);
  await conforms('POST', '/api/server/check');
  await conforms('POST', '/api/scripts/check', { body: { name: 'a.rhai', text: 'validate("posts", |e| {});' } });
  await conforms('POST', '/api/scripts/check', { body: { name: 'a.rhai', text: 'let x = ;' } });
  while ((await conforms('GET', '/api/server')).check.last === null);
  const { columns, rows } = await conforms('POST', '/api/sql', { body: { query: 'SELECT title, NULL AS empty_one FROM posts' } });
  assert.equal(columns.length, 2);
  assert.deepEqual(rows[0], ['one', null]);
});

test('rules and who may do what', { skip: IS_SELF_CHECK }, async () => {
  const { collections } = await conforms('GET', '/api/exposure');
  assert.ok(collections.flatMap((/** @type {any} */ one) => one.warnings).length > 2);
  await conforms('GET', '/api/collections/meta/rule-words');
  const on = (/** @type {string} */ verb) => ({ template: `/api/collections/{collection}/${verb}`, path: `/api/collections/posts/${verb}` });
  const parse = on('rules/parse');
  const rule = "(title:lower = 'x' || geoDistance(1, 2, 3, 4) < 5) && owner.email != @request.auth.email && @now > '2020-01-01' && public = true && rank = null";
  for (const text of [rule, "titel = 'x'", '', "@request.auth.rool = 'x'"]) await conforms('POST', parse.template, { path: parse.path, body: { rule: text } });
  const found = await here.superuser.collection('posts').getFirstListItem('');
  const trial = on('rules/test');
  for (const body of [{ kind: 'view', rule, record: found.id }, { kind: 'update', rule, record: found.id, body: { rank: 'x' } }, { kind: 'list', record: 'missing' }, { kind: 'create', rule: null }]) {
    await conforms('POST', trial.template, { path: trial.path, body });
  }
  const sums = on('aggregate');
  await conforms('GET', sums.template, { path: sums.path, query: { fields: 'rank:sum,title:min,made:max,id:count' } });
});

test('previews of changes', { skip: IS_SELF_CHECK }, async () => {
  const posts = await here.superuser.collections.getOne('posts');
  const fields = posts.fields.filter(({ name }) => name !== 'note').map((field) => (field.name === 'tags' ? { ...field, maxSelect: 1, values: ['a'] } : field.name === 'title' ? { ...field, name: 'headline', pattern: '^t' } : field));
  const path = `/api/collections/${posts.id}/preview`;
  const template = '/api/collections/{collection}/preview';
  const changed = await conforms('POST', template, { path, body: { fields: [...fields, { name: 'note', type: 'number' }], indexes: ['CREATE UNIQUE INDEX idx_u ON posts (rank)'] } });
  assert.equal(changed.isAllowed, false);
  assert.ok(changed.losesData && changed.collections[0].indexes.some((/** @type {any} */ one) => one.duplicates?.records === 3), JSON.stringify(changed));
  await conforms('POST', template, { path, body: { name: 'articles' } });
  await conforms('POST', template, { path, body: { listRule: 'nope = 1' } });
  await conforms('POST', '/api/collections/preview', { body: { name: 'fresh', fields: [{ name: 'a', type: 'text' }] } });
  await conforms('PUT', '/api/collections/import/preview', { body: { collections: [{ name: 'fresh' }], deleteMissing: true } });
});

test('imports, from the file to the undo', { skip: IS_SELF_CHECK }, async () => {
  const form = new FormData();
  form.append('collection', 'people');
  form.append('file', new File(['name,age,born\nana,30,01/02/2000\nbob,x,\n'], 'people.csv'));
  const made = await conforms('POST', '/api/imports', { body: form });
  assert.equal(made.columns.length, 3);
  const at = (/** @type {string} */ more = '') => ({ template: `/api/imports/{id}${more}`, path: `/api/imports/${made.id}${more}` });
  await conforms('PATCH', at().template, { path: at().path, body: { delimiter: ',' } });
  const described = await here.superuser.send('/api/openapi.json', {});
  const { plan } = await conforms('GET', at().template, { path: at().path });
  for (const body of [{ plan: { ...plan, columns: plan.columns.map((/** @type {any} */ column) => (column.column === 'age' ? { ...column, type: 'number', options: {} } : column)) }, dryRun: true }, { plan }]) {
    const response = await fetch(here.superuser.buildURL(at('/run').path), { method: 'POST', headers: { Authorization: here.superuser.authStore.token, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    for (const [, name, data] of (await response.text()).matchAll(/event: ?(\w+)\ndata: ?(.*)\n/g)) {
      const schema = { progress: 'ImportProgress', result: 'ImportResult' }[String(name)];
      assert.ok(schema, `${name}: ${data}`);
      assert.deepEqual(undescribed(described, described.components.schemas[schema], JSON.parse(String(data))), [], String(data));
    }
  }
  assert.ok((await conforms('GET', at().template, { path: at().path })).result.isImported);
  const { items } = await conforms('GET', '/api/imports');
  assert.equal(items.length, 1);
  await conforms('GET', at('/undo').template, { path: at('/undo').path });
  await conforms('POST', at('/undo').template, { path: at('/undo').path });
});
