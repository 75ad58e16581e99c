//! Sign-in with a provider through the SDK: with a code, and with a window whose result arrives by realtime.

import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { EventSource } from 'eventsource';
import { PASSWORD, rejects, world } from '../lib/sdk.mjs';
import { startProvider } from '../lib/provider.mjs';

globalThis.EventSource ??= /** @type {any} */ (EventSource);

const person = (/** @type {string} */ name) => ({ claims: { sub: name, name, email: `${name}@example.com`, email_verified: true } });
const provider = await startProvider(Object.fromEntries(['ann', 'bob', 'cat', 'dan'].map((name) => [name, person(name)])));
after(() => provider.close());

const here = world(async (superuser) => {
  const oauth2 = { enabled: true, providers: [provider.entry()], mappedFields: { name: 'name' } };
  await superuser.collections.update('users', { oauth2, viewRule: 'id = @request.auth.id' });
});

/** The browser's part: follows the link, consents as `name`, and is redirected back. */
async function agree(/** @type {string} */ link, /** @type {string} */ name) {
  const url = new URL(link);
  url.searchParams.set('login_hint', name);
  const answer = await fetch(url, { redirect: 'manual' });
  assert.equal(answer.status, 302);
  return new URL(answer.headers.get('location') ?? '');
}

test('by a code that the app itself has caught', async () => {
  const pb = here.client();
  const users = pb.collection('users');
  const [method] = (await users.listAuthMethods()).oauth2.providers;
  assert.ok(method);
  const redirect = 'http://app.example/back';
  const back = await agree(method.authURL + encodeURIComponent(redirect), 'ann');
  assert.equal(back.searchParams.get('state'), method.state);
  const code = back.searchParams.get('code') ?? '';
  const { record, meta, token } = await users.authWithOAuth2Code(method.name, code, method.codeVerifier, redirect, { name: 'Ann of the app' });
  assert.equal(record.email, 'ann@example.com');
  assert.equal(record.name, 'Ann of the app');
  assert.equal(meta?.isNew, true);
  assert.equal(meta?.rawUser.sub, 'ann');
  assert.equal(pb.authStore.token, token);
  assert.equal((await users.getOne(record.id)).verified, true);
  await rejects(users.authWithOAuth2Code(method.name, code, method.codeVerifier, redirect), 400, {});
});

test('with a window, told of by the server', async () => {
  const pb = here.client();
  let shown = '';
  const { record, meta } = await pb.collection('users').authWithOAuth2({
    provider: 'oidc',
    createData: { name: 'Bob of the app' },
    urlCallback: async (/** @type {string} */ url) => {
      const back = await agree(url, 'bob');
      assert.ok(back.href.startsWith(`${here.url()}/api/oauth2-redirect?`), back.href);
      const answer = await fetch(back, { redirect: 'manual' });
      shown = answer.headers.get('location') ?? '';
    },
  });
  assert.match(shown, /#\/auth\/oauth2-redirect-success$/);
  assert.equal(record.email, 'bob@example.com');
  assert.equal(record.name, 'Bob of the app');
  assert.equal(meta?.isNew, true);
  assert.equal(pb.authStore.isValid, true);
});

test('a signed-in user links the account, and may remove the link', async () => {
  const users = here.client().collection('users');
  await users.create({ email: 'local@example.com', password: PASSWORD, passwordConfirm: PASSWORD });
  const pb = await here.signedIn('local@example.com');
  const own = pb.authStore.record?.id ?? '';
  const { record } = await pb.collection('users').authWithOAuth2({
    provider: 'oidc',
    urlCallback: async (/** @type {string} */ url) => void (await fetch(await agree(url, 'cat'), { redirect: 'manual' })),
  });
  assert.equal(record.id, own);
  const [link, ...others] = await pb.collection('users').listExternalAuths(own);
  assert.equal(others.length, 0);
  assert.equal(link?.provider, 'oidc');
  assert.equal(link?.providerId, 'cat');
  await pb.collection('users').unlinkExternalAuth(own, 'oidc');
  assert.deepEqual(await pb.collection('users').listExternalAuths(own), []);
});
