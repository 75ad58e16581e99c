import { PASSWORD, form, raw, signIn, suite } from '../lib/differential.mjs';
import { OPEN, collection, id, record, text } from '../lib/fields.mjs';

const SU = 'superuser';
const T = '/api/collections/tags/records';
const setup = [
  record('users', { id: id('ann'), email: 'ann@example.com', password: PASSWORD, passwordConfirm: PASSWORD }),
  signIn('ann', 'users', 'ann@example.com'),
  collection('tags', [text('label')], OPEN),
  record('tags', { id: id('tag1'), label: 'one' }),
];

const notFound = { message: "The requested resource wasn't found.", data: {}, status: 404 };
const noFile = { message: 'File not found.', data: {}, status: 404 };
const cors = ['access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers', 'access-control-allow-credentials', 'access-control-max-age'];
const preflight = (/** @type {string} */ path, headers = {}) => [
  204,
  'guest',
  `OPTIONS ${path}`,
  undefined,
  { headers: { Origin: 'http://x.com', 'Access-Control-Request-Method': 'PATCH', 'Access-Control-Request-Headers': 'authorization,content-type', ...headers }, compareHeaders: cors },
];

suite('the protocol', setup, {
  'routes that are not there': [
    ...['GET', 'HEAD'].map((method) => [404, 'guest', `${method} /api/nope`, undefined, method === 'GET' ? { body: noFile } : {}]),
    ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [404, 'guest', `${method} /api/nope`, {}, { body: notFound }]),
    [404, 'guest', 'GET /nope', undefined, { body: noFile }],
    [404, 'guest', 'GET /', undefined, { body: noFile }],
    [404, 'guest', 'POST /', {}, { body: notFound }],
    [404, 'guest', 'GET /api', undefined, { body: noFile }],
    [404, 'guest', 'GET /api/', undefined, { body: noFile }],
    [404, 'guest', 'GET /api/health/'],
    [404, 'guest', `GET ${T}/`],
    [404, 'guest', 'GET /API/health'],
    [404, SU, 'GET /api/nope'],
    [401, 'guest', 'GET /api/collections/tags'],
    [404, 'guest', 'GET /..%2f..%2fetc/passwd'],
    [404, 'guest', 'GET /api/collections/tags/records/..%2f..'],
    [404, 'guest', 'GET /api/collections/tags/records/%00'],
  ],
  'methods that do not fit': [
    ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [404, 'guest', `${method} /api/health`, {}, { body: notFound }]),
    ...['PUT', 'PATCH', 'DELETE'].map((method) => [404, SU, `${method} ${T}`, {}, { body: notFound }]),
    ...['POST', 'PUT'].map((method) => [404, SU, `${method} ${T}/${id('tag1')}`, {}, { body: notFound }]),
    [404, 'guest', 'POST /api/collections/users/auth-methods', {}],
    [404, 'guest', 'GET /api/collections/users/auth-with-password'],
    [404, SU, 'PATCH /api/collections', {}],
    [404, SU, 'GET /api/collections/import'],
  ],
  'HEAD is GET without the body': [
    [200, 'guest', `HEAD ${T}`],
    [200, 'guest', `HEAD ${T}/${id('tag1')}`],
    [404, 'guest', `HEAD ${T}/missing`],
    [200, SU, 'HEAD /api/settings'],
    [401, 'guest', 'HEAD /api/settings'],
  ],
  'targets as people type them': [
    [200, 'guest', `GET ${T}?filter=label="one"&fields=label`, undefined, { body: { totalItems: 1 } }],
    [200, 'guest', `GET ${T}?filter=label>"a"&&label<"z"&fields=label`, undefined, { body: { totalItems: 1 } }],
    [404, 'guest', `GET ${T}/<x>"`],
    [200, 'guest', `POST ${T}?fields="<label>",label`, { label: '"<>"' }, { body: { label: '"<>"' } }],
    [200, 'guest', `GET ${T}?filter=label="\\"<>\\""&fields=label`, undefined, { body: { totalItems: 1 } }],
  ],
  CORS: [
    ...[T, '/api/health', '/api/nope', '/', '/api/settings', '/api/collections/users/auth-with-password'].map((path) => preflight(path)),
    preflight(T, { 'Access-Control-Request-Headers': 'x-custom,accept-language' }),
    [204, 'guest', `OPTIONS ${T}`, undefined, { compareHeaders: cors, name: 'OPTIONS without an origin' }],
    [200, 'guest', `GET ${T}`, undefined, { headers: { Origin: 'http://x.com' }, compareHeaders: cors }],
    [200, 'guest', `GET ${T}`, undefined, { compareHeaders: cors }],
    [404, 'guest', 'GET /api/nope', undefined, { headers: { Origin: 'http://x.com' }, compareHeaders: cors, name: 'errors carry it too' }],
    [401, 'guest', 'GET /api/settings', undefined, { headers: { Origin: 'http://x.com' }, compareHeaders: cors, name: 'errors carry it too, guarded' }],
    [400, 'guest', `POST ${T}`, raw('application/json', '{bad'), { headers: { Origin: 'http://x.com' }, compareHeaders: cors, name: 'errors carry it too, bad body' }],
  ],
  headers: [
    [200, 'guest', 'GET /api/health', undefined, { compareHeaders: ['x-content-type-options', 'content-type'] }],
    [200, 'guest', `GET ${T}`, undefined, { compareHeaders: ['x-content-type-options'] }],
    [404, 'guest', 'GET /api/nope', undefined, { compareHeaders: ['x-content-type-options'] }],
    [204, 'guest', `DELETE ${T}/${id('tag1')}`, undefined, { compareHeaders: ['x-content-type-options'] }],
    [200, 'guest', 'GET /api/health', undefined, { headers: { Accept: 'text/html', 'Accept-Encoding': 'identity', 'Accept-Language': 'en-US' } }],
  ],
  'what cannot be read, wherever it is sent': [
    ...[
      ['POST', T, 'guest'],
      ['POST', '/api/collections/users/auth-with-password', 'guest'],
      ['POST', '/api/collections', SU],
      ['PATCH', '/api/settings', SU],
      ['PUT', '/api/collections/import', SU],
      ['POST', '/api/collections/meta/dry-run-view', SU],
      ['POST', `/api/collections/users/impersonate/${id('ann')}`, SU],
    ].flatMap(([method, path, caller]) => [
      ...['{bad', '[1]', '"text"', '12', '{"a":1,"a":2}', '{"name":"\\ud800"}'].map((body) => [400, caller, `${method} ${path}`, raw('application/json', body)]),
      [400, caller, `${method} ${path}`, raw('text/plain', '{}'), /settings|impersonate/.test(path) ? { differs: { why: 'it says what is wrong', status: 400, body: { message: 'Unsupported Content-Type.', data: {} } } } : {}],
    ]),
  ],
  'queries that cannot be read': [
    [200, 'guest', `GET ${T}?%zz`, undefined, { name: 'a bad escape in the query' }],
    [200, 'guest', `GET ${T}?page=1&&&`],
    [200, 'guest', `GET ${T}?=x`],
    [400, 'guest', `GET ${T}?filter=%ff`, undefined, { name: 'a filter that is not UTF-8' }],
    [200, 'guest', `GET ${T}?filter=`],
    [200, 'guest', `GET ${T}?sort=`],
    [200, 'guest', `GET ${T}?expand=&fields=`],
    [200, 'guest', `GET ${T}?page=999999999999`],
    [400, 'guest', `GET ${T}?page=99999999999999999999`],
  ],
  'too much': [
    [413, 'guest', 'POST /api/collections/users/auth-with-password', raw('application/json', ''), { headers: { 'content-length': String(33 * 1024 * 1024), connection: 'close' }, body: { message: 'Request entity too large.', data: {} }, name: 'a body that is announced as too large', differs: { why: 'the small limit of forms is named', status: 413, body: { message: 'Request entity too large: at most 64 KiB are accepted here.', data: {} } } }],
    [413, SU, `POST ${T}`, raw('application/json', ''), { headers: { 'content-length': String(33 * 1024 * 1024), connection: 'close' }, name: 'the same for a record' }],
    [200, 'guest', `POST ${T}`, { label: 'x'.repeat(5000) }, { query: { fields: 'id' }, shapes: { id: /^[a-z0-9]{15}$/ } }],
    [200, 'guest', `POST ${T}`, form({ label: '-0' }), { body: { label: '-0' }, name: 'no number is written like this' }],
    [200, 'guest', `POST ${T}`, form(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`k${i}`, i]))), { name: 'a form of 3000 keys' }],
  ],
});
