//! An OAuth2 and OIDC provider on loopback. It checks client credentials, redirect URL and PKCE, and signs id_tokens with a
//! key it publishes.
//!
//! A person is identified by a code. The codes in `people` can be exchanged repeatedly and without PKCE, so that two servers
//! can get the same requests. A code from `authorize` belongs to one authorization and is valid once.

import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

export const CLIENT = { clientId: 'cid', clientSecret: 's e/c+r&t' };
/** The smallest PNG there is. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/**
 * @typedef {object} Person
 * @property {Record<string, unknown>} [claims]   what user info and id_token say
 * @property {Record<string, unknown>} [token]   more keys of the token answer, or other values of the usual ones
 * @property {Record<string, unknown>} [answers]   path → body, for providers with more than one endpoint
 * @property {number} [tokenStatus]   the token is refused with this
 * @property {'body' | 'basic'} [credentials]   the only way of client credentials that is accepted
 * @property {Record<string, unknown>} [idToken]   invalid claims of the id_token
 * @property {'unknown' | 'other'} [key]   sign with a key that is not published, or under the name of the published one
 */

/**
 * @param {Record<string, Person>} people   by code
 */
export async function startProvider(people) {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });
  /** @type {Map<string, { person: string, challenge: string | null, redirect: string | null }>} */
  const handedOut = new Map();
  /** @type {{ method: string, path: string, headers: import('node:http').IncomingHttpHeaders, body: string }[]} */
  const requests = [];
  let url = '';

  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    requests.push({ method: request.method ?? '', path: pathname, headers: request.headers, body });
    const send = (/** @type {number} */ status, /** @type {unknown} */ value, headers = {}) => {
      const isBinary = Buffer.isBuffer(value);
      response.writeHead(status, { 'Content-Type': isBinary ? 'image/png' : 'application/json', ...headers });
      response.end(isBinary ? value : JSON.stringify(value));
    };
    if (pathname === '/authorize') return authorize(searchParams, send);
    if (pathname === '/token') return token(request, new URLSearchParams(body), send);
    if (pathname === '/jwks') return send(200, { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] });
    if (pathname === '/avatar.png') return send(200, PIXEL);
    const code = /^Bearer at_(.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const person = people[code ?? ''];
    if (!person) return send(401, { error: 'invalid_token' });
    const answer = person.answers?.[pathname] ?? (pathname === '/userinfo' ? person.claims : undefined);
    send(answer === undefined ? 404 : 200, answer ?? { error: 'not_found' });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;

  /** The consent page, which agrees immediately. `login_hint` says who the person is. */
  function authorize(/** @type {URLSearchParams} */ query, /** @type {Function} */ send) {
    const [redirect, person] = [query.get('redirect_uri'), query.get('login_hint') ?? ''];
    if (query.get('client_id') !== CLIENT.clientId || !redirect || !people[person]) return send(400, { error: 'invalid_request' });
    const code = `once_${randomBytes(8).toString('hex')}`;
    handedOut.set(code, { person, challenge: query.get('code_challenge'), redirect });
    const target = new URL(redirect);
    target.searchParams.set('code', code);
    target.searchParams.set('state', query.get('state') ?? '');
    send(302, {}, { Location: String(target) });
  }

  function token(/** @type {import('node:http').IncomingMessage} */ request, /** @type {URLSearchParams} */ form, /** @type {Function} */ send) {
    const code = form.get('code') ?? '';
    const pending = handedOut.get(code);
    const name = pending?.person ?? code;
    const person = people[name];
    const refuse = (/** @type {string} */ error, status = 400) => send(status, { error });
    if (!person) return refuse('invalid_grant');
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const [id, secret] = basic
      ? Buffer.from(basic, 'base64').toString().split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
      : [form.get('client_id'), form.get('client_secret')];
    if (person.credentials && person.credentials !== (basic ? 'basic' : 'body')) return refuse('invalid_client', 401);
    if (id !== CLIENT.clientId || secret !== CLIENT.clientSecret) return refuse('invalid_client', 401);
    if (form.get('grant_type') !== 'authorization_code') return refuse('unsupported_grant_type');
    if (pending) {
      handedOut.delete(code);
      const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
      if (pending.challenge !== null && pending.challenge !== challenge) return refuse('invalid_grant');
      if (pending.redirect !== form.get('redirect_uri')) return refuse('invalid_grant');
    }
    if (person.tokenStatus) return refuse('access_denied', person.tokenStatus);
    send(200, { access_token: `at_${name}`, refresh_token: `rt_${name}`, token_type: 'Bearer', expires_in: 3600, id_token: idToken(person), ...person.token });
  }

  function idToken(/** @type {Person} */ person) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: url, aud: CLIENT.clientId, iat: now, exp: now + 600, ...person.claims, ...person.idToken };
    const header = { alg: 'RS256', typ: 'JWT', kid: person.key === 'unknown' ? 'two' : 'one' };
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const key = person.key ? strangers.privateKey : keys.privateKey;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
  }

  return {
    url,
    requests,
    /** The entry for this provider in a collection's `oauth2.providers`. */
    entry: (name = 'oidc', more = {}) => ({
      name,
      ...CLIENT,
      authURL: `${url}/authorize`,
      tokenURL: `${url}/token`,
      userInfoURL: `${url}/userinfo`,
      ...more,
    }),
    close: () => new Promise((done) => server.close(done)),
  };
}
