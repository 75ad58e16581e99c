import { test } from 'node:test';
import assert from 'node:assert/strict';
import { getTokenPayload } from 'pocketbase';
import { PASSWORD, rejects, world } from '../lib/sdk.mjs';
import { SUPERUSER } from '../lib/server.mjs';

const here = world(async (superuser) => {
  await superuser.collections.update('users', { viewRule: 'id = @request.auth.id' });
});

/** A separate account for each test. */
const account = (/** @type {string} */ name, more = {}) =>
  here.client().collection('users').create({ email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD, name, ...more });

test('signing up and in takes a few lines', async () => {
  const pb = here.client();
  const created = await pb.collection('users').create({ email: 'new@example.com', password: PASSWORD, passwordConfirm: PASSWORD, name: 'New' });
  assert.equal('password' in created, false);
  assert.equal(created.verified, false);
  assert.equal(pb.authStore.isValid, false);
  const { token, record } = await pb.collection('users').authWithPassword('new@example.com', PASSWORD);
  assert.equal(record.id, created.id);
  assert.equal(record.email, 'new@example.com');
  assert.equal(pb.authStore.token, token);
  assert.equal(pb.authStore.isValid, true);
  assert.equal(pb.authStore.isSuperuser, false);
  assert.equal(pb.authStore.record?.name, 'New');
  assert.equal((await pb.collection('users').getOne(created.id)).email, 'new@example.com');
  pb.authStore.clear();
  await rejects(pb.collection('users').getOne(created.id), 404);
});

test('the token says what the SDKs read from it', async () => {
  await account('claims');
  const pb = await here.signedIn('claims@example.com');
  const { exp, ...claims } = getTokenPayload(pb.authStore.token);
  assert.deepEqual(claims, { id: pb.authStore.record?.id, collectionId: '_pb_users_auth_', type: 'auth', refreshable: true });
  const lifetime = exp - Date.now() / 1000;
  assert.ok(lifetime > 431_900 && lifetime <= 432_000, String(lifetime));
});

test('a wrong password and an unknown address fail alike', async () => {
  await account('wrong');
  const users = here.client().collection('users');
  const wrong = await rejects(users.authWithPassword('wrong@example.com', 'not this'), 400, {});
  const unknown = await rejects(users.authWithPassword('nobody@example.com', PASSWORD), 400, {});
  assert.deepEqual(wrong.response, unknown.response);
  await rejects(users.authWithPassword('', ''), 400, { identity: 'validation_required', password: 'validation_required' });
});

test('a refresh gives a new token and the record as it is now', async () => {
  const { id } = await account('fresh');
  const pb = await here.signedIn('fresh@example.com');
  await here.superuser.collection('users').update(id, { name: 'Renamed' });
  assert.equal(pb.authStore.record?.name, 'fresh');
  const { record } = await pb.collection('users').authRefresh();
  assert.equal(record.name, 'Renamed');
  assert.equal(pb.authStore.record?.name, 'Renamed');
  await rejects(here.client().collection('users').authRefresh(), 401);
});

test('a new password ends every session', async () => {
  const { id } = await account('change');
  const [one, two] = [await here.signedIn('change@example.com'), await here.signedIn('change@example.com')];
  await rejects(one.collection('users').update(id, { password: 'newpassword', passwordConfirm: 'newpassword' }), 400, { oldPassword: 'validation_required' });
  await rejects(one.collection('users').update(id, { oldPassword: 'wrong', password: 'newpassword', passwordConfirm: 'newpassword' }), 400, { oldPassword: 'validation_invalid_old_password' });
  await rejects(one.collection('users').update(id, { oldPassword: PASSWORD, password: 'newpassword', passwordConfirm: 'different' }), 400, { passwordConfirm: 'validation_values_mismatch' });
  await one.collection('users').update(id, { oldPassword: PASSWORD, password: 'newpassword', passwordConfirm: 'newpassword' });
  for (const pb of [one, two]) {
    assert.equal(pb.authStore.isValid, true, 'the client cannot know');
    await rejects(pb.collection('users').authRefresh(), 401);
  }
  await rejects(here.client().collection('users').authWithPassword('change@example.com', PASSWORD), 400);
  await here.signedIn('change@example.com', 'users', 'newpassword');
});

test('an account can be changed and deleted by its owner alone', async () => {
  const [mine, other] = [await account('owner'), await account('other')];
  const pb = await here.signedIn('owner@example.com');
  assert.equal((await pb.collection('users').update(mine.id, { name: 'Me' })).name, 'Me');
  await rejects(pb.collection('users').update(mine.id, { email: 'else@example.com' }), 400, { email: 'validation_values_mismatch' });
  await rejects(pb.collection('users').update(mine.id, { verified: true }), 400, { verified: 'validation_values_mismatch' });
  await rejects(pb.collection('users').update(other.id, { name: 'Them' }), 404);
  await rejects(pb.collection('users').delete(other.id), 404);
  assert.equal(await pb.collection('users').delete(mine.id), true);
  await rejects(here.client().collection('users').authWithPassword('owner@example.com', PASSWORD), 400);
});

test('the address of an account shows where its owner allows it', async () => {
  await here.superuser.collections.create({ name: 'members', type: 'auth', listRule: '', viewRule: '' });
  const members = here.superuser.collection('members');
  for (const name of ['shy', 'open']) {
    await members.create({ email: `${name}@example.com`, emailVisibility: name === 'open', password: PASSWORD, passwordConfirm: PASSWORD });
  }
  const seen = await here.client().collection('members').getFullList();
  assert.deepEqual(seen.map((one) => one.email), [undefined, 'open@example.com']);
  const own = await here.signedIn('shy@example.com', 'members');
  assert.deepEqual((await own.collection('members').getFullList()).map((one) => one.email), ['shy@example.com', 'open@example.com']);
});

test('auth methods tell what a form must offer', async () => {
  const methods = await here.client().collection('users').listAuthMethods();
  assert.deepEqual(methods.password, { enabled: true, identityFields: ['email'] });
  assert.deepEqual(methods.oauth2, { enabled: false, providers: [] });
  assert.deepEqual(methods.otp, { enabled: false, duration: 0 });
  assert.deepEqual(methods.mfa, { enabled: false, duration: 0 });
});

test('providers of auth methods are ready to be opened', async () => {
  const { collections } = here.superuser;
  await collections.create({
    name: 'social',
    type: 'auth',
    oauth2: { enabled: true, providers: [{ name: 'oidc', clientId: 'cid', clientSecret: 's', displayName: 'Ours', authURL: 'https://idp.example/auth', tokenURL: 'https://idp.example/token' }] },
  });
  const { oauth2 } = await here.client().collection('social').listAuthMethods();
  const [provider] = oauth2.providers;
  assert.equal(provider?.displayName, 'Ours');
  assert.match(provider?.authURL ?? '', /^https:\/\/idp\.example\/auth\?.*&redirect_uri=$/);
  assert.equal(new URL(provider?.authURL ?? '').searchParams.get('client_id'), 'cid');
  assert.equal(provider?.codeChallengeMethod, 'S256');
  assert.ok((provider?.codeVerifier ?? '').length >= 43);
});

test('several fields can identify', async () => {
  await here.superuser.collections.create({
    name: 'staff',
    type: 'auth',
    fields: [{ name: 'login', type: 'text' }],
    indexes: ['create unique index login_ix on staff (login collate nocase)'],
    passwordAuth: { enabled: true, identityFields: ['email', 'login'] },
  });
  await here.superuser.collection('staff').create({ login: 'Ada', email: 'ada@example.com', password: PASSWORD, passwordConfirm: PASSWORD });
  for (const identity of ['ada@example.com', 'Ada', 'aDA']) await here.signedIn(identity, 'staff');
  await rejects(here.client().collection('staff').authWithPassword('ADA@example.com', PASSWORD), 400);
});

test('a superuser acts for somebody else, for a while', async () => {
  const { id } = await account('acted');
  const acting = await here.superuser.collection('users').impersonate(id, 60);
  assert.equal(acting.authStore.record?.id, id);
  assert.equal(acting.authStore.isSuperuser, false);
  assert.equal((await acting.collection('users').getOne(id)).id, id);
  const before = acting.authStore.token;
  await acting.collection('users').authRefresh();
  assert.equal(acting.authStore.token, before, 'such a token is not renewed');
  await rejects(acting.collection('users').impersonate(id, 60), 403);
  await rejects(here.client().collection('users').impersonate(id, 60), 401);
});

test('superusers are an auth collection like others, with all rights', async () => {
  const pb = here.client();
  await pb.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
  assert.equal(pb.authStore.isSuperuser, true);
  assert.equal(getTokenPayload(pb.authStore.token).collectionId, 'pbc_3142635823');
  const second = await pb.collection('_superusers').create({ email: 'second@example.com', password: PASSWORD, passwordConfirm: PASSWORD });
  const other = await here.signedIn('second@example.com', '_superusers');
  assert.ok((await other.settings.getAll()).meta);
  assert.equal(await pb.collection('_superusers').delete(second.id), true);
  await rejects(other.settings.getAll(), 401);
  await rejects(pb.collection('_superusers').delete(pb.authStore.record?.id ?? ''), 400);
  const user = await account('plain');
  const plain = await here.signedIn('plain@example.com');
  await rejects(plain.collection('_superusers').getFullList(), 403);
  await rejects(plain.settings.getAll(), 403);
  assert.ok(user);
});

test('a token that is none makes a guest, not an error', async () => {
  const pb = here.client();
  pb.authStore.save('eyJhbGciOiJIUzI1NiJ9.eyJ0eXBlIjoiYXV0aCJ9.nonsense', null);
  assert.equal((await pb.collection('users').getList()).totalItems, 0);
  await rejects(pb.collection('users').authRefresh(), 401);
});
