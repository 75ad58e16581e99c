import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rejects, world } from '../lib/sdk.mjs';

const here = world();

test('everybody may ask whether it is well', async () => {
  const health = await here.client().health.check();
  assert.equal(health.code, 200);
  assert.equal(typeof health.message, 'string');
  assert.deepEqual(health.data, {});
  assert.equal((await here.superuser.health.check()).data.canBackup, true);
});

test('settings are read and changed in part', async () => {
  const before = await here.superuser.settings.getAll();
  const after = await here.superuser.settings.update({ meta: { appName: 'Acme' }, logs: { maxDays: 9 } });
  assert.equal(after.meta.appName, 'Acme');
  assert.equal(after.meta.senderAddress, before.meta.senderAddress);
  assert.equal(after.logs.maxDays, 9);
  assert.deepEqual(await here.superuser.settings.getAll(), after);
});

test('secrets are kept and never shown', async () => {
  const { settings } = here.superuser;
  await settings.update({ smtp: { enabled: true, host: 'smtp.example.com', port: 587, username: 'u', password: 'very secret' } });
  const all = await settings.getAll();
  assert.equal(JSON.stringify(all).includes('very secret'), false);
  assert.equal(all.smtp.password, undefined);
  await settings.update({ smtp: { enabled: false } });
});

test('settings that do not fit are refused by name', async () => {
  const { settings } = here.superuser;
  const error = await rejects(settings.update({ meta: { appURL: 'nope', senderAddress: 'nope' } }), 400);
  assert.equal(error.response.data.meta.appURL.code, 'validation_is_url');
  assert.equal(error.response.data.meta.senderAddress.code, 'validation_is_email');
});

test('settings are for superusers', async () => {
  await rejects(here.client().settings.getAll(), 401);
  await rejects(here.client().settings.update({ meta: { appName: 'x' } }), 401);
});

test('errors carry status, address and body', async () => {
  const error = await rejects(here.client().collection('users').getOne('missing'), 404);
  assert.equal(error.url, `${here.url()}/api/collections/users/records/missing`);
  assert.deepEqual(error.response, { data: {}, message: "The requested resource wasn't found.", status: 404 });
  assert.equal(error.isAbort, false);
});

test('hooks of the SDK see what they send and get', async () => {
  const pb = here.client();
  pb.beforeSend = (url, options) => ({ url, options: { ...options, headers: { ...options.headers, 'X-Mine': '1' } } });
  pb.afterSend = (response, data) => ({ ...data, type: response.headers.get('content-type') });
  const answer = await pb.send('/api/health', {});
  assert.equal(answer.type, 'application/json');
});
