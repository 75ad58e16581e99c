//! The answers of every provider, taken from its documentation, served to both servers by one provider on loopback.

import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { suite } from '../lib/differential.mjs';
import { collection } from '../lib/fields.mjs';
import { startProvider } from '../lib/provider.mjs';

const SU = 'superuser';
const C = '/api/collections';
/** @type {any[]} */
const recorded = JSON.parse(readFileSync(new URL('../../fixtures/oauth2-providers.json', import.meta.url), 'utf8'));
// Apple's keys are at a fixed URL that the test cannot serve.
const known = recorded.filter((one) => one.provider !== 'apple' && one.only !== 'ours').map((one, at) => ({ ...ownAddress(one, at), code: `code${at}` }));

/**
 * In our server an unverified address never matches an existing record, so each case with one uses its own.
 * @param {any} one
 * @param {number} at
 */
function ownAddress(one, at) {
  return one.claimed ? JSON.parse(JSON.stringify(one).replaceAll(one.is.email, `claimed${at}@example.com`)) : one;
}


const people = Object.fromEntries(
  known.map(({ code, user, emails, token, claims }) => [code, { claims, token, answers: { '/userinfo': user, '/userinfo/emails': emails } }]),
);
const provider = await startProvider(people);
after(() => provider.close());

const setup = [collection('accounts', [], { type: 'auth', createRule: '', fields: [{ name: 'email', type: 'email', required: false, system: true }] })];

suite(
  'oauth2 providers',
  setup,
  {
    'who they say it is': known.flatMap(({ provider: name, case: what = '', code, extra = {}, is }) => {
      const entry = provider.entry(name, { extra });
      const expected = is && { meta: { id: '', name: '', username: '', email: '', avatarURL: '', ...is } };
      const problem = { message: 'Failed to fetch OAuth2 user.' };
      const request = { provider: name, code, codeVerifier: 'v', redirectURL: 'http://app.example/' };
      return [
        [200, SU, `PATCH ${C}/accounts`, { oauth2: { enabled: true, providers: [entry] } }, { name: `(${name} alone)`, query: { fields: 'id' } }],
        [is ? 200 : 400, 'guest', `POST ${C}/accounts/auth-with-oauth2`, request, { name: [name, what].join(' '), body: expected ?? problem, query: { fields: 'meta,message' }, shapes: is === null ? {} : { 'meta.expiry': /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/ } }],
      ];
    }),
  },
);
