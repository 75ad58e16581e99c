//! Are two answers the same, apart from what must differ? Ids, times, tokens and free texts differ between any two runs; the
//! two answers are walked side by side, so that such values are recognised by their shape and *paired*: once `x` on one side
//! has stood where `y` stands on the other, it must do so everywhere (structure made of ids stays comparable).

const DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Ids chosen by a test contain `00000` (by convention) and must come back as they are; generated ones practically never do. */
const GENERATED_ID = /\b(?![a-z0-9]*00000)[a-z0-9]{15}\b/g;

/** Texts whose wording the contract leaves free, and random parts of otherwise fixed texts. */
const FREE = /** @type {[RegExp, string][]} */ ([
  [/(Raw error:).*$/s, '$1 …'],
  [/(Invalid query - ).*$/s, '$1…'],
  [/(Failed to create index \w+ - ).*$/s, '$1…'],
  [/([Ee]rror parsing regexp:).*$/s, '$1 …'],
  [/(Data validations failed for collection "[^"]*").*$/s, '$1…'],
  [/_clone_\w{4}\b/g, '_clone_…'],
  [/temp_view_\w+/g, 'temp_view_…'],
  [/(idx_(?:tokenKey|email)_)[A-Za-z0-9]{10}\b/g, '$1…'],
  // The random letters in the names of stored files.
  [/_[a-z0-9]{10}(?=\.\w)/g, '_…'],
  [/([?&](?:state|code_challenge)=)[\w-]+/g, '$1…'],
]);
/** Where PocketBase has only this message, our server says what is wrong and where. */
const GENERIC = 'Something went wrong while processing your request.';
const TOLD_MORE = /^(Invalid (filter|sort) at character \d+: .+|The body is not valid JSON: .+|The parameter "\w+" .+)[.?]$/s;
/** What our server adds to the message that an endpoint of PocketBase has for bodies that cannot be read. */
const ADDED = /^(The body is not valid JSON: .+|Unsupported Content-Type)\.$/;
/** Keys whose values are random by nature: only kind and length can be compared. */
const RANDOM_KEYS = new Set(['state', 'codeVerifier', 'codeChallenge']);
/** What a mail template must hold, whatever else it says; texts set by a test begin with `custom` and must come back exactly. */
const TEMPLATE_PARTS = ['{TOKEN}', '{OTP}', '{ALERT_INFO}'];
/** Validation codes whose message is the text of some library. */
const FREE_MESSAGES = new Set(['validation_invalid_cron']);

/** Whether only ours says where a filter, a sort or a rule is wrong. */
function isPlace(/** @type {any} */ a, /** @type {any} */ b, /** @type {string[]} */ path, /** @type {string} */ key) {
  if (path.join('.') === 'data' && /^(filter|sort)$/.test(key)) return b[key].code === `validation_invalid_${key}`;
  return key === 'params' && a.code === 'validation_invalid_rule' && Number.isInteger(b.params.offset);
}

/**
 * What one pair of servers has shown so far: which generated value of the peer stands for which of ours.
 */
export class Pairing {
  #toOurs = new Map();
  #toPeer = new Map();

  /** True if the two stand for each other, now or since earlier. */
  pair(/** @type {string} */ peer, /** @type {string} */ ours) {
    if (!this.#toOurs.has(peer) && !this.#toPeer.has(ours)) {
      this.#toOurs.set(peer, ours);
      this.#toPeer.set(ours, peer);
    }
    return this.#toOurs.get(peer) === ours && this.#toPeer.get(ours) === peer;
  }
}

/**
 * The differences that matter, one line each; empty when there are none.
 * @param {unknown} peer
 * @param {unknown} ours
 * @param {Pairing} pairing
 * @param {{ shapes?: Record<string, RegExp>, ignore?: string[] }} [options]   `shapes`: for these paths both values must match the
 *   expression, and are not compared further. `ignore`: paths not looked at. A path is dotted, array positions are `*`.
 * @returns {string[]}
 */
export function differences(peer, ours, pairing, { shapes = {}, ignore = [] } = {}) {
  /** @type {string[]} */
  const found = [];
  walk(peer, ours, []);
  return found;

  /** @param {string[]} path */
  function walk(/** @type {any} */ a, /** @type {any} */ b, path) {
    const name = starred(path);
    if (ignore.includes(name)) return;
    const report = () => found.push(`${path.join('.') || '(body)'}: PocketBase has ${show(a)}, ours has ${show(b)}`);
    const shape = shapes[name];
    if (shape) {
      if (!shape.test(String(a)) || !shape.test(String(b))) report();
    } else if (kind(a) !== kind(b)) {
      report();
    } else if (Array.isArray(a)) {
      if (a.length !== b.length) found.push(`${path.join('.') || '(body)'}: PocketBase has ${a.length} members, ours has ${b.length}`);
      for (let i = 0; i < Math.min(a.length, b.length); i++) walk(a[i], b[i], [...path, String(i)]);
    } else if (kind(a) === 'object') {
      const isFree = FREE_MESSAGES.has(a.code);
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        if (isFree && key === 'message') continue;
        if (ignore.includes(starred([...path, key]))) continue;
        if (!(key in a) && isPlace(a, b, path, key)) continue;
        if (!(key in b)) found.push(`${[...path, key].join('.')}: missing in ours, PocketBase has ${show(a[key])}`);
        else if (!(key in a)) found.push(`${[...path, key].join('.')}: only ours has it: ${show(b[key])}`);
        else walk(a[key], b[key], [...path, key]);
      }
    } else if (typeof a === 'string') {
      if (!same(a, b, path)) report();
    } else if (a !== b) {
      report();
    }
  }

  function starred(/** @type {string[]} */ path) {
    return path.map((step) => (/^\d+$/.test(step) ? '*' : step)).join('.');
  }

  function same(/** @type {string} */ a, /** @type {string} */ b, /** @type {string[]} */ path) {
    if (a === b) return true;
    const [parent = '', key = ''] = path.slice(-2);
    if (RANDOM_KEYS.has(key)) return a.length === b.length && a.length > 0;
    if (key === 'logo') return a.startsWith('<svg') && b.startsWith('<svg');
    if (/[tT]emplate$/.test(parent) && !a.startsWith('custom')) return b !== '' && TEMPLATE_PARTS.every((one) => a.includes(one) === b.includes(one));
    if (DATE.test(a) && DATE.test(b)) return isRecent(a) && isRecent(b);
    if (JWT.test(a) && JWT.test(b)) return sameToken(a, b);
    const [softA, softB] = [soften(a), soften(b)];
    if (softA === softB) return true;
    if (path.join('.') === 'message' && (a === GENERIC ? TOLD_MORE.test(b) : b.startsWith(`${a} `) && ADDED.test(b.slice(a.length + 1)))) return true;
    const [idsA, idsB] = [softA.match(GENERATED_ID) ?? [], softB.match(GENERATED_ID) ?? []];
    return (
      softA.replace(GENERATED_ID, '…') === softB.replace(GENERATED_ID, '…') &&
      idsA.every((id, i) => pairing.pair(id, /** @type {string} */ (idsB[i])))
    );
  }

  /** Header and claims must agree, the moment of expiry within a few seconds; the signature is each side's own. */
  function sameToken(/** @type {string} */ a, /** @type {string} */ b) {
    const [partsA, partsB] = [decodeToken(a), decodeToken(b)];
    if (!partsA || !partsB) return false;
    const isCloseExpiry = Math.abs((partsA.claims.exp ?? 0) - (partsB.claims.exp ?? 0)) <= 10;
    const strip = (/** @type {any} */ token) => ({ ...token, claims: { ...token.claims, exp: 0 } });
    return isCloseExpiry && differences(strip(partsA), strip(partsB), pairing).length === 0;
  }
}

/**
 * The readable two thirds of a JWT, or null when it is none.
 * @returns {{ header: any, claims: any } | null}
 */
export function decodeToken(/** @type {string} */ token) {
  try {
    const [header, claims] = token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
    return { header, claims };
  } catch {
    return null;
  }
}

/**
 * Does `actual` contain what `expected` says? Objects may have more keys, a RegExp matches text, anything else must be equal.
 * @param {any} expected
 * @param {any} actual
 * @returns {string[]}   what is wrong, one line each
 */
export function mismatches(expected, actual, path = 'body') {
  if (expected instanceof RegExp) {
    return typeof actual === 'string' && expected.test(actual) ? [] : [`${path}: expected ${expected}, got ${show(actual)}`];
  }
  if (kind(expected) === 'object' && kind(actual) === 'object') {
    return Object.entries(expected).flatMap(([key, value]) => mismatches(value, actual[key], `${path}.${key}`));
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((value, i) => mismatches(value, actual[i], `${path}.${i}`));
  }
  return JSON.stringify(expected) === JSON.stringify(actual) ? [] : [`${path}: expected ${show(expected)}, got ${show(actual)}`];
}

function kind(/** @type {unknown} */ value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function show(/** @type {unknown} */ value) {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

/** A text without what differs between any two runs. */
export function soften(/** @type {string} */ text) {
  // PocketBase names the collections in any order.
  const ordered = text.replace(/(?<=existing reference in )[\w, ]+/, (names) => names.split(', ').sort().join(', '));
  return FREE.reduce((soft, [pattern, replacement]) => soft.replace(pattern, replacement), ordered);
}

/** Made during this run, and not in the future: a stored date that should have come back as it was is not. */
function isRecent(/** @type {string} */ date) {
  const age = Date.now() - Date.parse(date.replace(' ', 'T'));
  return age > -5_000 && age < 3_600_000;
}
