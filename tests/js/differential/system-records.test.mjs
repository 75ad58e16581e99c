import { PASSWORD, signIn, suite } from '../lib/differential.mjs';
import { id, record } from '../lib/fields.mjs';

const SU = 'superuser';
const C = '/api/collections';
const link = (/** @type {object} */ more = {}) => ({ collectionRef: '_pb_users_auth_', recordRef: id('ann'), provider: 'github', providerId: 'gh1', ...more });

const setup = [
  ...['ann', 'bob'].map((name) => record('users', { id: id(name), email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD })),
  signIn('ann', 'users', 'ann@example.com'),
  signIn('bob', 'users', 'bob@example.com'),
];

suite('records of system collections', setup, {
  'linked accounts': [
    [200, SU, `POST ${C}/_externalAuths/records`, { id: id('link1'), ...link() }],
    [400, SU, `POST ${C}/_externalAuths/records`, link(), { codes: 'collectionRef:validation_not_unique provider:validation_not_unique providerId:validation_not_unique', name: 'the same link twice' }],
    [400, SU, `POST ${C}/_externalAuths/records`, link({ collectionRef: 'nope' }), { codes: 'collectionRef:validation_invalid_collection_id', name: 'of a collection that is not there' }],
    [400, SU, `POST ${C}/_externalAuths/records`, link({ recordRef: id('nobody') }), { codes: 'recordRef:validation_invalid_record' }],
    [400, SU, `POST ${C}/_externalAuths/records`, link({ provider: 'nope' }), { name: 'an unknown provider' }],
    [400, SU, `POST ${C}/_externalAuths/records`, {}, { name: 'nothing at all' }],
    [403, 'ann', `POST ${C}/_externalAuths/records`, link({ provider: 'google' })],
    [200, 'guest', `GET ${C}/_externalAuths/records`, undefined, { body: { totalItems: 0 } }],
    [200, 'bob', `GET ${C}/_externalAuths/records`, undefined, { body: { totalItems: 0 } }],
    [200, 'ann', `GET ${C}/_externalAuths/records`, undefined, { body: { totalItems: 1 } }],
    [404, 'bob', `GET ${C}/_externalAuths/records/${id('link1')}`],
    [200, 'ann', `GET ${C}/_externalAuths/records/${id('link1')}`],
    [404, 'bob', `DELETE ${C}/_externalAuths/records/${id('link1')}`],
    [403, 'ann', `PATCH ${C}/_externalAuths/records/${id('link1')}`, { providerId: 'x' }],
    [204, 'ann', `DELETE ${C}/_externalAuths/records/${id('link1')}`],
    [200, SU, `POST ${C}/_externalAuths/records`, { id: id('link2'), ...link() }],
    [204, SU, `DELETE ${C}/users/records/${id('ann')}`],
    [404, SU, `GET ${C}/_externalAuths/records/${id('link2')}`, undefined, { name: 'links go with their account' }],
  ],
  'where they signed in': [
    [200, 'bob', `GET ${C}/_authOrigins/records`, undefined, { shapes: { 'items.*.fingerprint': /^\S+$/ }, body: { totalItems: 1 } }],
    [200, 'guest', `GET ${C}/_authOrigins/records`, undefined, { body: { totalItems: 0 } }],
    [200, SU, `GET ${C}/_authOrigins/records`, { filter: `recordRef = "${id('bob')}"` }, { shapes: { 'items.*.fingerprint': /^\S+$/ }, body: { totalItems: 1 }, save: { origin: 'items.0.id' } }],
    [404, 'guest', `DELETE ${C}/_authOrigins/records/{{origin}}`],
    [204, 'bob', `DELETE ${C}/_authOrigins/records/{{origin}}`],
    signIn('bob', 'users', 'bob@example.com'),
    [200, SU, `PATCH ${C}/users/records/${id('bob')}`, { password: 'another horse', passwordConfirm: 'another horse' }],
    [200, SU, `GET ${C}/_authOrigins/records`, { filter: `recordRef = "${id('bob')}"` }, { body: { totalItems: 0 }, name: 'forgotten with the password' }],
  ],
  'second factors and codes': [
    ...['_mfas', '_otps'].flatMap((name) => [
      [200, 'guest', `GET ${C}/${name}/records`, undefined, { body: { totalItems: 0 } }],
      [403, 'bob', `POST ${C}/${name}/records`, {}],
      [403, 'bob', `DELETE ${C}/${name}/records/x`],
      [400, SU, `POST ${C}/${name}/records`, {}, { name: `${name}: nothing at all` }],
    ]),
    [200, SU, `POST ${C}/_mfas/records`, { collectionRef: '_pb_users_auth_', recordRef: id('bob'), method: 'password' }],
    [400, SU, `POST ${C}/_mfas/records`, { collectionRef: '_pb_users_auth_', recordRef: id('ann'), method: 'password' }],
    [200, SU, `POST ${C}/_otps/records`, { collectionRef: '_pb_users_auth_', recordRef: id('bob'), password: '12345678', sentTo: 'x@example.com' }],
    [200, SU, `GET ${C}/_otps/records`, undefined, { body: { totalItems: 1 } }],
  ],
});
