import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Pairing, differences, mismatches } from './compare.mjs';

const now = () => new Date().toISOString().replace('T', ' ');
const token = (/** @type {object} */ claims) => `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.c2ln`;
const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const check = (/** @type {unknown} */ peer, /** @type {unknown} */ ours, options = {}) => differences(peer, ours, new Pairing(), options).length;

test('the same is the same, whatever the order of keys', () => {
  assert.equal(check({ a: 1, b: [null, 'x'] }, { b: [null, 'x'], a: 1 }), 0);
});

test('another value, type, length or key is a difference', () => {
  assert.equal(check({ a: 1 }, { a: 2 }), 1);
  assert.equal(check({ a: 1 }, { a: '1' }), 1);
  assert.equal(check({ a: null }, {}), 1);
  assert.equal(check({}, { a: null }), 1);
  assert.equal(check([1, 2], [1]), 1);
  assert.equal(check([1, 2], [2, 1]), 2);
  assert.equal(check([], {}), 1);
  assert.equal(check('', null), 1);
});

test('generated ids are paired, and stay paired', () => {
  const pairing = new Pairing();
  const [a, b, x, y] = ['abcdefghijklmn1', 'abcdefghijklmn2', 'zyxwvutsrqponm1', 'zyxwvutsrqponm2'];
  assert.equal(differences({ id: a, parent: b }, { id: x, parent: y }, pairing).length, 0);
  assert.equal(differences([b, a], [y, x], pairing).length, 0);
  assert.equal(differences([a, b], [y, x], pairing).length, 2);
  assert.equal(differences(`no record ${a}.`, `no record ${x}.`, pairing).length, 0);
  assert.equal(differences(`no record ${a}.`, `no record ${y}.`, pairing).length, 1);
});

test('ids chosen by a test are never paired', () => {
  assert.equal(check('post10000000000', 'post20000000000'), 1);
  assert.equal(check('post10000000000', 'abcdefghijklmn1'), 1);
});

test('times of this run are equal, stored times are not', () => {
  assert.equal(check(now(), now()), 0);
  assert.equal(check('2020-01-01 00:00:00.000Z', now()), 1);
  assert.equal(check('2020-01-01 00:00:00.000Z', '2020-01-01 00:00:00.001Z'), 1);
  assert.equal(check(now(), ''), 1);
});

test('tokens are compared by what they say', () => {
  const exp = Math.floor(Date.now() / 1000) + 100;
  assert.equal(check(token({ type: 'auth', exp }), token({ exp: exp + 1, type: 'auth' })), 0);
  assert.equal(check(token({ type: 'auth', exp }), token({ type: 'file', exp })), 1);
  assert.equal(check(token({ type: 'auth', exp }), token({ type: 'auth', exp: exp + 60 })), 1);
});

test('free texts are cut where the freedom begins', () => {
  assert.equal(check('Invalid rule. Raw error: this', 'Invalid rule. Raw error: that'), 0);
  assert.equal(check('Invalid rule. Raw error: this', 'Something else. Raw error: this'), 1);
  assert.equal(check({ code: 'validation_invalid_cron', message: 'a' }, { code: 'validation_invalid_cron', message: 'b' }), 0);
  assert.equal(check({ code: 'validation_required', message: 'a' }, { code: 'validation_required', message: 'b' }), 1);
});

test('names in a list of references come in any order', () => {
  assert.equal(check('existing reference in a, b.', 'existing reference in b, a.'), 0);
  assert.equal(check('existing reference in a, b.', 'existing reference in a.'), 1);
});

test('templates may say what they like, with the same placeholders', () => {
  const template = (/** @type {string} */ body) => ({ verificationTemplate: { body } });
  assert.equal(check(template('Hello {TOKEN}'), template('Dear {TOKEN}')), 0);
  assert.equal(check(template('Hello {TOKEN}'), template('Dear you')), 1);
  assert.equal(check(template('custom {TOKEN}'), template('Dear {TOKEN}')), 1);
});

test('paths with a shape or without interest', () => {
  assert.equal(check({ a: [{ n: 'x1' }] }, { a: [{ n: 'x2' }] }, { shapes: { 'a.*.n': /^x\d$/ } }), 0);
  assert.equal(check({ a: [{ n: 'x1' }] }, { a: [{ n: 'y' }] }, { shapes: { 'a.*.n': /^x\d$/ } }), 1);
  assert.equal(check({ a: 1, b: 2 }, { a: 3, b: 2 }, { ignore: ['a'] }), 0);
});

test('what a case expects is a part of the answer', () => {
  assert.deepEqual(mismatches({ a: { b: /^x/ } }, { a: { b: 'xy', c: 1 } }), []);
  assert.equal(mismatches({ a: 1 }, { a: 2 }).length, 1);
  assert.equal(mismatches({ a: [1, 2] }, { a: [1] }).length, 1);
  assert.equal(mismatches({ a: {} }, null).length, 1);
});

test('ours may say more of a body that cannot be read', () => {
  const check = (/** @type {string} */ peer, /** @type {string} */ ours) => differences({ message: peer }, { message: ours }, new Pairing()).length;
  assert.equal(check('Cannot be loaded.', 'Cannot be loaded. The body is not valid JSON: expected an object.'), 0);
  assert.equal(check('Cannot be loaded.', 'The body is not valid JSON: expected an object.'), 1);
  assert.equal(check('Cannot be loaded.', 'Cannot be loaded. Who knows why.'), 1);
});
