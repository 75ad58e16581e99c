//! The differential suite's frame. A case is data: one request, sent to PocketBase and to our server, whose answers must agree.
//!
//!   [status, caller, 'METHOD /path', payload, options]
//!
//! - `status` is what PocketBase answers; it is checked, so that a broken set-up cannot make two wrong answers agree.
//! - `caller` is `guest`, `superuser`, `bad` (a token that is none), or a name under which an earlier case saved a token.
//! - `payload`: for GET and HEAD the query parameters, else the JSON body; `form`, `parts` and `raw` make other bodies.
//! - `{{name}}` anywhere in path, payload or headers stands for a value saved by an earlier case, on each side its own.
//!
//! - a `-` in `items` or `codes` means none; what else a case may say is in `Options`.
//!
//! Cases of one file run in order against one pair of servers with empty folders; files know nothing of each other.

import { after, describe, test } from 'node:test';
import { AssertionError } from 'node:assert';
import { BOUNDARY, File, encode, multipart, request } from './http.mjs';
import { Pairing, differences, mismatches, soften } from './compare.mjs';
import { startSink } from './sink.mjs';
import { IS_SELF_CHECK, OURS, PEER, PEER_MISSING, SUPERUSER, start } from './server.mjs';

/**
 * @typedef {import('./http.mjs').Answer} Answer
 * @typedef {object} Options
 * @property {string} [name]   what the case is called, where the request alone does not tell
 * @property {Record<string, string | string[]>} [headers]   more request headers; a list repeats its header
 * @property {Record<string, unknown>} [query]   query parameters of a request with a body
 * @property {Record<string, string>} [save]   name → dotted path into the answer's body, for later `{{name}}`
 * @property {string} [codes]   `field.path:code` of every error entry that must be there, blank separated; `-` for empty data
 * @property {any} [body]   what both bodies must contain at least (RegExp allowed)
 * @property {string} [items]   blank separated first letters: which records the list must hold, in any order; `-` for none
 * @property {string[]} [compareHeaders]   response headers compared besides Content-Type
 * @property {Record<string, RegExp>} [shapes]   paths with random values, which must look like this on both sides
 * @property {string[]} [ignore]   paths that the contract leaves free
 * @property {Record<string, RegExp>} [mail]   name → what to save of the next mail that comes after the answer: its first group,
 *   on each side its own; for suites with `mail: true`
 * @property {{ why: string, status: number, body?: any }} [differs]   we differ on purpose: what ours must answer
 * @typedef {[number, string, string, any?, Options?]} Case
 */

/** What GET /api/health tells superusers in addition: whether the disk is full, and whether the request log was damaged. */
export const HEALTH_ADDITIONS = ['data.disk', 'data.logs'];

class Payload {
  constructor(/** @type {string | null} */ type, /** @type {string | Buffer} */ body) {
    this.type = type;
    this.body = body;
  }
}
/** An urlencoded body. */
export const form = (/** @type {Record<string, unknown>} */ values) => new Payload('application/x-www-form-urlencoded', encode(values));
/** A multipart body: `parts(['title', 'x'], ['@jsonPayload', { views: 1 }])`. */
export const parts = (/** @type {[string, unknown][]} */ ...list) =>
  new Payload(`multipart/form-data; boundary=${BOUNDARY}`, multipart(list));
/** A file, as the value of a part: `parts(['cover', upload('photo.png', 'its content')])`. */
export const upload = (/** @type {string} */ filename, content = 'some content') => new File(filename, content);
/** Any bytes under any content type; null sends none. */
export const raw = (/** @type {string | null} */ type, /** @type {string | Buffer} */ body) => new Payload(type, body);

/**
 * Opens a pair of servers for a file of cases.
 * @param {string} name
 * @param {Case[]} setup   what must be there before: run on both sides, must answer as said, not counted as tests
 * @param {Record<string, Case[]>} groups
 * @param {{ args?: string[], mail?: boolean }} [options]   `mail`: each side has a mail server of its own
 */
export function suite(name, setup, groups, { args, mail = false } = {}) {
  describe(name, { skip: PEER_MISSING }, () => {
    /** @type {Pair | undefined} */
    let pair;
    after(() => pair?.close());
    // A failing step fails only this test: the cases that do not need it remain meaningful.
    test('set-up', async () => {
      pair = await Pair.open(args);
      if (mail) await pair.openMail();
      /** @type {string[]} */
      const problems = [];
      for (const one of setup) await pair.run(one).catch((error) => problems.push(error.message));
      if (problems.length > 0) throw plain(problems.join('\n\n'));
    });
    for (const [group, cases] of Object.entries(groups)) {
      describe(group, () => {
        for (const one of cases) {
          test(title(one), async () => {
            if (!pair) throw plain('not run: the two servers did not start');
            await pair.run(one);
          });
        }
      });
    }
  });
}

/** One side of the pair. */
class Side {
  /** @type {Record<string, string>} */
  saved = { bad: 'eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IngifQ.bm90IGEgdG9rZW4' };

  /** @type {Awaited<ReturnType<typeof startSink>> | undefined} */
  sink;

  constructor(/** @type {import('./server.mjs').Server} */ server) {
    this.server = server;
  }

  async openMail() {
    this.sink = await startSink();
    const smtp = { enabled: true, host: '127.0.0.1', port: this.sink.port };
    const answer = await this.send([200, 'superuser', 'PATCH /api/settings', { smtp }]);
    if (answer.status !== 200) throw plain(`the mail server is refused: ${answer.text}`);
  }

  /** Waits for the next mail and keeps what the case wants of it. */
  async read(/** @type {Record<string, RegExp>} */ wanted) {
    const mail = await this.sink?.next();
    for (const [name, pattern] of Object.entries(wanted)) {
      const found = mail?.text.match(pattern)?.[1];
      if (found === undefined) throw plain(`${this.server.program} sent a mail without ${pattern}:\n${mail?.text}`);
      this.saved[name] = found;
    }
  }

  /** @returns {Promise<Answer>} */
  async send(/** @type {Case} */ [, caller, line, payload, options = {}]) {
    const [method = '', ...rest] = line.split(' ');
    /** @type {Record<string, string | string[]>} */
    const headers = { ...options.headers };
    if (caller !== 'guest') headers.Authorization ??= this.#value(caller);
    let path = rest.join(' ');
    let body;
    const isQuery = (method === 'GET' || method === 'HEAD') && !(payload instanceof Payload);
    const query = { ...(isQuery ? payload : {}), ...options.query };
    if (payload instanceof Payload) {
      if (payload.type !== null) headers['Content-Type'] ??= payload.type;
      body = payload.body;
    } else if (!isQuery && payload !== undefined) {
      headers['Content-Type'] ??= 'application/json';
      body = JSON.stringify(payload);
    }
    if (Object.keys(query).length > 0) path += `?${encode(JSON.parse(this.#fill(JSON.stringify(query))))}`;
    return request(this.server.url, {
      method,
      path: this.#fill(path),
      headers: JSON.parse(this.#fill(JSON.stringify(headers))),
      body: typeof body === 'string' ? this.#fill(body) : body,
    }).then(withoutBoundary).catch((error) => {
      throw plain(`${line}: ${this.server.program} gave no answer (${error.message}). It printed last:\n${this.server.output().slice(-2_000)}`);
    });
  }

  save(/** @type {Record<string, string>} */ wanted, /** @type {Answer} */ answer) {
    for (const [name, path] of Object.entries(wanted)) {
      const value = path.split('.').reduce((/** @type {any} */ at, step) => at?.[step], answer.body);
      this.saved[name] = typeof value === 'string' ? value : '(nothing was saved)';
    }
  }

  #value(/** @type {string} */ name) {
    const value = this.saved[name];
    if (value === undefined) throw new Error(`nothing is saved as ${name}`);
    return value;
  }

  #fill(/** @type {string} */ text) {
    return text.replace(/\{\{(\w+)\}\}/g, (_, name) => this.#value(name));
  }
}

class Pair {
  #pairing = new Pairing();

  /** @private */
  constructor(/** @type {Side} */ peer, /** @type {Side} */ ours) {
    this.peer = peer;
    this.ours = ours;
  }

  static async open(/** @type {string[] | undefined} */ args) {
    const [peer, ours] = await Promise.allSettled([start(PEER, { args }), start(OURS, { args })]);
    if (peer.status === 'rejected' || ours.status === 'rejected') {
      if (peer.status === 'fulfilled') await peer.value.stop();
      if (ours.status === 'fulfilled') await ours.value.stop();
      throw peer.status === 'rejected' ? peer.reason : ours.status === 'rejected' ? ours.reason : new Error('unreachable');
    }
    const pair = new Pair(new Side(peer.value), new Side(ours.value));
    try {
      await pair.run(signIn('superuser', '_superusers', SUPERUSER.email, SUPERUSER.password));
    } catch (error) {
      await pair.close();
      throw error;
    }
    return pair;
  }

  async openMail() {
    await Promise.all([this.peer.openMail(), this.ours.openMail()]);
  }

  async close() {
    this.peer.sink?.stop();
    this.ours.sink?.stop();
    await Promise.all([this.peer.server.stop(), this.ours.server.stop()]);
  }

  async run(/** @type {Case} */ one) {
    const [status, , , , options = {}] = one;
    const [peer, ours] = await Promise.all([this.peer.send(one), this.ours.send(one)]);
    this.peer.save(options.save ?? {}, peer);
    this.ours.save(options.save ?? {}, ours);
    const { mail } = options;
    if (mail) await Promise.all([this.peer.read(mail), this.ours.read(mail)]);
    const problems = unexpected(status, options, peer).map((problem) => `PocketBase does not answer as this case says: ${problem}`);
    if (options.differs && !IS_SELF_CHECK) {
      const { why, status: ourStatus, body } = options.differs;
      if (ours.status !== ourStatus) problems.push(`ours answers ${ours.status}, not ${ourStatus} (${why})`);
      if (body !== undefined) problems.push(...mismatches(body, ours.body).map((problem) => `${problem} (${why})`));
    } else {
      if (peer.status !== ours.status) problems.push(`status: PocketBase has ${peer.status}, ours has ${ours.status}`);
      for (const name of ['content-type', ...(options.compareHeaders ?? [])]) {
        const [a, b] = [header(peer, name), header(ours, name)];
        if (soften(a ?? '') !== soften(b ?? '')) problems.push(`header ${name}: PocketBase has ${a}, ours has ${b}`);
      }
      problems.push(...differences(peer.body, ours.body, this.#pairing, options));
    }
    if (problems.length > 0) throw failure(one, problems, peer, ours);
  }
}

/** The random line between several ranges of a file becomes a fixed one. */
function withoutBoundary(/** @type {Answer} */ answer) {
  const [, boundary] = answer.headers['content-type']?.match(/^multipart\/byteranges; boundary=(\w{60})$/) ?? [];
  if (boundary === undefined) return answer;
  const text = answer.text.replaceAll(boundary, 'BOUNDARY');
  const headers = { ...answer.headers, 'content-type': 'multipart/byteranges; boundary=BOUNDARY' };
  return { ...answer, headers, text, body: text || null };
}

/** Signs in and keeps the token under the caller's name. */
export function signIn(
  /** @type {string} */ caller,
  /** @type {string} */ collection,
  /** @type {string} */ identity,
  password = PASSWORD,
) {
  /** @type {Case} */
  const one = [200, 'guest', `POST /api/collections/${collection}/auth-with-password`, { identity, password }];
  one.push({ save: { [caller]: 'token', [`${caller}Id`]: 'record.id' } });
  return one;
}

/** The password of every auth record a set-up makes. */
export const PASSWORD = 'correct horse';

/** The ways in which the answer (of PocketBase) differs from what the case itself says. */
function unexpected(/** @type {number} */ status, /** @type {Options} */ options, /** @type {Answer} */ answer) {
  const problems = answer.status === status ? [] : [`it answers ${answer.status}, not ${status}`];
  if (options.body !== undefined) problems.push(...mismatches(options.body, answer.body));
  if (options.codes !== undefined) {
    const expected = options.codes === '-' ? [] : options.codes.split(' ').sort();
    const actual = codesOf(answer.body?.data ?? {}).sort();
    if (expected.join(' ') !== actual.join(' ')) problems.push(`its error codes are ${actual.join(' ') || 'none'}, not ${options.codes}`);
  }
  if (options.items !== undefined) {
    const expected = options.items === '-' ? '' : options.items.split(' ').sort().join(' ');
    const actual = (answer.body?.items ?? []).map((/** @type {any} */ item) => String(item.title)[0]).sort().join(' ');
    if (expected !== actual) problems.push(`its items are ${actual || 'none'}, not ${options.items}`);
  }
  return problems;
}

/** `title:validation_required`, for each entry of an error's `data`, however deep. @returns {string[]} */
function codesOf(/** @type {any} */ data, path = '') {
  return Object.entries(data ?? {}).flatMap(([key, value]) => {
    const at = path ? `${path}.${key}` : key;
    return typeof value?.code === 'string' ? [`${at}:${value.code}`] : codesOf(value, at);
  });
}

function header(/** @type {Answer} */ answer, /** @type {string} */ name) {
  return String(answer.headers[name] ?? 'none').toLowerCase().replaceAll(' ', '');
}

function title(/** @type {Case} */ [status, caller, line, payload, options = {}]) {
  const sent = payload instanceof Payload ? `${payload.type}: ${payload.body}` : payload === undefined ? '' : JSON.stringify(payload);
  const shown = sent.length > 160 ? `${sent.slice(0, 160)}…` : sent;
  const text = options.name ?? `${line} ${shown}`.trim();
  return `${text} (${caller}) ${status}${options.differs ? ` – ours differs: ${options.differs.why}` : ''}`;
}

function failure(/** @type {Case} */ one, /** @type {string[]} */ problems, /** @type {Answer} */ peer, /** @type {Answer} */ ours) {
  const [, caller, line, payload, options = {}] = one;
  const sent = payload instanceof Payload ? `${payload.type}\n${payload.body}` : JSON.stringify(payload);
  const extra = JSON.stringify({ headers: options.headers, query: options.query });
  const message = [
    `${line}  as ${caller}`,
    clip(sent ?? ''),
    extra === '{}' ? '' : extra,
    '',
    ...problems.map((problem) => `  × ${problem}`),
    '',
    `reference: ${pretty(peer)}`,
    `ours:      ${pretty(ours)}`,
  ];
  return plain(message.join('\n'));
}

/** An error without a stack: every case fails at the same line, so it would only push the answers out of sight. */
function plain(/** @type {string} */ message) {
  const error = new AssertionError({ message });
  error.stack = message;
  return error;
}

function pretty(/** @type {Answer} */ answer) {
  return clip(`${answer.status} ${typeof answer.body === 'string' ? answer.body : JSON.stringify(sorted(answer.body), null, 2)}`);
}

/** Keys in one order, so that the two answers can be compared side by side. @returns {any} */
function sorted(/** @type {any} */ value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

function clip(/** @type {string} */ text) {
  return text.length > 4_000 ? `${text.slice(0, 4_000)}… (${text.length} characters)` : text;
}
