import { PASSWORD, signIn, suite } from '../lib/differential.mjs';
import { id, record } from '../lib/fields.mjs';
import { SUPERUSER } from '../lib/server.mjs';

const SU = 'superuser';
const S = '/api/collections/_superusers';
const both = (/** @type {string} */ password) => ({ password, passwordConfirm: password });

const setup = [
  [200, SU, `GET ${S}/records`, undefined, { save: { root: 'items.0.id' }, body: { totalItems: 1 } }],
  [200, 'guest', 'POST /api/collections/users/records', { id: id('ann'), email: 'ann@example.com', ...both(PASSWORD) }],
  signIn('ann', 'users', 'ann@example.com'),
];

suite('superusers', setup, {
  'like other accounts': [
    [200, 'guest', `POST ${S}/auth-with-password`, { identity: SUPERUSER.email, password: SUPERUSER.password }],
    [400, 'guest', `POST ${S}/auth-with-password`, { identity: SUPERUSER.email, password: 'wrong' }],
    [200, SU, `POST ${S}/auth-refresh`],
    [200, SU, `GET ${S}/records`],
    [200, SU, `GET ${S}/records/{{root}}`],
    ...['guest', 'ann'].flatMap((caller) => [
      [403, caller, `GET ${S}/records`],
      [403, caller, `POST ${S}/records`, { email: 'x@example.com', ...both('12345678') }],
      [403, caller, `PATCH ${S}/records/{{root}}`, { email: 'x@example.com' }],
      [403, caller, `DELETE ${S}/records/{{root}}`],
    ]),
  ],
  'the last one stays': [
    [400, SU, `DELETE ${S}/records/{{root}}`, undefined, { body: { message: "You can't delete the only existing superuser.", data: {} } }],
    [200, SU, `POST ${S}/records`, { id: id('second'), email: 'second@example.com', ...both(PASSWORD) }, { body: { verified: true } }],
    [400, SU, `POST ${S}/records`, { email: 'second@example.com', ...both(PASSWORD) }, { codes: 'email:validation_not_unique' }],
    [400, SU, `POST ${S}/records`, { email: 'third@example.com' }, { codes: 'password:validation_required passwordConfirm:validation_required' }],
    [400, SU, `POST ${S}/records`, { email: 'third@example.com', ...both('short') }],
    signIn('second', '_superusers', 'second@example.com'),
    [200, 'second', 'GET /api/settings', undefined, { query: { fields: 'batch' } }],
    [200, 'second', `PATCH ${S}/records/${id('second')}`, { email: 'two@example.com' }, { name: 'their address is theirs to change' }],
    [401, 'second', 'GET /api/settings', undefined, { name: 'and the token is gone with the old one' }],
    signIn('second', '_superusers', 'two@example.com'),
    [200, 'second', `PATCH ${S}/records/${id('second')}`, { verified: false }, { body: { verified: true } }],
    [200, 'second', `PATCH ${S}/records/${id('second')}`, both('another horse'), { name: 'no old password is asked for' }],
    [401, 'second', `POST ${S}/auth-refresh`],
    [200, SU, `POST ${S}/impersonate/${id('second')}`, { duration: 60 }, { save: { second: 'token' } }],
    [200, 'second', 'GET /api/settings', { fields: 'batch' }],
    [204, SU, `DELETE ${S}/records/${id('second')}`],
    [401, 'second', 'GET /api/settings'],
    [400, SU, `DELETE ${S}/records/{{root}}`],
    [400, SU, `DELETE ${S}/truncate`, undefined, { name: 'not even by truncating' }],
  ],
  'from where': [
    [400, SU, 'PATCH /api/settings', { superuserIPs: ['nope'] }, { codes: 'superuserIPs.0:validation_invlaid_ip_or_subnet' }],
    [200, SU, 'PATCH /api/settings', { superuserIPs: ['127.0.0.1', '10.0.0.0/8'] }, { query: { fields: 'superuserIPs' } }],
    [200, SU, 'GET /api/settings', { fields: 'superuserIPs' }],
    [200, SU, 'PATCH /api/settings', { superuserIPs: ['10.0.0.0/8'] }, { query: { fields: 'superuserIPs' } }],
    [403, SU, 'GET /api/settings', undefined, { body: { message: 'You are not allowed to perform this request.', data: {} } }],
    [403, SU, 'GET /api/health'],
    [403, 'guest', `POST ${S}/auth-with-password`, { identity: SUPERUSER.email, password: SUPERUSER.password }],
    [400, 'guest', `POST ${S}/auth-with-password`, { identity: SUPERUSER.email, password: 'wrong' }, {
      differs: { why: 'nobody tries passwords from elsewhere', status: 403 },
    }],
    [200, 'ann', 'GET /api/collections/users/records', { fields: 'id' }, { name: 'others are not concerned' }],
    [200, 'guest', 'GET /api/health'],
  ],
});
