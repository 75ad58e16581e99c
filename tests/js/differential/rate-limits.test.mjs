// Rate limits: which labels in the settings apply to which request. Each line is a request with the labels that must
// apply to it: with each of them, it is accepted once and refused the second time.

import { suite } from '../lib/differential.mjs';

/** @typedef {import('../lib/differential.mjs').Case} Case */

const U = '/api/collections/users';
const X = 'missing00000000';
const POSTS = '/api/collections/posts/records';
const NEW = { method: 'POST', url: POSTS, body: {} };

const limit = (/** @type {string} */ label, audience = '') =>
  /** @type {Case} */ ([200, 'superuser', 'PATCH /api/settings', {
    rateLimits: { enabled: true, rules: [{ label, audience, maxRequests: 1, duration: 600 }] },
  }, { name: `limit ${label} ${audience}`, query: { fields: 'rateLimits' } }]);

const body = (/** @type {string} */ line) => (line.startsWith('GET') || line.startsWith('HEAD') ? undefined : {});

/** @returns {Case[]} */
const counts = (/** @type {number} */ status, /** @type {string} */ line, /** @type {string[]} */ ...labels) =>
  labels.flatMap((label) => [
    limit(label),
    [status, 'guest', line, body(line), { name: `${line} within ${label}` }],
    [429, 'guest', line, body(line), { name: `${line} beyond ${label}` }],
  ]);

/** @returns {Case[]} */
const ignores = (/** @type {number} */ status, /** @type {string} */ line, /** @type {string[]} */ ...labels) =>
  labels.flatMap((label) => [
    limit(label),
    [status, 'guest', line, body(line), { name: `${line} beside ${label}` }],
    [status, 'guest', line, body(line), { name: `${line} again beside ${label}` }],
  ]);

const batch = (/** @type {number} */ status, /** @type {object} */ request, refused = false) =>
  /** @type {Case} */ ([status, 'guest', 'POST /api/batch', { requests: [request] }, {
    ignore: ['0.body.id'],
    ...(refused && { body: { data: { requests: { 0: { response: { status: 429 } } } } } }),
  }]);

suite('rate limits', [
  [200, 'superuser', 'PATCH /api/settings', { batch: { enabled: true, maxRequests: 10, timeout: 3 } }, { query: { fields: 'batch.enabled' } }],
  [200, 'superuser', 'POST /api/collections', { name: 'posts', type: 'base', createRule: '', updateRule: '' }, { query: { fields: 'name' } }],
], {
  'sign-in': [
    ...counts(403, `POST ${U}/request-otp`, '*:requestOTP', 'users:requestOTP', `POST ${U}/request-otp`, '/api/collections/users/'),
    ...counts(403, `POST ${U}/auth-with-otp`, '*:authWithOTP', 'users:authWithOTP', '*:auth', 'users:auth'),
    ...counts(403, `POST ${U}/auth-with-oauth2`, '*:authWithOAuth2', 'users:authWithOAuth2', '*:auth'),
    ...counts(400, `POST ${U}/auth-with-password`, '*:authWithPassword', '*:auth'),
    ...counts(401, `POST ${U}/auth-refresh`, '*:authRefresh', '/api/'),
    ...ignores(401, `POST ${U}/auth-refresh`, '*:auth', '*:authWithOTP'),
    ...counts(200, `GET ${U}/auth-methods`, '*:listAuthMethods'),
    ...counts(401, `POST ${U}/impersonate/${X}`, '/api/collections/', `POST ${U}/impersonate/${X}`),
    ...ignores(401, `POST ${U}/impersonate/${X}`, '*:auth', '*:view'),
    ...counts(307, 'GET /api/oauth2-redirect', '/api/oauth2-redirect', 'GET /api/'),
  ],
  'mailed links': [
    ...counts(400, `POST ${U}/request-verification`, '*:requestVerification', 'users:requestVerification'),
    ...counts(400, `POST ${U}/confirm-verification`, '*:confirmVerification'),
    ...counts(400, `POST ${U}/request-password-reset`, '*:requestPasswordReset', 'users:requestPasswordReset'),
    ...counts(400, `POST ${U}/confirm-password-reset`, '*:confirmPasswordReset'),
    ...counts(401, `POST ${U}/request-email-change`, '*:requestEmailChange'),
    ...counts(400, `POST ${U}/confirm-email-change`, '*:confirmEmailChange'),
    ...ignores(400, `POST ${U}/confirm-email-change`, '*:requestEmailChange', '*:auth'),
  ],
  files: [
    ...counts(404, `GET /api/files/users/${X}/a.png`, '*:file', 'users:file', '/api/files/'),
    ...counts(404, `HEAD /api/files/users/${X}/a.png`, '*:file'),
    ...counts(401, 'POST /api/files/token', 'POST /api/files/token', '/api/files/token', '/api/files/'),
    ...ignores(401, 'POST /api/files/token', '*:file', 'GET /api/files/'),
  ],
  'other routes': [
    ...counts(400, 'POST /api/realtime', '/api/realtime', '/api/realtime/', 'POST /api/'),
    ...ignores(400, 'POST /api/realtime', 'GET /api/realtime', 'PUT /api/'),
    ...counts(401, 'GET /api/logs', '/api/logs', '/api/logs/', 'GET /api/logs'),
    ...counts(401, 'GET /api/logs/stats', '/api/logs/'),
    ...counts(401, 'GET /api/backups', '/api/backups', '/api/backups/', '/'),
    ...counts(403, 'GET /api/backups/none.zip', '/api/backups/', 'GET /api/backups/'),
    ...counts(401, 'POST /api/backups/upload', '/api/backups/', 'POST /api/backups/upload'),
    ...ignores(401, 'GET /api/backups', 'POST /api/backups/', '/api/backup', '/api/backup/'),
    ...counts(401, 'GET /api/crons', '/api/crons/'),
    ...counts(401, 'POST /api/crons/none', '/api/crons/'),
    ...counts(401, 'POST /api/sql', '/api/sql', 'POST /api/sql/'),
    ...counts(404, 'GET /nowhere', '/', '/nowhere'),
  ],
  audiences: [
    limit('/api/sql', '@auth'),
    [401, 'guest', 'POST /api/sql', {}],
    [401, 'guest', 'POST /api/sql', {}],
    limit('/api/sql', '@guest'),
    [401, 'bad', 'POST /api/sql', {}],
    [429, 'guest', 'POST /api/sql', {}],
  ],
  'the requests of a batch': [
    limit('posts:create'),
    batch(200, NEW),
    batch(400, NEW, true),
    limit('*:update'),
    batch(200, { ...NEW, method: 'PUT', body: { id: 'upserted0000001' } }),
    batch(200, { ...NEW, method: 'PUT', body: { id: 'upserted0000001' } }),
    batch(400, { ...NEW, method: 'PUT', body: { id: 'upserted0000001' } }, true),
    batch(400, { ...NEW, method: 'PATCH', url: `${POSTS}/upserted0000001` }, true),
    limit(POSTS),
    batch(200, { ...NEW, url: `${POSTS}?fields=id` }),
    batch(400, NEW, true),
    limit('/api/batch/'),
    batch(200, NEW),
    [429, 'guest', 'POST /api/batch', { requests: [NEW] }],
  ],
  // Both are counted together, so that a batch cannot bypass the limits of its requests.
  'a batch and a single request': [
    limit('posts:create'),
    batch(200, NEW),
    [200, 'guest', `POST ${POSTS}`, {}, { ignore: ['id'], differs: { why: 'a batch is no second allowance', status: 429 } }],
  ],
  'a collection that is not there': [
    limit('/api/'),
    [404, 'guest', 'GET /api/collections/nowhere/records'],
    [404, 'guest', 'GET /api/collections/nowhere/records', undefined, { differs: { why: 'guesses are counted as well', status: 429 } }],
  ],
});
