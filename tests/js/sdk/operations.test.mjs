import { test } from 'node:test';
import assert from 'node:assert/strict';
import { PATIENCE } from '../lib/http.mjs';
import { rejects, world } from '../lib/sdk.mjs';

const here = world();

test('logs are listed, shown, counted and deleted', async () => {
  const { logs } = here.superuser;
  await rejects(here.client().collection('users').getOne('missing'), 404);
  const page = await logs.getList(1, 5, { filter: 'data.status = 404', sort: '-@rowid' });
  assert.equal(page.totalItems, 1);
  const log = await logs.getOne(page.items[0]?.id ?? '');
  assert.equal(log.message, 'GET /api/collections/users/records/missing');
  assert.equal(log.data.type, 'request');
  const hours = await logs.getStats({ filter: 'data.status = 404' });
  assert.deepEqual(hours.map((hour) => hour.total), [1]);
  await rejects(logs.getOne('nope'), 404);
  await here.superuser.send('/api/logs', { method: 'DELETE' });
  assert.equal((await logs.getList(1, 5, { filter: 'data.status = 404' })).totalItems, 0);
});

test('jobs are listed and started', async () => {
  const jobs = await here.superuser.crons.getFullList();
  assert.ok(jobs.some((job) => job.id === '__pbLogsCleanup__' && job.expression === '0 */6 * * *'));
  assert.equal(await here.superuser.crons.run('__pbLogsCleanup__'), true);
  await rejects(here.superuser.crons.run('nope'), 404);
  await rejects(here.client().crons.getFullList(), 401);
});

test('backups are made, listed, fetched, brought and deleted', async () => {
  const { backups, files } = here.superuser;
  assert.equal(await backups.create('sdk.zip'), true);
  assert.deepEqual((await backups.getFullList()).map(({ key }) => key), ['sdk.zip']);
  await rejects(backups.create('sdk.zip'), 400, { name: 'validation_backup_name_exists' });
  const answer = await fetch(backups.getDownloadURL(await files.getToken(), 'sdk.zip'));
  assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="sdk.zip"');
  const zip = await answer.blob();
  assert.equal(await backups.upload({ file: new File([zip], 'again.zip') }), true);
  assert.deepEqual((await backups.getFullList()).map(({ size }) => size), [zip.size, zip.size]);
  assert.equal(await backups.delete('again.zip'), true);
  await rejects(backups.delete('again.zip'), 400);
  await rejects(here.client().backups.getFullList(), 401);
});

test('a restore brings back what was', async () => {
  const { superuser } = here;
  const user = await superuser.collection('users').create({ email: 'back@example.com', password: '12345678', passwordConfirm: '12345678' });
  assert.equal(await superuser.backups.create('before.zip'), true);
  await superuser.collection('users').delete(user.id);
  assert.equal(await superuser.backups.restore('before.zip'), true);
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await superuser.collection('users').getOne(user.id).catch(() => null);
    if (found) break;
    assert.ok(Date.now() < deadline, 'it did not come back');
    await new Promise((again) => setTimeout(again, 20));
  }
  await rejects(superuser.backups.restore('none.zip'), 400);
});
