import { PASSWORD, form, signIn, suite } from '../lib/differential.mjs';
import { OPEN, collection, id, record, text } from '../lib/fields.mjs';

const SU = 'superuser';
const C = '/api/collections';
const P = `${C}/people/records`;
const ID = /** @type {Record<string, string>} */ ({ ann: id('ann'), bob: id('bob'), boss: id('boss') });
const person = (/** @type {string} */ name, more = {}) => record('people', { id: id(name), email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD, nick: name, ...more });
const both = (/** @type {string} */ password) => ({ password, passwordConfirm: password });

const setup = [
  collection('people', [text('nick', { max: 10 })], { type: 'auth', ...OPEN, manageRule: '@request.auth.nick = "boss"' }),
  collection('others', [text('nick')], { type: 'auth', ...OPEN }),
  person('ann'),
  person('bob', { emailVisibility: true }),
  person('boss'),
  signIn('ann', 'people', 'ann@example.com'),
  signIn('bob', 'people', 'bob@example.com'),
  signIn('boss', 'people', 'boss@example.com'),
];

let count = 0;
const create = (/** @type {number} */ status, /** @type {string} */ caller, /** @type {object} */ body, codes = '', options = {}) => [status, caller, `POST ${P}`, { email: `new${++count}@example.com`, ...body }, { ...(codes ? { codes } : {}), ...options }];
const update = (/** @type {number} */ status, /** @type {string} */ caller, /** @type {string} */ whom, /** @type {object} */ body, codes = '', options = {}) => [status, caller, `PATCH ${P}/${ID[whom]}`, body, { ...(codes ? { codes } : {}), ...options }];

suite('credentials', setup, {
  'on create': [
    create(200, 'guest', both('12345678')),
    create(200, 'guest', { ...both('12345678'), emailVisibility: true, verified: false }),
    create(400, 'guest', {}, 'password:validation_required passwordConfirm:validation_required'),
    create(400, 'guest', { password: '12345678' }, 'passwordConfirm:validation_required'),
    create(400, 'guest', { password: '12345678', passwordConfirm: '87654321' }, 'passwordConfirm:validation_values_mismatch'),
    create(400, 'guest', { passwordConfirm: '12345678' }),
    create(400, 'guest', both('1234567'), 'password:validation_min_text_constraint'),
    create(400, 'guest', both('x'.repeat(72)), 'password:validation_max_text_constraint'),
    create(200, 'guest', both('x'.repeat(71))),
    create(200, 'guest', { password: 12345678, passwordConfirm: '12345678' }, '', { name: 'digits arrive from forms as a number' }),
    [200, 'guest', `POST ${P}`, form({ email: 'digits@example.com', password: '12345678', passwordConfirm: '12345678' })],
    [200, 'guest', `POST ${C}/people/auth-with-password`, form({ identity: 'digits@example.com', password: '12345678' })],
    create(400, 'guest', { password: true, passwordConfirm: true }, 'password:validation_min_text_constraint'),
    create(400, 'guest', { password: ['12345678'], passwordConfirm: ['12345678'] }, 'password:validation_required passwordConfirm:validation_required'),
    create(200, 'guest', both('        '), '', { name: 'eight blanks are a password' }),
    create(400, 'guest', { ...both('12345678'), email: '' }, 'email:validation_required'),
    create(400, 'guest', { ...both('12345678'), email: 'nope' }, 'email:validation_is_email'),
    create(400, 'guest', { ...both('12345678'), email: 'ann@example.com' }, 'email:validation_not_unique'),
    create(200, 'guest', { ...both('12345678'), email: 'ANN@example.com' }, '', { name: 'addresses in other letters are others' }),
    create(400, 'guest', { ...both('12345678'), verified: true }, 'verified:validation_values_mismatch'),
    create(400, 'ann', { ...both('12345678'), verified: true }, 'verified:validation_values_mismatch'),
    create(200, 'boss', { ...both('12345678'), verified: true }, '', { body: { verified: true } }),
    create(200, SU, { ...both('12345678'), verified: true }, '', { body: { verified: true } }),
    create(400, 'guest', { email: '', password: '', verified: true }, 'password:validation_required passwordConfirm:validation_required verified:validation_values_mismatch'),
    create(400, 'guest', { nick: 'far too long a nick' }, 'password:validation_required passwordConfirm:validation_required', { name: 'form errors come alone' }),
    create(400, 'guest', { ...both('12345678'), nick: 'far too long a nick', email: 'nope' }, 'nick:validation_max_text_constraint email:validation_is_email', { name: 'field errors come after them' }),
    create(400, SU, {}, 'password:validation_required passwordConfirm:validation_required'),
    create(200, 'guest', { ...both('12345678'), tokenKey: 'y'.repeat(40) }, '', { name: 'a token key of a guest is ignored' }),
    create(400, SU, { ...both('12345678'), tokenKey: 'short' }, 'tokenKey:validation_min_text_constraint'),
    create(400, 'guest', { ...both('12345678'), id: id('ann') }, 'id:validation_not_unique'),
    [400, 'guest', `POST ${C}/others/records`, { id: id('ann'), email: 'x@example.com', ...both('12345678') }, { codes: 'id:validation_invalid_auth_id' }],
    [200, 'guest', `POST ${C}/others/records`, { email: 'ann@example.com', ...both('12345678') }, { name: 'addresses are unique within a collection' }],
  ],
  'the password, by its owner': [
    update(400, 'ann', 'ann', both('newpassword'), 'oldPassword:validation_required'),
    update(400, 'ann', 'ann', { ...both('newpassword'), oldPassword: 'wrong' }, 'oldPassword:validation_invalid_old_password'),
    update(400, 'ann', 'ann', { password: 'newpassword', oldPassword: PASSWORD }, 'passwordConfirm:validation_required'),
    update(400, 'ann', 'ann', { password: 'newpassword', passwordConfirm: 'other', oldPassword: PASSWORD }, 'passwordConfirm:validation_values_mismatch'),
    update(400, 'ann', 'ann', { ...both('short'), oldPassword: PASSWORD }, 'password:validation_min_text_constraint'),
    update(400, 'ann', 'ann', { oldPassword: 'wrong' }, 'password:validation_required passwordConfirm:validation_required'),
    update(400, 'ann', 'ann', { passwordConfirm: 'x' }, '', { name: 'a confirmation alone' }),
    update(400, 'ann', 'ann', { password: '', passwordConfirm: '' }, 'password:validation_required'),
    update(400, 'ann', 'ann', { password: '' }, '', { name: 'an empty password alone' }),
    update(400, 'bob', 'ann', both('newpassword'), 'oldPassword:validation_required'),
    update(400, 'guest', 'ann', both('newpassword'), 'oldPassword:validation_required'),
    update(200, 'ann', 'ann', { ...both('newpassword'), oldPassword: PASSWORD }),
    [401, 'ann', `POST ${C}/people/auth-refresh`],
    signIn('ann', 'people', 'ann@example.com', 'newpassword'),
  ],
  'the password, by those who manage': [
    update(400, 'boss', 'ann', { password: 'managed1' }, 'passwordConfirm:validation_required'),
    update(200, 'boss', 'ann', both('managed1')),
    [401, 'ann', `POST ${C}/people/auth-refresh`],
    update(200, SU, 'ann', both(PASSWORD)),
    signIn('ann', 'people', 'ann@example.com'),
    update(400, 'boss', 'ann', both('short'), 'password:validation_min_text_constraint'),
  ],
  'address and verification': [
    update(400, 'ann', 'ann', { email: 'other@example.com' }, 'email:validation_values_mismatch'),
    update(200, 'ann', 'ann', { email: 'ann@example.com' }),
    update(400, 'ann', 'ann', { verified: true }, 'verified:validation_values_mismatch'),
    update(200, 'ann', 'ann', { verified: false }),
    update(200, 'ann', 'ann', { emailVisibility: true }),
    update(400, 'ann', 'ann', { email: '' }, 'email:validation_values_mismatch'),
    update(400, 'ann', 'ann', { email: 'x@example.com', verified: true, ...both('x') }, 'email:validation_values_mismatch verified:validation_values_mismatch oldPassword:validation_required'),
    update(400, 'guest', 'ann', { email: 'other@example.com' }, 'email:validation_values_mismatch'),
    update(200, 'boss', 'ann', { verified: true }, '', { body: { verified: true, email: 'ann@example.com' } }),
    update(200, 'boss', 'ann', { email: 'ann2@example.com' }, '', { body: { email: 'ann2@example.com' } }),
    update(400, 'boss', 'ann', { email: 'bob@example.com' }, 'email:validation_not_unique'),
    [401, 'ann', `POST ${C}/people/auth-refresh`],
    signIn('ann', 'people', 'ann2@example.com'),
    update(200, SU, 'ann', { email: 'ann@example.com', verified: false }),
    update(200, 'ann', 'bob', { nick: 'bobby' }, '', { name: 'the rule lets anybody write the rest' }),
    update(200, 'ann', 'ann', { tokenKey: 'z'.repeat(40) }, '', { name: 'a token key of an ordinary caller is ignored' }),
    update(400, SU, 'ann', { tokenKey: '' }, '', { name: 'an empty token key' }),
  ],
  'who sees the address': [
    ...['guest', 'bob', 'boss', SU].map((caller) => [200, caller, `GET ${P}`, { filter: 'nick ~ "a" || nick ~ "b"', sort: 'nick', fields: 'nick,email,emailVisibility,verified' }]),
    ...['guest', 'bob', 'boss', SU].map((caller) => [200, caller, `GET ${P}/${ID.boss}`]),
  ],
});
