//! The official SDK, connected to our server.

import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import PocketBase, { ClientResponseError } from 'pocketbase';
import { OURS, SUPERUSER, start } from './server.mjs';

export const PASSWORD = 'correct horse';

/**
 * A server for the tests of one file; call at the top of it. `client()` is a new guest, `superuser` is signed in.
 * @param {(superuser: PocketBase) => Promise<void>} [prepare]   what must be there before
 */
export function world(prepare) {
  /** @type {import('./server.mjs').Server} */
  let server;
  const here = {
    /** @type {PocketBase} */
    superuser: /** @type {any} */ (undefined),
    url: () => server.url,
    /** Another command on the same data folder. */
    command: (/** @type {string[]} */ ...words) => server.command(...words),
    client() {
      const client = new PocketBase(server.url);
      client.autoCancellation(false);
      return client;
    },
    /** A client signed in to a collection. */
    async signedIn(/** @type {string} */ email, collection = 'users', password = PASSWORD) {
      const client = here.client();
      await client.collection(collection).authWithPassword(email, password);
      return client;
    },
  };
  before(async () => {
    server = await start(OURS);
    here.superuser = here.client();
    await here.superuser.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
    await prepare?.(here.superuser);
  });
  after(() => server?.stop());
  return here;
}

/**
 * The error an SDK call must end with.
 * @param {Promise<unknown>} call
 * @param {number} status
 * @param {Record<string, string>} [codes]   field → code
 * @returns {Promise<ClientResponseError>}
 */
export async function rejects(call, status, codes) {
  const error = await call.then(
    () => assert.fail(`this should have failed with ${status}`),
    (problem) => problem,
  );
  assert.ok(error instanceof ClientResponseError, String(error));
  assert.equal(error.status, status, JSON.stringify(error.response));
  if (codes !== undefined) {
    assert.deepEqual(Object.fromEntries(Object.entries(error.response.data).map(([field, entry]) => [field, /** @type {any} */ (entry).code])), codes);
  }
  return error;
}
