import { HEALTH_ADDITIONS, suite } from '../lib/differential.mjs';

/** @typedef {import('../lib/differential.mjs').Case} Case */

const F = 'X-Forwarded-For';
const R = 'X-Real-IP';

/** Configures these headers as trusted. */
const trust = (/** @type {string[]} */ headers, useLeftmostIP = false) =>
  /** @type {Case} */ ([200, 'superuser', 'PATCH /api/settings', { trustedProxy: { headers, useLeftmostIP } }, { query: { fields: 'trustedProxy' } }]);

/** The client address that the server reports for these headers. */
const seen = (/** @type {Record<string, string | string[]>} */ headers, /** @type {string} */ realIP, /** @type {string} */ possibleProxyHeader, more = {}) =>
  /** @type {Case} */ ([200, 'superuser', 'GET /api/health', undefined, {
    name: `seen ${JSON.stringify(headers)}`,
    headers,
    body: { data: { realIP, possibleProxyHeader } },
    ignore: HEALTH_ADDITIONS,
    ...more,
  }]);

suite('health', [], {
  'who asks': [
    [200, 'guest', 'GET /api/health', undefined, { body: { code: 200, message: 'API is healthy.', data: {} } }],
    [200, 'guest', 'HEAD /api/health'],
    [200, 'bad', 'GET /api/health'],
    [200, 'superuser', 'GET /api/health', undefined, { body: { data: { canBackup: true, realIP: '127.0.0.1' } }, ignore: HEALTH_ADDITIONS }],
    [200, 'guest', 'GET /api/health', { fields: 'code' }],
    [400, 'guest', 'GET /api/health', { fields: 'code:nope()' }],
  ],
  'headers of proxies that are not trusted': [
    seen({ [F]: '10.1.2.3' }, '127.0.0.1', F),
    seen({ [F]: 'no address' }, '127.0.0.1', F),
    seen({ [F]: '' }, '127.0.0.1', ''),
    seen({ [F]: '1.1.1.1', 'Fly-Client-IP': '2.2.2.2' }, '127.0.0.1', 'Fly-Client-IP'),
    seen({ [F]: '1.1.1.1', 'Fly-Client-IP': '2.2.2.2', 'CF-Connecting-IP': '3.3.3.3' }, '127.0.0.1', 'CF-Connecting-IP'),
    seen({ 'X-Client-IP': '1.1.1.1', Forwarded: 'for=1.1.1.1', 'True-Client-IP': '1.1.1.1' }, '127.0.0.1', ''),
    seen({ [R]: '1.1.1.1' }, '127.0.0.1', '', {
      differs: { why: 'a usual header too', status: 200, body: { data: { realIP: '127.0.0.1', possibleProxyHeader: R } } },
    }),
  ],
  'a trusted header': [
    trust([F]),
    seen({}, '127.0.0.1', ''),
    seen({ [F]: '1.1.1.1' }, '1.1.1.1', F),
    seen({ [F]: '1.1.1.1,2.2.2.2' }, '2.2.2.2', F),
    seen({ [F]: '1.1.1.1, no address' }, '1.1.1.1', F),
    seen({ [F]: 'no address' }, '127.0.0.1', F),
    seen({ [F]: '' }, '127.0.0.1', ''),
    seen({ [F]: ['1.1.1.1', '2.2.2.2'] }, '2.2.2.2', F),
    seen({ [F]: ['1.1.1.1', 'no address'] }, '127.0.0.1', F),
    seen({ [F]: ['1.1.1.1', ''] }, '127.0.0.1', F),
    seen({ [F]: '1.2.3.4:80' }, '127.0.0.1', F),
    seen({ [F]: '1.2.3.4/8' }, '127.0.0.1', F),
    seen({ [F]: '"1.1.1.1"' }, '127.0.0.1', F),
    seen({ [F]: '[2001:db8::1]' }, '127.0.0.1', F),
    seen({ [F]: '2001:DB8::A' }, '2001:0db8:0000:0000:0000:0000:0000:000a', F),
    seen({ [F]: '::ffff:1.2.3.4' }, '0000:0000:0000:0000:0000:ffff:0102:0304', F, {
      differs: { why: 'one address is written in one way', status: 200, body: { data: { realIP: '1.2.3.4' } } },
    }),
    trust(['x-forwarded-for']),
    seen({ [F]: '1.1.1.1' }, '1.1.1.1', 'x-forwarded-for'),
  ],
  'the leftmost address': [
    trust([F], true),
    seen({ [F]: '1.1.1.1, 2.2.2.2' }, '1.1.1.1', F),
    seen({ [F]: '  no address , 2.2.2.2, 3.3.3.3' }, '2.2.2.2', F),
    seen({ [F]: ['1.1.1.1, 3.3.3.3', '2.2.2.2, 4.4.4.4'] }, '2.2.2.2', F),
  ],
  'several trusted headers': [
    trust([R, F]),
    seen({ [F]: '1.1.1.1', [R]: '2.2.2.2' }, '2.2.2.2', R),
    seen({ [F]: '1.1.1.1', [R]: 'no address' }, '1.1.1.1', R),
    seen({ [F]: '1.1.1.1', [R]: '' }, '1.1.1.1', F),
    seen({ [F]: '1.1.1.1' }, '1.1.1.1', F),
    trust(['X-Own', 'not a name', '', R]),
    seen({ [F]: '1.1.1.1', 'X-Own': '2.2.2.2' }, '2.2.2.2', 'X-Own'),
    seen({ [F]: '1.1.1.1' }, '127.0.0.1', F),
    seen({ [R]: '1.1.1.1', 'CF-Connecting-IP': '3.3.3.3' }, '1.1.1.1', R),
  ],
});
