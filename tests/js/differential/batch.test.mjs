import { PASSWORD, parts, raw, signIn, suite } from '../lib/differential.mjs';
import { OPEN, collection, id, number, record, relation, text } from '../lib/fields.mjs';

const SU = 'superuser';
const C = '/api/collections';
const BATCH = 'POST /api/batch';
const TAGS = '/api/collections/tags/records';

const setup = [
  record('users', { id: id('ann'), email: 'ann@example.com', password: PASSWORD, passwordConfirm: PASSWORD }),
  signIn('ann', 'users', 'ann@example.com'),
  collection('tags', [text('label', { required: true }), number('n')], { ...OPEN, indexes: ['create unique index label_ix on tags (label)'] }),
  collection('mine', [text('title'), relation('owner', '_pb_users_auth_')], { listRule: '', viewRule: '', createRule: 'owner = @request.auth.id && owner != ""', updateRule: 'owner = @request.auth.id', deleteRule: null }),
  collection('told', [text('title')], { ...OPEN, createRule: '@request.context = "batch" && @request.headers.x_key = "abc"', updateRule: '@request.method = "PUT"' }),
  collection('notes', [relation('tag', '{{tags}}')], OPEN),
];

const post = (/** @type {object} */ body, url = TAGS, more = {}) => ({ method: 'POST', url, body, ...more });
const patch = (/** @type {string} */ name, /** @type {object} */ body, query = '') => ({ method: 'PATCH', url: `${TAGS}/${id(name)}${query}`, body });
const put = (/** @type {object} */ body, url = TAGS) => ({ method: 'PUT', url, body });
const del = (/** @type {string} */ name, url = TAGS) => ({ method: 'DELETE', url: `${url}/${id(name)}` });
const batch = (/** @type {number} */ status, /** @type {object[]} */ requests, options = {}, caller = 'guest') => [status, caller, BATCH, { requests }, options];
const count = (/** @type {number} */ totalItems) => [200, SU, `GET ${TAGS}`, { fields: 'id,label,n', sort: '@rowid' }, { body: { totalItems } }];
const fails = { message: 'Batch transaction failed.' };
const invalid = { message: 'Invalid batch request data.' };

const OFF = { differs: { why: 'the setting is named', status: 403, body: { message: 'Batch requests are not allowed: the setting batch.enabled is off.', data: {} } } };

suite('batch', setup, {
  'off by default': [
    batch(403, [post({ label: 'x' })], OFF),
    batch(403, [post({ label: 'x' })], OFF, SU),
    [403, 'guest', BATCH, raw('application/json', '{bad'), OFF],
    [200, SU, 'PATCH /api/settings', { batch: { enabled: true, maxRequests: 5 } }, { query: { fields: 'batch' } }],
  ],
  'the four methods': [
    batch(200, [
      post({ label: 'b1' }),
      put({ id: id('upsert1'), label: 'b2' }, `${TAGS}?fields=id,label`),
      { ...patch('upsert1', { label: 'b3' }, '?fields=label') },
      put({ id: id('upsert1'), label: 'b4' }),
      del('upsert1'),
    ]),
    count(1),
    batch(200, [put({ label: 'without an id' })]),
    batch(200, [post({ id: id('t1'), label: 'one', n: 1 }), { ...patch('t1', { 'n+': 4 }) }, post({ label: 'two' }, `${TAGS}?fields=label`)]),
    batch(200, [post({ id: id('t2'), label: 'swap' }), post({ tag: id('t2') }, `${C}/notes/records?expand=tag`)]),
    batch(200, [post({ label: 'by id' }, `${C}/{{tags}}/records`)]),
    count(6),
  ],
  'all or nothing': [
    batch(400, [post({ label: 'three' }), post({ label: 'one' }), post({ label: 'never run' })], { body: { ...fails, data: { requests: { 1: { code: 'batch_request_failed', response: { data: { label: { code: 'validation_not_unique' } }, status: 400 } } } } } }),
    batch(400, [post({ label: 'four' }), post({})], { body: fails }),
    batch(400, [post({ label: 'five' }), del('missing')], { body: fails }),
    batch(400, [post({ label: 'six' }), patch('missing', {})], { body: fails }),
    batch(400, [del('t2'), post({ label: 'x' }, `${C}/nope/records`)], { body: fails }),
    count(6),
  ],
  'rules count': [
    batch(400, [post({ title: 'x', owner: id('ann') }, `${C}/mine/records`)], { body: fails }),
    batch(200, [post({ id: id('m1'), title: 'x', owner: id('ann') }, `${C}/mine/records`)], {}, 'ann'),
    batch(400, [del('m1', `${C}/mine/records`)], { body: fails }, 'ann'),
    batch(200, [put({ id: id('m1'), title: 'changed' }, `${C}/mine/records`)], {}, 'ann'),
    batch(400, [put({ id: id('m1'), title: 'changed' }, `${C}/mine/records`)], { body: fails }),
    batch(400, [post({ title: 'x', owner: id('ann') }, `${C}/mine/records`, { headers: { Authorization: '{{ann}}' } })], { body: fails, name: 'an inner Authorization header is ignored' }),
    batch(200, [del('m1', `${C}/mine/records`)], {}, SU),
    batch(400, [post({ title: 'x' }, `${C}/told/records`)], { body: fails }),
    batch(200, [post({ title: 'x' }, `${C}/told/records`, { headers: { 'X-Key': 'abc' } })]),
    batch(200, [post({ title: 'x' }, `${C}/told/records`)], { headers: { 'X-Key': 'abc' }, name: 'the outer headers are also those of each request' }),
    batch(400, [post({ title: 'x' }, `${C}/told/records`, { headers: { 'x-key': 'other' } })], { headers: { 'X-Key': 'abc' }, body: fails, name: 'its own header wins' }),
  ],
  'what is refused at once': [
    batch(400, [], { body: invalid, codes: 'requests:validation_required' }),
    [400, 'guest', BATCH, {}, { body: invalid, codes: 'requests:validation_required' }],
    [400, 'guest', BATCH, raw('application/json', '{bad'), { body: { message: /^Failed to read the submitted batch data\./ } }],
    [400, 'guest', BATCH, { requests: 'x' }],
    batch(400, Array(6).fill(post({ label: 'many' })), { codes: 'requests:validation_length_too_long' }),
    batch(400, [{ method: 'NOPE', url: TAGS }], { codes: 'requests.0.method:validation_in_invalid' }),
    batch(400, [{ method: 'post', url: TAGS, body: { label: 'x' } }], { name: 'methods in small letters' }),
    batch(400, [{ url: TAGS }], { codes: 'requests.0.method:validation_required' }),
    batch(400, [{ method: 'POST' }], { codes: 'requests.0.url:validation_required' }),
    batch(400, [{ method: 'POST', url: `${TAGS}?${'x'.repeat(2000)}` }], { codes: 'requests.0.url:validation_length_too_long' }),
    batch(400, [{ method: 'GET', url: TAGS }], { body: fails }),
    batch(400, [post({}, '/api/health')], { body: fails }),
    batch(400, [post({ identity: 'a', password: 'b' }, `${C}/users/auth-with-password`)], { body: fails }),
    batch(400, [post({ label: 'x' }, 'http://127.0.0.1/api/collections/tags/records')], { body: fails }),
    batch(400, [post({ label: 'x' }, 'api/collections/tags/records')], { body: fails }),
    ...[{ body: 'x' }, { body: '{"label":"x"}' }, { body: [] }, { headers: 'x' }, { headers: { a: 5 } }].map((more) => batch(400, [{ ...post({ label: 'x' }), ...more }], { body: { message: 'Failed to read the submitted batch data.', data: {} } })),
    batch(400, ['x'], { body: { message: 'Failed to read the submitted batch data.' } }),
    batch(400, [patch('t1', {})], { query: { fields: 'status:nope()' } }),
    [404, 'guest', 'GET /api/batch'],
    count(6),
  ],
  'the fields picker': [
    batch(200, [{ method: 'PATCH', url: TAGS + '/' + id('t1'), body: null, headers: null }, patch('t1', {}, '?fields=label,n')], { query: { fields: 'body.label,body.id' } }),
    batch(200, [patch('t1', {})], { query: { fields: 'status' } }),
  ],
  'as a form': [
    [200, 'guest', BATCH, parts(['@jsonPayload', { requests: [post({ label: 'from a form' }), post({ label: 'another' })] }]), {}],
    [400, 'guest', BATCH, parts(['@jsonPayload', '{bad'])],
    [400, 'guest', BATCH, parts(['requests', 'x'])],
    count(8),
  ],
  'limits of the settings': [
    [200, SU, 'PATCH /api/settings', { batch: { maxRequests: 1 } }, { query: { fields: 'batch' } }],
    batch(400, [post({ label: 'x1' }), post({ label: 'x2' })], { codes: 'requests:validation_length_too_long' }),
    batch(200, [post({ label: 'x1' })]),
    [200, SU, 'PATCH /api/settings', { batch: { maxBodySize: 100 } }, { query: { fields: 'batch' } }],
    batch(413, [post({ label: 'x'.repeat(200) })], { body: { message: 'Request entity too large.', data: {} } }),
  ],
});
