import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { getTokenPayload } from 'pocketbase';
import { PASSWORD, rejects, world } from '../lib/sdk.mjs';
import { startSink } from '../lib/sink.mjs';

const identity = makeIdentity();
// Read by the server when it connects: the only authority it trusts, which signs only for the sink.
if (identity) process.env.SSL_CERT_FILE = identity.path;

/** @type {Awaited<ReturnType<typeof startSink>>} */
let sink;
const here = world(async () => {
  sink = await startSink();
  await use(sink.port);
});
after(() => sink?.stop());

const use = (/** @type {number} */ port, more = {}) =>
  here.superuser.settings.update({ smtp: { enabled: true, host: 'localhost', port, tls: false, username: '', password: '', ...more } });
const account = (/** @type {string} */ name) =>
  here.client().collection('users').create({ email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD });
/** The text after `confirm-…/` in the next mail. */
async function mailed(/** @type {string} */ page, /** @type {string} */ to) {
  const mail = await sink.next();
  assert.deepEqual(mail.to, [to]);
  return mail.text.match(new RegExp(`/_/#/auth/${page}/([\\w.-]+)`))?.[1] ?? '';
}

test('an address is verified, and the SDK notes it on its own record', async () => {
  await account('vera');
  const pb = await here.signedIn('vera@example.com');
  assert.equal(await pb.collection('users').requestVerification('vera@example.com'), true);
  const token = await mailed('confirm-verification', 'vera@example.com');
  const { exp, ...claims } = getTokenPayload(token);
  assert.deepEqual(claims, { type: 'verification', email: 'vera@example.com', id: pb.authStore.record?.id, collectionId: '_pb_users_auth_' });
  assert.ok(Math.abs(exp - Date.now() / 1000 - 86_400) < 60);
  assert.equal(await pb.collection('users').confirmVerification(token), true);
  assert.equal(pb.authStore.record?.verified, true);
  await rejects(pb.collection('users').confirmVerification('x'), 400, { token: 'validation_invalid_token_claims' });
});

test('a forgotten password is replaced', async () => {
  await account('paul');
  const users = here.client().collection('users');
  assert.equal(await users.requestPasswordReset('paul@example.com'), true);
  const token = await mailed('confirm-password-reset', 'paul@example.com');
  assert.equal(getTokenPayload(token).type, 'passwordReset');
  assert.equal(await users.confirmPasswordReset(token, 'another one', 'another one'), true);
  await here.signedIn('paul@example.com', 'users', 'another one');
  await rejects(users.confirmPasswordReset(token, 'another one', 'another one'), 400, { token: 'validation_invalid_token' });
});

test('an address is changed, and the SDK signs out', async () => {
  await account('elif');
  const pb = await here.signedIn('elif@example.com');
  assert.equal(await pb.collection('users').requestEmailChange('new@example.com'), true);
  const token = await mailed('confirm-email-change', 'new@example.com');
  assert.equal(getTokenPayload(token).newEmail, 'new@example.com');
  await rejects(pb.collection('users').confirmEmailChange(token, 'wrong'), 400, { password: 'validation_invalid_password' });
  assert.equal(await pb.collection('users').confirmEmailChange(token, PASSWORD), true);
  assert.equal(pb.authStore.isValid, false);
  await here.signedIn('new@example.com');
});

test('a code signs in, alone or as a second factor', async () => {
  await account('otto');
  await here.superuser.collections.update('users', { otp: { enabled: true } });
  const pb = here.client();
  const { otp } = await pb.collection('users').listAuthMethods();
  assert.deepEqual(otp, { enabled: true, duration: 180 });
  const code = async () => {
    const { otpId } = await pb.collection('users').requestOTP('otto@example.com');
    return { otpId, code: (await sink.next()).text.match(/>(\d{8})</)?.[1] ?? '' };
  };
  const first = await code();
  const { record } = await pb.collection('users').authWithOTP(first.otpId, first.code);
  assert.equal(record.verified, true);
  assert.equal(pb.authStore.isValid, true);
  await here.superuser.collection('users').update(record.id, { password: PASSWORD, passwordConfirm: PASSWORD });

  await here.superuser.collections.update('users', { mfa: { enabled: true } });
  pb.authStore.clear();
  const challenge = await rejects(pb.collection('users').authWithPassword('otto@example.com', PASSWORD), 401);
  const second = await code();
  await pb.collection('users').authWithOTP(second.otpId, second.code, { mfaId: challenge.response.mfaId });
  assert.equal(pb.authStore.isValid, true);
  await here.superuser.collections.update('users', { mfa: { enabled: false }, otp: { enabled: false } });
});

test('superusers get in with a second factor too', async () => {
  await here.superuser.collections.update('_superusers', { otp: { enabled: true }, mfa: { enabled: true } });
  const pb = here.client();
  const superusers = pb.collection('_superusers');
  const challenge = await rejects(superusers.authWithPassword('root@example.com', 'a long root password'), 401);
  const { otpId } = await superusers.requestOTP('root@example.com');
  const code = (await sink.next()).text.match(/>(\d{8})</)?.[1] ?? '';
  await superusers.authWithOTP(otpId, code, { mfaId: challenge.response.mfaId });
  assert.equal(pb.authStore.isSuperuser, true);
  await pb.collections.update('_superusers', { otp: { enabled: false }, mfa: { enabled: false } });
});

test('an owner tries the settings', async () => {
  assert.equal(await here.superuser.settings.testEmail('users', 'me@example.com', 'verification'), true);
  assert.deepEqual((await sink.next()).to, ['me@example.com']);
  await rejects(here.superuser.settings.testEmail('nope', 'x', 'y'), 400, { collection: 'validation_invalid_auth_collection', email: 'validation_is_email', template: 'validation_in_invalid' });
});

test('mail goes over TLS, from the start or as soon as it is offered', { skip: identity ? false : 'no openssl to make a certificate with' }, async () => {
  for (const isImplicit of [true, false]) {
    const secure = await startSink(identity ?? undefined, { isImplicit });
    try {
      await use(secure.port, { tls: isImplicit, username: 'me', password: 'geheim', authMethod: 'PLAIN' });
      await here.superuser.settings.testEmail('users', 'me@example.com', 'otp');
      const mail = await secure.next();
      assert.equal(mail.isEncrypted, true);
      assert.ok(mail.dialog.includes(`AUTH PLAIN ${Buffer.from('\0me\0geheim').toString('base64')}`), String(mail.dialog));
    } finally {
      secure.stop();
    }
  }
});

test('a certificate of an unknown authority is refused', { skip: identity ? false : 'no openssl to make a certificate with' }, async () => {
  const stranger = makeIdentity();
  for (const isImplicit of [true, false]) {
    const secure = await startSink(stranger ?? undefined, { isImplicit });
    try {
      await use(secure.port, { tls: isImplicit });
      const error = await rejects(here.superuser.settings.testEmail('users', 'me@example.com', 'otp'), 400);
      assert.match(error.response.message, /certificate/i);
      assert.equal(secure.count(), 0);
    } finally {
      secure.stop();
    }
  }
});

/** A self-signed certificate for localhost, if openssl is installed. */
function makeIdentity() {
  const folder = mkdtempSync(join(tmpdir(), 'steading-tls-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [path, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=critical,CA:FALSE'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  try {
    execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', path, ...names], { stdio: 'pipe' });
  } catch {
    return null;
  }
  return { path, cert: readFileSync(path, 'utf8'), key: readFileSync(key, 'utf8') };
}
