//! Sign-in with a provider: both servers use the same one, on loopback.

import { generateKeyPairSync } from 'node:crypto';
import { after } from 'node:test';
import { PASSWORD, form, raw, signIn, suite } from '../lib/differential.mjs';
import { bool, collection, id, record, relation, text, url } from '../lib/fields.mjs';
import { startProvider } from '../lib/provider.mjs';

const SU = 'superuser';
const C = '/api/collections';

/** @type {Record<string, import('../lib/provider.mjs').Person>} */
const people = {
  refused: { tokenStatus: 400 },
  silent: {},
  inbody: { credentials: 'body', claims: { sub: 'inbody', email: 'inbody@example.com', email_verified: true } },
  bare: { claims: { sub: 'bare' }, token: { refresh_token: undefined, expires_in: undefined } },
  idonly: { claims: { sub: 'idonly', name: 'Id Only', email: 'idonly@example.com', email_verified: true } },
  issother: { claims: { sub: 'issother' }, idToken: { iss: 'https://evil.example' } },
  audother: { claims: { sub: 'audother' }, idToken: { aud: 'someone else' } },
  audlist: { claims: { sub: 'audlist', email: 'audlist@example.com', email_verified: true }, idToken: { aud: ['x', 'cid'] } },
  expired: { claims: { sub: 'expired' }, idToken: { exp: 1_000_000 } },
  keyother: { claims: { sub: 'keyother' }, key: 'other' },
  keyunknown: { claims: { sub: 'keyunknown' }, key: 'unknown' },
  notoken: { claims: { sub: 'notoken' }, token: { id_token: undefined } },
  badtoken: { claims: { sub: 'badtoken' }, token: { id_token: 'a.b.c' } },
};
/** A person with all claims, with the code `name`. */
function person(/** @type {string} */ name, /** @type {Record<string, unknown>} */ more = {}) {
  people[name] = { claims: { sub: name, name: `The ${name}`, preferred_username: name, email: `${name}@example.com`, email_verified: true, picture: 'https://idp.example/x.png', ...more } };
  return name;
}
for (const name of ['good', 'ann', 'bob', 'carl', 'dora', 'eve', 'mapped', 'ruled', 'closed', 'late', 'mfa', 'linker']) person(name);
person('unverified', { email_verified: false });
person('noemail', { email: undefined });
person('double', { preferred_username: 'mapped' });
person('long', { preferred_username: 'a very long user name' });
person('badlink', { picture: 'javascript:alert(1)' });
person('annother', { email: 'ann@example.com' });
person('goodother', { email: 'good@example.com' });

const provider = await startProvider(people);
after(() => provider.close());

const oauth2 = { enabled: true, providers: [provider.entry(), provider.entry('oidc2')], mappedFields: { id: '', name: 'name', username: 'nick', avatarURL: 'page' } };
const fields = [text('name'), text('nick', { max: 12 }), url('page'), bool('blocked'), relation('friend', '_pb_users_auth_')];
const account = (/** @type {string} */ name, more = {}) =>
  record('users', { id: id(name), email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD, ...more });

const setup = [
  [200, SU, `PATCH ${C}/users`, { fields, oauth2, authRule: 'blocked = false', indexes: ['create unique index nick_ix on users (nick) where nick != ""'] }],
  [200, SU, `PATCH ${C}/_externalAuths`, {}, { query: { fields: 'id' } }],
  collection('plain', [], { type: 'auth', createRule: '' }),
  collection('tokens', [], { type: 'auth', createRule: '', oauth2: { enabled: true, providers: [provider.entry('oidc', { userInfoURL: '', extra: { jwksURL: `${provider.url}/jwks`, issuers: ['https://other.example', provider.url] } }), provider.entry('oidc2', { userInfoURL: '' })] }, fields: [{ name: 'email', type: 'email', required: false, system: true }] }),
  collection('either', [], { type: 'auth', createRule: '', oauth2: { enabled: true, providers: [provider.entry()] }, mfa: { enabled: true } }),
  account('ann'),
  account('bob', { verified: true }),
  account('carl'),
  signIn('ann', 'users', 'ann@example.com'),
  signIn('bob', 'users', 'bob@example.com'),
  signIn('carl', 'users', 'carl@example.com'),
];

/** @returns {import('../lib/differential.mjs').Case} */
const withCode = (/** @type {number} */ status, /** @type {string} */ code, /** @type {any} */ options = {}, /** @type {any} */ more = {}, caller = 'guest', into = 'users') => [
  status,
  caller,
  `POST ${C}/${into}/auth-with-oauth2`,
  { provider: 'oidc', code, codeVerifier: 'v', redirectURL: 'http://app.example/', ...more },
  { name: `${code} ${options.name ?? ''}`, shapes: { 'meta.expiry': /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z)?$/ }, ...options },
];
const post = (/** @type {number} */ status, /** @type {any} */ body, /** @type {any} */ options = {}, into = 'users') => [status, 'guest', `POST ${C}/${into}/auth-with-oauth2`, body, options];
const links = (/** @type {string} */ caller, more = {}) => [200, caller, `GET ${C}/_externalAuths/records`, { sort: 'created', ...more }];
/** @returns {import('../lib/differential.mjs').Case} */
const secret = (/** @type {number} */ status, /** @type {object} */ more, options = {}, caller = SU) => [
  status,
  caller,
  'POST /api/settings/apple/generate-client-secret',
  { clientId: 'com.example', teamId: 'TEAM567890', keyId: 'KEY4567890', privateKey: key, duration: 100, ...more },
  options,
];
const pem = { type: /** @type {const} */ ('pkcs8'), format: /** @type {const} */ ('pem') };
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem);
const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem);
const unloadable = 'An error occurred while loading the submitted data.';

suite('signing in with a provider', setup, {
  'what is asked for': [
    post(400, {}, { codes: 'provider:validation_required code:validation_required', body: { message: unloadable } }),
    post(400, { provider: 'oidc' }, { codes: 'code:validation_required' }),
    post(400, { provider: 'github', code: 'x' }, { codes: 'provider:validation_invalid_provider' }),
    post(400, { provider: 'nonsense', code: '' }, { codes: 'provider:validation_invalid_provider code:validation_required' }),
    post(400, { provider: 'oidc', code: 'good', createData: [] }, { body: { message: unloadable, data: {} } }),
    post(400, { provider: 'oidc', code: 'good', createData: 'x' }),
    post(400, raw('application/json', '{bad'), { body: { message: /^An error occurred while loading the submitted data\./ } }),
    post(403, {}, { body: { message: 'The collection is not configured to allow OAuth2 authentication.' } }, 'plain'),
    post(403, raw('application/json', '{bad'), {}, 'plain'),
    post(403, { provider: 'oidc', code: 'good' }, {}, '_superusers'),
    post(404, {}, { body: { message: 'Missing or invalid auth collection context.' } }, '_externalAuths'),
    post(404, {}, {}, 'nope'),
  ],
  'the provider says no': [
    withCode(400, 'refused', { body: { message: 'Failed to fetch OAuth2 token.', data: {} } }),
    withCode(400, 'unheard-of', { body: { message: 'Failed to fetch OAuth2 token.' } }),
    withCode(400, 'silent', { body: { message: 'Failed to fetch OAuth2 user.', data: {} } }),
  ],
  'a new record': [
    withCode(200, 'good', { body: { meta: { isNew: true }, record: { verified: true, nick: 'good', page: 'https://idp.example/x.png' } } }),
    withCode(200, 'good', { name: 'again', body: { meta: { isNew: false } } }),
    withCode(200, 'good', { name: 'in part', query: { fields: 'meta.id,meta.isNew,record.email' } }),
    withCode(200, 'good', { name: 'without meta', query: { fields: 'record.id' } }),
    withCode(200, 'inbody', { name: '(credentials in the body)' }),
    post(200, form({ provider: 'oidc', code: 'good', redirectUrl: 'http://app.example/' }), { query: { fields: 'meta.id' } }),
    withCode(400, 'unverified', { name: 'has no address we could trust', codes: 'email:validation_required' }),
    withCode(400, 'noemail', { codes: 'email:validation_required' }),
    withCode(200, 'noemail', { name: 'with an address of their own', body: { record: { email: 'own@example.com', verified: false } } }, { createData: { email: 'own@example.com' } }),
    withCode(200, 'mapped', { body: { record: { nick: 'mine', name: '' } } }, { createData: { nick: 'mine', name: '', page: '' } }),
    withCode(400, 'dora', { codes: 'passwordConfirm:validation_required' }, { createData: { password: '12345678' } }),
    withCode(400, 'dora', { codes: 'verified:validation_values_mismatch' }, { createData: { verified: true } }),
    withCode(400, 'dora', { codes: 'friend:validation_missing_rel_records' }, { createData: { friend: 'missing' } }),
    withCode(200, 'dora', { name: 'with a password', query: { expand: 'friend' } }, { createData: { password: '12345678', passwordConfirm: '12345678', friend: id('ann') } }),
    [200, 'guest', `POST ${C}/users/auth-with-password`, { identity: 'dora@example.com', password: '12345678' }, { query: { fields: 'record.email' } }],
    withCode(200, 'double', { body: { record: { nick: 'mapped' } } }),
    withCode(200, 'long', { name: 'a user name that does not fit', body: { record: { nick: '' } } }),
    withCode(400, 'badlink', { codes: 'page:validation_invalid_url', ignore: ['data.page.message'] }),
  ],
  'the create rule': [
    [200, SU, `PATCH ${C}/users`, { createRule: null }, { query: { fields: 'createRule' } }],
    withCode(403, 'closed'),
    withCode(200, 'good', { name: 'is not for those who have a record', query: { fields: 'meta.isNew' } }),
    withCode(200, 'closed', { name: 'by a superuser', query: { fields: 'record' } }, {}, SU),
    [200, SU, `PATCH ${C}/users`, { createRule: '@request.context = "oauth2" && @request.body.pass = "yes" && @request.body.name = "The ruled"' }, { query: { fields: 'createRule' } }],
    withCode(400, 'ruled', { body: { message: 'Failed to create record.', data: {} } }),
    withCode(200, 'ruled', { query: { fields: 'record' } }, { createData: { pass: 'yes' } }),
    [200, SU, `PATCH ${C}/users`, { createRule: '' }, { query: { fields: 'createRule' } }],
    withCode(403, 'late', { name: 'the auth rule is asked when the record is there' }, { createData: { blocked: true } }),
    [200, SU, `GET ${C}/users/records`, { filter: 'email = "late@example.com"', fields: 'email,verified,blocked' }],
  ],
  'a record there already': [
    withCode(200, 'bob', { name: 'by its address', body: { meta: { isNew: false }, record: { id: id('bob'), name: '' } } }),
    [200, 'bob', `POST ${C}/users/auth-refresh`, undefined, { name: 'its tokens live on', query: { fields: 'record.id' } }],
    withCode(400, 'ann', { name: 'the provider has another account linked', codes: 'collectionRef:validation_not_unique provider:validation_not_unique recordRef:validation_not_unique', body: { message: 'Failed to authenticate.' } }, {}, 'bob'),
    withCode(200, 'annother', { name: 'a first link, of an unproven address', body: { record: { id: id('ann'), verified: true } } }),
    [401, 'ann', `POST ${C}/users/auth-refresh`, undefined, { name: 'ended every token' }],
    [400, 'guest', `POST ${C}/users/auth-with-password`, { identity: 'ann@example.com', password: PASSWORD }, { name: 'and the password' }],
    withCode(200, 'carl', { name: 'links to who is signed in', body: { record: { id: id('carl'), verified: true } } }, {}, 'carl'),
    [200, 'carl', `POST ${C}/users/auth-refresh`, undefined, { name: 'who stays signed in', query: { fields: 'record.id' } }],
    [200, 'guest', `POST ${C}/users/auth-with-password`, { identity: 'carl@example.com', password: PASSWORD }, { query: { fields: 'record.id' } }],
    withCode(200, 'linker', { name: 'links another account to who is signed in', query: { fields: 'record' } }, { provider: 'oidc2' }, 'carl'),
    withCode(400, 'goodother', { name: 'a second account of one provider' }),
  ],
  'the links of one\'s own': [
    links('carl', { fields: 'provider,providerId,collectionRef,recordRef' }),
    links('guest', { fields: 'provider' }),
    links(SU, { fields: 'provider,providerId', filter: `recordRef = "${id('carl')}"` }),
    [200, 'carl', `GET ${C}/_externalAuths/records`, { filter: 'provider = "oidc2"' }, { save: { link: 'items.0.id' } }],
    [404, 'bob', `DELETE ${C}/_externalAuths/records/{{link}}`],
    [404, 'guest', `DELETE ${C}/_externalAuths/records/{{link}}`],
    [403, 'carl', `PATCH ${C}/_externalAuths/records/{{link}}`, { provider: 'google' }],
    [403, 'carl', `POST ${C}/_externalAuths/records`, { provider: 'google', providerId: '1', collectionRef: '_pb_users_auth_', recordRef: id('carl') }],
    [204, 'carl', `DELETE ${C}/_externalAuths/records/{{link}}`],
    [400, SU, `POST ${C}/_externalAuths/records`, {}, { codes: 'collectionRef:validation_required recordRef:validation_required provider:validation_required providerId:validation_required' }],
    [400, SU, `POST ${C}/_externalAuths/records`, { provider: 'google', providerId: '1', collectionRef: 'missing', recordRef: 'missing' }],
    [400, SU, `POST ${C}/_externalAuths/records`, { provider: 'nonsense', providerId: '1', collectionRef: '_pb_users_auth_', recordRef: id('carl') }],
    [400, SU, `POST ${C}/_externalAuths/records`, { provider: 'google', providerId: '1', collectionRef: '_pb_users_auth_', recordRef: 'missing' }],
    [200, SU, `POST ${C}/_externalAuths/records`, { provider: 'oidc2', providerId: 'eve', collectionRef: '_pb_users_auth_', recordRef: id('carl') }],
    withCode(200, 'eve', { name: 'signs in by a link that a superuser made', body: { record: { id: id('carl') } } }, { provider: 'oidc2' }),
  ],
  'an id token instead of user info': [
    withCode(200, 'idonly', { body: { meta: { email: 'idonly@example.com', name: 'Id Only' } }, ignore: ['meta.rawUser.iat', 'meta.rawUser.exp'] }, {}, 'guest', 'tokens'),
    withCode(200, 'audlist', { query: { fields: 'meta.email' } }, {}, 'guest', 'tokens'),
    ...['issother', 'audother', 'expired', 'keyother', 'keyunknown', 'notoken', 'badtoken'].map((code) => withCode(400, code, { body: { message: 'Failed to fetch OAuth2 user.' } }, {}, 'guest', 'tokens')),
    withCode(200, 'keyother', { name: 'nobody asked for a signature', query: { fields: 'meta.id' } }, { provider: 'oidc2', createData: { email: 'k@example.com' } }, 'guest', 'tokens'),
    withCode(200, 'issother', { name: 'nor for an issuer', query: { fields: 'meta.id' } }, { provider: 'oidc2', createData: { email: 'i@example.com' } }, 'guest', 'tokens'),
    withCode(400, 'audother', {}, { provider: 'oidc2' }, 'guest', 'tokens'),
    withCode(200, 'bare', { name: 'has no refresh token and no expiry', query: { fields: 'meta.refreshToken,meta.expiry' } }, { createData: { email: 'bare@example.com' }, provider: 'oidc2' }, 'guest', 'tokens'),
  ],
  'a client secret for Apple': [
    secret(200, {}, { body: { secret: /^[\w-]+\.[\w-]+\.[\w-]+$/ } }),
    secret(200, { privateKey: `  ${key}  `, duration: 15_777_000 }),
    secret(400, { clientId: '', teamId: '', keyId: '', privateKey: '', duration: 0 }, { codes: 'clientId:validation_required teamId:validation_required keyId:validation_required privateKey:validation_required duration:validation_required' }),
    secret(400, { teamId: 'short', keyId: 'much too long' }, { codes: 'teamId:validation_length_invalid keyId:validation_length_invalid' }),
    secret(400, { privateKey: 'nonsense', duration: 15_777_001 }, { codes: 'privateKey:validation_match_invalid duration:validation_max_less_equal_than_required' }),
    secret(400, { duration: -1 }, { codes: 'duration:validation_min_greater_equal_than_required' }),
    secret(400, { duration: 'x' }, { body: { message: unloadable } }),
    secret(400, { clientId: 5 }),
    secret(400, { privateKey: rsaKey }),
    secret(400, { privateKey: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' }),
    secret(401, {}, {}, 'guest'),
    secret(403, {}, {}, 'bob'),
  ],
  'a second factor': [
    withCode(401, 'mfa', { save: { mfaId: 'mfaId' }, body: { mfaId: /^[a-z0-9]{15}$/ } }, { createData: { password: PASSWORD, passwordConfirm: PASSWORD } }, 'guest', 'either'),
    withCode(400, 'mfa', { name: 'not the same one', body: { message: 'A different authentication method is required.' } }, { mfaId: '{{mfaId}}' }, 'guest', 'either'),
    [200, 'guest', `POST ${C}/either/auth-with-password`, { identity: 'mfa@example.com', password: PASSWORD, mfaId: '{{mfaId}}' }],
    [401, 'guest', `POST ${C}/either/auth-with-password`, { identity: 'mfa@example.com', password: PASSWORD }, { save: { mfaId: 'mfaId' } }],
    withCode(200, 'mfa', { name: 'the other way round', body: { meta: { isNew: false } } }, { mfaId: '{{mfaId}}' }, 'guest', 'either'),
  ],
});
