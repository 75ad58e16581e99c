import { PASSWORD, signIn, suite } from '../lib/differential.mjs';
import { OPEN, collection, id, record, relation, text } from '../lib/fields.mjs';

const SU = 'superuser';
const C = '/api/collections';

const setup = [
  [200, SU, `PATCH ${C}/users`, { ...OPEN }],
  record('users', { id: id('ann'), email: 'ann@example.com', password: PASSWORD, passwordConfirm: PASSWORD }),
  signIn('ann', 'users', 'ann@example.com'),
  collection('parents', [text('title')], OPEN),
  collection('free', [text('t'), relation('one', '{{parents}}'), relation('many', '{{parents}}', 5)], OPEN),
  collection('bound', [relation('one', '{{parents}}', 1, { required: true })], OPEN),
  collection('boundMany', [relation('many', '{{parents}}', 5, { required: true })], OPEN),
  collection('cascade', [text('t'), relation('one', '{{parents}}', 1, { cascadeDelete: true })], OPEN),
  collection('cascadeMany', [relation('many', '{{parents}}', 5, { cascadeDelete: true })], OPEN),
  collection('grand', [relation('of', '{{cascade}}', 1, { cascadeDelete: true })], OPEN),
  collection('great', [relation('of', '{{grand}}', 1, { required: true })], OPEN),
  collection('unique', [text('t'), relation('one', '{{parents}}')], { ...OPEN, indexes: ['CREATE UNIQUE INDEX idx_one ON `unique` (one, t)'] }),
  collection('shut', [relation('one', '{{parents}}', 1, { cascadeDelete: true })]),
  collection('owned', [relation('by', '_pb_users_auth_', 1, { cascadeDelete: true })], OPEN),
  collection('tree', [text('t')], OPEN),
  [200, SU, `PATCH ${C}/tree`, { fields: [text('t'), relation('up', '{{tree}}', 1, { cascadeDelete: true })] }, { query: { fields: 'fields.name' } }],
];

const blocked = { message: 'Failed to delete record. Make sure that the record is not part of a required relation reference.', data: {} };
const parent = (/** @type {string} */ name) => record('parents', { id: id(name), title: name });
const remove = (/** @type {number} */ status, /** @type {string} */ collection, /** @type {string} */ name, options = {}, caller = 'guest') => [status, caller, `DELETE ${C}/${collection}/records/${id(name)}`, undefined, options];
const left = (/** @type {string} */ collection, /** @type {object[]} */ items) => [200, SU, `GET ${C}/${collection}/records`, { sort: '@rowid' }, { body: { items } }];

suite('deleting records', setup, {
  'a reference that may be empty is emptied': [
    parent('pa1'),
    parent('pa2'),
    record('free', { id: id('f1'), one: id('pa1'), many: [id('pa1'), id('pa2')] }),
    record('free', { id: id('f2'), one: id('pa2'), many: [id('pa1')] }),
    remove(204, 'parents', 'pa1'),
    left('free', [{ one: '', many: [id('pa2')] }, { one: id('pa2'), many: [] }]),
    remove(204, 'parents', 'pa2'),
    left('free', [{ one: '', many: [] }, { one: '', many: [] }]),
  ],
  'a required one blocks': [
    parent('pb1'),
    parent('pb2'),
    record('bound', { id: id('b1'), one: id('pb1') }),
    record('free', { id: id('f3'), one: id('pb1') }),
    remove(400, 'parents', 'pb1', { body: blocked }),
    [200, SU, `GET ${C}/free/records/${id('f3')}`, undefined, { body: { one: id('pb1') }, name: 'nothing was done by halves' }],
    remove(204, 'bound', 'b1'),
    remove(204, 'parents', 'pb1'),
    record('boundMany', { id: id('bm1'), many: [id('pb2')] }),
    remove(400, 'parents', 'pb2', { body: blocked }),
    parent('pb3'),
    [200, SU, `PATCH ${C}/boundMany/records/${id('bm1')}`, { many: [id('pb2'), id('pb3')] }],
    remove(204, 'parents', 'pb2', { name: 'one of two may go' }),
    left('boundMany', [{ many: [id('pb3')] }]),
    remove(400, 'parents', 'pb3', { body: blocked }),
  ],
  'an index may keep a reference from being emptied': [
    parent('pu1'),
    record('unique', { id: id('u1'), one: '', t: 'x' }),
    record('unique', { id: id('u2'), one: id('pu1'), t: 'x' }),
    remove(400, 'parents', 'pu1', { body: { message: blocked.message } }),
    left('unique', [{ one: '' }, { one: id('pu1') }]),
  ],
  'a cascade follows': [
    parent('pc1'),
    parent('pc2'),
    record('cascade', { id: id('c1'), one: id('pc1') }),
    record('cascade', { id: id('c2'), one: id('pc2') }),
    record('cascadeMany', { id: id('cm1'), many: [id('pc1'), id('pc2')] }),
    record('cascadeMany', { id: id('cm2'), many: [id('pc1')] }),
    record('grand', { id: id('g1'), of: id('c1') }),
    record('shut', { id: id('s1'), one: id('pc1') }),
    remove(204, 'parents', 'pc1'),
    left('cascade', [{ id: id('c2') }]),
    left('cascadeMany', [{ id: id('cm1'), many: [id('pc2')] }]),
    left('grand', []),
    left('shut', []),
    record('grand', { id: id('g2'), of: id('c2') }),
    record('great', { id: id('gg1'), of: id('g2') }),
    remove(400, 'parents', 'pc2', { body: blocked, name: 'a required reference far below blocks it all' }),
    left('cascade', [{ id: id('c2') }]),
    left('cascadeMany', [{ id: id('cm1'), many: [id('pc2')] }]),
    remove(204, 'great', 'gg1'),
    remove(204, 'parents', 'pc2'),
    left('cascade', []),
    left('cascadeMany', []),
  ],
  'in a tree': [
    record('tree', { id: id('root') }),
    record('tree', { id: id('kid1'), up: id('root') }),
    record('tree', { id: id('kid2'), up: id('kid1') }),
    record('tree', { id: id('self') }),
    [200, SU, `PATCH ${C}/tree/records/${id('self')}`, { up: id('self') }],
    [200, SU, `PATCH ${C}/tree/records/${id('root')}`, { up: id('kid2') }, { name: 'a circle' }],
    remove(204, 'tree', 'kid1'),
    left('tree', [{ id: id('self') }]),
    remove(204, 'tree', 'self'),
    left('tree', []),
  ],
  'an account': [
    record('owned', { id: id('o1'), by: id('ann') }),
    [200, SU, `GET ${C}/_authOrigins/records`, { filter: `recordRef = "${id('ann')}"`, fields: 'recordRef,collectionRef' }, { body: { totalItems: 1 } }],
    remove(204, 'users', 'ann', {}, 'ann'),
    left('owned', []),
    [200, SU, `GET ${C}/_authOrigins/records`, { filter: `recordRef = "${id('ann')}"`, fields: 'id' }, { body: { totalItems: 0 } }],
    [401, 'ann', `POST ${C}/users/auth-refresh`],
  ],
});
