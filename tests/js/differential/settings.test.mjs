import { HEALTH_ADDITIONS, raw, suite } from '../lib/differential.mjs';
import { collection, text } from '../lib/fields.mjs';

const SU = 'superuser';
const S = '/api/settings';
const failed = { message: 'An error occurred while saving the new settings.' };
const unreadable = { message: 'An error occurred while loading the submitted data.', data: {} };
const notJson = { message: /^An error occurred while loading the submitted data\./, data: {} };

const setup = [collection('people', [], { type: 'auth' }), collection('plain', [text('a')])];

/** Requests only the changed part. */
const ok = (/** @type {object} */ change, body = change, options = {}) => [200, SU, `PATCH ${S}`, change, { query: { fields: Object.keys(change).join(',') }, body, ...options }];
const no = (/** @type {object} */ change, /** @type {string} */ codes, options = {}) => [400, SU, `PATCH ${S}`, change, { codes, body: failed, ...options }];
const limits = (/** @type {object[]} */ rules, more = {}) => ({ rateLimits: { rules, ...more } });
const limit = (/** @type {object} */ more = {}) => ({ label: '/api/', audience: '', duration: 10, maxRequests: 100000, ...more });
const s3 = { enabled: true, bucket: 'b', region: 'r', endpoint: 'https://s3.example.com', accessKey: 'a', secret: 's' };

/** Our name and colour differ. */
const OUR_OWN = ['meta.appName', 'meta.accentColor'];

suite('settings', setup, {
  'superusers only': [
    [401, 'guest', `GET ${S}`],
    [401, 'guest', `PATCH ${S}`, {}],
    [401, 'bad', `GET ${S}`],
  ],
  'trying the S3 storage': [
    [401, 'guest', 'POST /api/settings/test/s3', { filesystem: 'storage' }],
    ...[{}, { filesystem: '' }].map((body) => [400, SU, 'POST /api/settings/test/s3', body, { codes: 'filesystem:validation_required' }]),
    [400, SU, 'POST /api/settings/test/s3', { filesystem: 'other' }, { codes: 'filesystem:validation_in_invalid' }],
    [400, SU, 'POST /api/settings/test/s3', { filesystem: 5 }, { body: unreadable }],
    ...['storage', 'backups'].map((filesystem) => [400, SU, 'POST /api/settings/test/s3', { filesystem }, { codes: '-', body: { message: /S3 storage filesystem is not enabled/ } }]),
  ],
  'as they are at first': [
    [200, SU, `GET ${S}`, undefined, { ignore: OUR_OWN }],
    [200, SU, `GET ${S}`, { fields: 'batch,logs.maxDays,meta.hideControls' }],
    [200, SU, `PATCH ${S}`, {}, { ignore: OUR_OWN }],
  ],
  meta: [
    ok({ meta: { appName: 'Acme', appURL: 'https://acme.example', senderName: 'Support', senderAddress: 'support@example.com', hideControls: true, accentColor: '#112233' } }),
    ok({ meta: { appName: 'Only the name' } }, { meta: { appName: 'Only the name', senderName: 'Support' } }),
    ok({ meta: { accentColor: '' } }),
    ok({ meta: { hideControls: false, unknown: 1 } }, { meta: { hideControls: false } }),
    no({ meta: { appName: '', appURL: '', senderName: '', senderAddress: '' } }, 'meta.appName:validation_required meta.appURL:validation_required meta.senderName:validation_required meta.senderAddress:validation_required'),
    no({ meta: { appName: 'x'.repeat(256), senderName: 'x'.repeat(256) } }, 'meta.appName:validation_length_out_of_range meta.senderName:validation_length_out_of_range'),
    no({ meta: { appURL: 'not a url' } }, 'meta.appURL:validation_is_url'),
    no({ meta: { senderAddress: 'nope' } }, 'meta.senderAddress:validation_is_email'),
    no({ meta: { accentColor: 'red' } }, 'meta.accentColor:validation_length_invalid'),
    no({ meta: { accentColor: '#12345z' } }, 'meta.accentColor:validation_match_invalid', { codes: undefined, name: 'a colour that is none' }),
  ],
  smtp: [
    ok({ smtp: { enabled: true, host: 'smtp.example.com', port: 25, username: 'u', password: 'p', authMethod: 'LOGIN', tls: true, localName: 'example.com' } }, { smtp: { enabled: true, host: 'smtp.example.com', port: 25, username: 'u', authMethod: 'LOGIN', tls: true, localName: 'example.com' } }),
    [200, SU, `PATCH ${S}`, { smtp: { host: 'elsewhere.example.com' } }, { query: { fields: 'smtp' }, differs: { why: 'the stored password is not sent to another server', status: 400, body: { ...failed, data: { smtp: { password: { code: 'validation_required' } } } } } }],
    ok({ smtp: { host: 'elsewhere.example.com', password: 'p' } }, { smtp: { host: 'elsewhere.example.com', port: 25 } }, { name: 'with the password again' }),
    ok({ smtp: { authMethod: 'PLAIN' } }),
    ok({ smtp: { authMethod: '' } }),
    no({ smtp: { host: '', port: 0 } }, 'smtp.host:validation_required smtp.port:validation_required'),
    no({ smtp: { port: -1 } }, 'smtp.port:validation_min_greater_equal_than_required'),
    no({ smtp: { authMethod: 'nope' } }, 'smtp.authMethod:validation_in_invalid'),
    no({ smtp: { localName: 'not a host!' } }, 'smtp.localName:validation_is_host'),
    ok({ smtp: { enabled: false, host: '', port: 0 } }, undefined, { name: 'what is off is not checked' }),
    [400, SU, `PATCH ${S}`, { smtp: { port: 'x' } }, { body: unreadable }],
  ],
  's3 and backups': [
    ok({ s3 }, { s3: { enabled: true, bucket: 'b' } }),
    [200, SU, `PATCH ${S}`, { s3: { endpoint: 'https://elsewhere.example.com' } }, { query: { fields: 's3' }, differs: { why: 'the stored secret is not used at another server', status: 400, body: { ...failed, data: { s3: { secret: { code: 'validation_required' } } } } } }],
    ok({ s3: { endpoint: 'https://elsewhere.example.com', secret: 's' } }, { s3: { endpoint: 'https://elsewhere.example.com' } }, { name: 'with the secret again' }),
    ok({ s3: { bucket: 'other' } }, { s3: { bucket: 'other', accessKey: 'a' } }, { name: 'the secret is kept' }),
    no({ s3: { secret: '' } }, 's3.secret:validation_required'),
    no({ s3: { enabled: true, bucket: '', region: '', endpoint: '', accessKey: '', secret: '' } }, ['bucket', 'region', 'endpoint', 'accessKey', 'secret'].map((key) => `s3.${key}:validation_required`).join(' ')),
    no({ s3: { endpoint: 'not a url' } }, 's3.endpoint:validation_is_url'),
    ok({ s3: { enabled: false, forcePathStyle: true } }),
    no({ backups: { s3: { enabled: true } } }, ['bucket', 'region', 'endpoint', 'accessKey', 'secret'].map((key) => `backups.s3.${key}:validation_required`).join(' ')),
    ok({ backups: { cron: '0 0 * * *', cronMaxKeep: 5 } }),
    ok({ backups: { cron: '@daily' } }),
    no({ backups: { cron: 'nope' } }, 'backups.cron:validation_invalid_cron'),
    no({ backups: { cron: '* * * *' } }, 'backups.cron:validation_invalid_cron'),
    no({ backups: { cron: '60 * * * *' } }, 'backups.cron:validation_invalid_cron'),
    no({ backups: { cronMaxKeep: 0 } }, 'backups.cronMaxKeep:validation_required'),
    no({ backups: { cronMaxKeep: -1 } }, 'backups.cronMaxKeep:validation_min_greater_equal_than_required'),
    ok({ backups: { cron: '' } }),
  ],
  'rate limits': [
    ok(limits([limit()])),
    ok(limits([limit(), limit({ label: 'POST /api/x', audience: '@auth' }), limit({ label: '*:auth', audience: '@guest' }), limit({ label: 'people:create' })])),
    ok(limits([limit({ audience: '@auth' }), limit({ audience: '@guest' })])),
    no(limits([{ label: 'bad label!', maxRequests: 0, duration: 0, audience: 'x' }]), 'rateLimits.rules.0.label:validation_match_invalid rateLimits.rules.0.maxRequests:validation_required rateLimits.rules.0.duration:validation_required rateLimits.rules.0.audience:validation_in_invalid'),
    no(limits([limit({ duration: -1, maxRequests: -1 })]), 'rateLimits.rules.0.duration:validation_min_greater_equal_than_required rateLimits.rules.0.maxRequests:validation_min_greater_equal_than_required'),
    no(limits([limit({ label: '' })]), 'rateLimits.rules.0.label:validation_required'),
    no(limits([limit(), limit()]), 'rateLimits.rules.1.label:validation_conflicting_rate_limit_rule'),
    no(limits([limit(), limit({ audience: '@auth' })]), 'rateLimits.rules.1.label:validation_conflicting_rate_limit_rule'),
    no(limits([], { enabled: true }), 'rateLimits.rules:validation_required'),
    ok({ rateLimits: { excludedIPs: ['127.0.0.1', '10.0.0.0/8', '::1'] } }),
    no({ rateLimits: { excludedIPs: ['127.0.0.1', 'nope'] } }, 'rateLimits.excludedIPs.1:validation_invlaid_ip_or_subnet'),
    ok({ rateLimits: { excludedIPs: [] } }),
  ],
  'a limit that is reached': [
    [200, SU, `PATCH ${S}`, limits([limit({ label: '/api/health', maxRequests: 2, duration: 600 }), limit({ label: '*:list', maxRequests: 1, duration: 600, audience: '@guest' })], { enabled: true }), { query: { fields: 'rateLimits' } }],
    [200, 'guest', 'GET /api/health'],
    [200, 'guest', 'GET /api/health'],
    [429, 'guest', 'GET /api/health', undefined, { body: { message: 'Too Many Requests.', data: {} } }],
    [200, SU, 'GET /api/health', undefined, { ignore: HEALTH_ADDITIONS, name: 'superusers are exempt' }],
    [403, 'guest', 'GET /api/collections/plain/records', undefined, { name: 'a refused request counts' }],
    [429, 'guest', 'GET /api/collections/plain/records'],
    [200, SU, `PATCH ${S}`, { rateLimits: { enabled: false } }, { query: { fields: 'rateLimits' } }],
    [200, 'guest', 'GET /api/health'],
  ],
  'proxy, batch, logs': [
    ok({ trustedProxy: { headers: ['X-Real-IP', 'CF-Connecting-IP'], useLeftmostIP: true } }),
    [200, SU, 'GET /api/health', undefined, { ignore: HEALTH_ADDITIONS, headers: { 'X-Real-IP': '10.9.8.7' }, body: { data: { realIP: '10.9.8.7' } } }],
    [200, SU, 'GET /api/health', undefined, { ignore: HEALTH_ADDITIONS, headers: { 'X-Real-IP': '10.9.8.7, 10.1.1.1' }, body: { data: { realIP: '10.9.8.7' } } }],
    ok({ trustedProxy: { useLeftmostIP: false } }),
    [200, SU, 'GET /api/health', undefined, { ignore: HEALTH_ADDITIONS, headers: { 'X-Real-IP': '10.9.8.7, 10.1.1.1' }, body: { data: { realIP: '10.1.1.1' } } }],
    [200, SU, 'GET /api/health', undefined, { ignore: HEALTH_ADDITIONS, headers: { 'CF-Connecting-IP': 'nonsense' } }],
    [200, SU, 'GET /api/health', undefined, { ignore: HEALTH_ADDITIONS, headers: { 'X-Real-IP': '2001:db8::1' } }],
    ok({ trustedProxy: { headers: [] } }),
    ok({ batch: { enabled: true, maxRequests: 7, timeout: 5, maxBodySize: 1000 } }),
    no({ batch: { maxRequests: 0, timeout: 0 } }, 'batch.maxRequests:validation_required batch.timeout:validation_required'),
    no({ batch: { maxRequests: -1, timeout: -1, maxBodySize: -1 } }, 'batch.maxRequests:validation_min_greater_equal_than_required batch.timeout:validation_min_greater_equal_than_required batch.maxBodySize:validation_min_greater_equal_than_required'),
    ok({ batch: { enabled: false } }),
    ok({ logs: { maxDays: 7, minLevel: 4, logIP: false, logAuthId: true, maxDataSize: 1000 } }),
    ok({ logs: { maxDays: 0 } }),
    ok({ logs: { minLevel: -4 } }),
    [400, SU, `PATCH ${S}`, { logs: { maxDays: 9 } }, { query: { fields: 'logs:nope()' } }],
    [200, SU, `GET ${S}`, { fields: 'logs.maxDays' }, { differs: { why: 'what is answered with 400 has done nothing', status: 200, body: { logs: { maxDays: 0 } } } }],
    ok({ logs: { maxDays: 1 } }),
    no({ logs: { maxDays: -1, maxDataSize: -1 } }, 'logs.maxDays:validation_min_greater_equal_than_required logs.maxDataSize:validation_min_greater_equal_than_required'),
    [200, SU, `GET ${S}`],
  ],
  'bodies that cannot be read': [
    [400, SU, `PATCH ${S}`, raw('application/json', '{bad'), { body: notJson }],
    [400, SU, `PATCH ${S}`, raw('application/json', '[]'), { body: notJson }],
    [400, SU, `PATCH ${S}`, { meta: 'x' }, { body: unreadable }],
    [400, SU, `PATCH ${S}`, { batch: { enabled: 'x' } }, { body: unreadable }],
    [400, SU, `PATCH ${S}`, { rateLimits: { rules: {} } }, { body: unreadable }],
    [400, SU, `PATCH ${S}`, { superuserIPs: 'x' }, { body: unreadable }],
    [400, SU, `PATCH ${S}`, raw('text/plain', '{}'), { name: 'another content type', differs: { why: 'it says what is wrong', status: 400, body: { message: 'Unsupported Content-Type.', data: {} } } }],
    [200, SU, `PATCH ${S}`, { unknown: { deep: 1 } }, { query: { fields: 'batch' } }],
    [404, SU, `POST ${S}`, {}],
    [404, SU, `DELETE ${S}`],
  ],
});
