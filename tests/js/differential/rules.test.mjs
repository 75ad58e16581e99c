import { PASSWORD, signIn, suite } from '../lib/differential.mjs';
import { OPEN, bool, collection, id, json, number, record, relation, select, text } from '../lib/fields.mjs';

const SU = 'superuser';
const C = '/api/collections';
const [ann, bob] = ['ann', 'bob'].map(id);

const setup = [
  [200, SU, `PATCH ${C}/users`, { fields: [text('name'), bool('vip'), text('secret', { hidden: true })], listRule: '', viewRule: '' }],
  record('users', { id: ann, email: 'ann@example.com', password: PASSWORD, passwordConfirm: PASSWORD, name: 'Ann', vip: true, secret: 'key' }),
  record('users', { id: bob, email: 'bob@example.com', password: PASSWORD, passwordConfirm: PASSWORD, name: 'Bob' }),
  signIn('ann', 'users', 'ann@example.com'),
  signIn('bob', 'users', 'bob@example.com'),
  collection('teams', [text('name')], OPEN),
  record('teams', { id: id('team1'), name: 'red' }),
  record('teams', { id: id('team2'), name: 'blue' }),
  collection('members', [relation('user', '_pb_users_auth_'), relation('team', '{{teams}}')]),
  record('members', { user: ann, team: id('team1') }),
  record('members', { user: bob, team: id('team2') }),
  collection('tags', [text('label')]),
  record('tags', { id: id('tag1'), label: 't1' }),
  record('tags', { id: id('tag2'), label: 't2' }),
  collection(
    'items',
    [
      text('title'),
      number('views'),
      bool('active'),
      text('auto', { autogeneratePattern: 'gen[0-9]{3}' }),
      select('colors', ['red', 'blue', 'green'], 3),
      select('kind', ['x', 'y']),
      relation('owner', '_pb_users_auth_'),
      relation('team', '{{teams}}'),
      relation('tags', '{{tags}}', 5),
      json('meta'),
      text('hush', { hidden: true }),
    ],
    OPEN,
  ),
  record('items', { id: id('item1'), title: 'One', auto: 'own', views: 5, active: true, colors: ['red', 'blue'], kind: 'x', owner: ann, team: id('team1'), tags: [id('tag1'), id('tag2')], meta: { a: { b: 1 } }, hush: 'h' }),
  record('items', { id: id('item2'), title: 'Two', auto: 'own', owner: bob, team: id('team2') }),
];

const ITEMS = `${C}/items/records`;
const one = `${ITEMS}/${id('item1')}`;
/** Sets one rule, then sends requests under it. */
const under = (/** @type {string} */ kind, /** @type {string} */ rule, /** @type {unknown[][]} */ requests) => [
  [200, SU, `PATCH ${C}/items`, { [kind]: rule }, { query: { fields: kind }, name: `${kind}: ${rule}` }],
  ...requests.map(([status, caller, line, payload, options]) => [status, caller, line, payload, { name: `${rule} ← ${line} ${JSON.stringify(payload ?? {})}`, .../** @type {object} */ (options) }]),
];
const lists = (/** @type {string} */ caller, /** @type {number} */ total, query = {}, options = {}) => [200, caller, `GET ${ITEMS}`, { fields: 'id,title', sort: 'title', ...query }, { body: { totalItems: total }, ...options }];
const creates = (/** @type {number} */ status, /** @type {object} */ body, caller = 'guest', options = {}) => [status, caller, `POST ${ITEMS}`, body, { query: { fields: 'title' }, ...options }];
const updates = (/** @type {number} */ status, /** @type {object} */ body, caller = 'guest', options = {}) => [status, caller, `PATCH ${one}`, body, { query: { fields: 'title,views' }, ...options }];

suite('rules', setup, {
  'who is asking': [
    ...under('listRule', '@request.auth.id != ""', [lists('guest', 0), lists('bad', 0), lists('ann', 2), lists(SU, 2)]),
    ...under('listRule', 'owner = @request.auth.id', [lists('guest', 0), lists('ann', 1), lists('bob', 1)]),
    ...under('listRule', '@request.auth.vip = true', [lists('ann', 2), lists('bob', 0), lists('guest', 0)]),
    ...under('listRule', '@request.auth.vip = false', [lists('ann', 0), lists('bob', 2), lists('guest', 0)]),
    ...under('listRule', '@request.auth.secret = "key"', [lists('ann', 2), lists('bob', 0)]),
    ...under('listRule', '@request.auth.nope = "x"', [lists('ann', 0)]),
    ...under('listRule', '@request.auth.nope = null', [lists('ann', 2)]),
    ...under('listRule', '@request.auth.collectionName = "users"', [lists('ann', 2), lists('guest', 0)]),
    ...under('listRule', '@request.auth.collectionId = "_pb_users_auth_"', [lists('ann', 2), lists('guest', 0)]),
    ...under('listRule', '@request.auth.email ~ "ann@"', [lists('ann', 2), lists('bob', 0)]),
    ...under('listRule', '@request.auth.name:lower = "ann"', [lists('ann', 2), lists('bob', 0)]),
    ...under('listRule', '@request.auth.members_via_user.team ?= team', [lists('ann', 1), lists('bob', 1), lists('guest', 0)]),
    ...under('listRule', '@request.auth.members_via_user.team.name ?= "red"', [lists('ann', 2), lists('bob', 0)]),
    ...under('listRule', '@request.auth.items_via_owner.title ?= title', [lists('ann', 1), lists('bob', 1), lists('guest', 0)]),
  ],
  'how it is asked': [
    ...under('listRule', '@request.method = "GET" && @request.context = "default"', [lists('guest', 2)]),
    ...under('listRule', '@request.query.key = "abc"', [lists('guest', 0), lists('guest', 2, { key: 'abc' }), lists('guest', 0, { key: ['x', 'abc'] })]),
    ...under('listRule', '@request.query.n = 1', [lists('guest', 0, { n: 1 })]),
    ...under('listRule', '@request.query.n = "1"', [lists('guest', 2, { n: 1 })]),
    ...under('listRule', '@request.query.key:isset = true', [lists('guest', 0), lists('guest', 2, { key: '' })]),
    ...under('listRule', '@request.query.key:isset = false', [lists('guest', 2), lists('guest', 0, { key: '' })]),
    ...under('listRule', '@request.headers.x_key = "abc"', [lists('guest', 0), lists('guest', 2, {}, { headers: { 'X-Key': 'abc' } })]),
    ...under('listRule', '@request.headers.user_agent:isset = true', [lists('guest', 0), lists('guest', 2, {}, { headers: { 'User-Agent': 'me' } })]),
    ...under('listRule', '@request.body.title:isset = false', [lists('guest', 2)]),
    ...under('viewRule', '@request.context = "expand"', [
      [404, 'guest', `GET ${one}`],
      [200, 'guest', `GET ${C}/users/records/${ann}`, { expand: 'items_via_owner' }, { body: { expand: { items_via_owner: [{ title: 'One' }] } } }],
    ]),
    ...under('viewRule', '', []),
  ],
  'other collections': [
    ...under('listRule', '@collection.members.user ?= @request.auth.id && @collection.members.team ?= team', [lists('ann', 1), lists('bob', 1), lists('guest', 0)]),
    ...under('listRule', '@collection.members.user = @request.auth.id', [lists('ann', 0)]),
    ...under('listRule', '@collection.members:a.user ?= @request.auth.id && @collection.members:b.team ?= team', [lists('ann', 2)]),
    ...under('listRule', '@collection.tags.label ?= "t1"', [lists('guest', 2)]),
    ...under('listRule', '@collection.items.owner ?= @request.auth.id', [lists('ann', 2), lists('guest', 0)]),
    ...under('listRule', 'tags.label ?= "t1"', [lists('guest', 1)]),
    ...under('listRule', 'tags.label != "t1"', [lists('guest', 1)]),
    ...under('listRule', 'hush = "h"', [lists('guest', 1)]),
    ...under('listRule', 'owner.secret = "key"', [lists('guest', 1)]),
    ...under('listRule', 'team.members_via_team.user ?= @request.auth.id', [lists('ann', 1), lists('bob', 1)]),
    ...under('listRule', '', []),
  ],
  'create: the record as it would be': [
    ...under('createRule', 'title = "ok"', [creates(200, { title: 'ok' }), creates(400, { title: 'no' }), creates(400, {})]),
    ...under('createRule', 'auto ~ "gen"', [creates(400, {}), creates(400, { auto: 'own' }), creates(200, { auto: 'gen123' }), creates(200, { 'auto:autogenerate': 'gen' })]),
    ...under('createRule', 'views = 0 && active = false', [creates(200, {}), creates(400, { views: 1 })]),
    ...under('createRule', 'views = 7', [creates(200, { 'views+': 7 }), creates(200, { views: '7' }), creates(400, { 'views+': 6 })]),
    ...under('createRule', 'id = "chosen000000000"', [creates(200, { id: 'chosen000000000' }), creates(400, {})]),
    ...under('createRule', 'id != ""', [creates(200, {})]),
    ...under('createRule', 'owner.vip = true', [creates(200, { owner: ann }), creates(400, { owner: bob }), creates(400, {})]),
    ...under('createRule', 'owner = @request.auth.id', [creates(200, { owner: ann }, 'ann'), creates(400, { owner: bob }, 'ann'), creates(200, {}, 'guest', { name: 'nobody owns what a guest creates' })]),
    ...under('createRule', 'tags.label ?= "t1"', [creates(200, { tags: [id('tag1')] }), creates(400, { tags: [id('tag2')] }), creates(400, {})]),
    ...under('createRule', 'tags:length = 2', [creates(200, { tags: [id('tag1'), id('tag2')] }), creates(400, { tags: [id('tag1')] })]),
    ...under('createRule', 'colors:each ?= "red"', [creates(200, { colors: ['red', 'blue'] }), creates(400, { colors: ['blue'] })]),
    ...under('createRule', 'team.members_via_team.user ?= @request.auth.id', [creates(200, { team: id('team1') }, 'ann'), creates(400, { team: id('team2') }, 'ann')]),
    ...under('createRule', '@collection.members.user ?= @request.auth.id && @collection.members.team ?= team', [creates(200, { team: id('team1') }, 'ann'), creates(400, { team: id('team2') }, 'ann')]),
  ],
  'create: what was sent': [
    ...under('createRule', '@request.body.title = "ok"', [creates(200, { title: 'ok' }), creates(400, { title: 'no' })]),
    ...under('createRule', '@request.body.title:isset = true', [creates(200, { title: '' }), creates(200, { title: null }), creates(400, {})]),
    ...under('createRule', '@request.body.title:isset = false', [creates(400, { title: '' }), creates(200, {})]),
    ...under('createRule', '@request.body.title:lower = "ok"', [creates(200, { title: 'OK' })]),
    ...under('createRule', '@request.body.views = 5', [creates(200, { views: 5 }), creates(200, { views: '5' }), creates(200, { 'views+': 5 }), creates(400, { views: 6 })]),
    ...under('createRule', '@request.body.views > 5', [creates(200, { views: 6 }), creates(400, { views: 5 }), creates(400, {})]),
    ...under('createRule', '@request.body.active = true', [creates(200, { active: true }), creates(400, { active: false }), creates(400, {})]),
    ...under('createRule', '@request.body.meta.a.b = 1', [creates(200, { meta: { a: { b: 1 } } }), creates(200, { meta: '{"a":{"b":1}}' }), creates(400, { meta: { a: 1 } })]),
    ...under('createRule', '@request.body.nope = "x"', [creates(200, { nope: 'x' }), creates(400, {})]),
    ...under('createRule', '@request.body.nope.deep = 1', [creates(200, { nope: { deep: 1 } }), creates(400, {})]),
    ...under('createRule', '@request.body.owner.name = "Ann"', [creates(200, { owner: ann }), creates(400, { owner: bob })]),
    ...under('createRule', '@request.body.colors:each ?= "red"', [creates(200, { colors: ['red', 'blue'] }), creates(400, { colors: ['blue'] })]),
    ...under('createRule', '@request.body.colors:each = "red"', [creates(200, { colors: ['red'] }), creates(400, { colors: ['red', 'blue'] })]),
    ...under('createRule', '@request.body.colors:length = 2', [creates(200, { colors: ['red', 'blue'] }), creates(400, { colors: ['red'] })]),
    ...under('createRule', '@request.body.tags:length > 0', [creates(200, { tags: [id('tag1')] }), creates(400, {})]),
    ...under('createRule', '@request.body.tags.label ?= "t1"', [creates(200, { tags: [id('tag1'), id('tag2')] }), creates(400, { tags: [id('tag2')] })]),
    ...under('createRule', '@request.body.title:changed = true', [creates(400, { title: 'x' })]),
    ...under('createRule', '@request.body.title:changed = false', [creates(200, { title: 'x' })]),
    ...under('createRule', '@request.method = "POST"', [creates(200, {})]),
    ...under('createRule', '', []),
  ],
  'update: the record as it is': [
    ...under('updateRule', 'title = "One"', [updates(200, { title: 'Two' }), updates(404, { title: 'One' }), [200, SU, `PATCH ${one}`, { title: 'One' }]]),
    ...under('updateRule', 'owner = @request.auth.id', [updates(404, { views: 5 }), updates(200, { views: 5 }, 'ann'), updates(404, { views: 5 }, 'bob')]),
    ...under('updateRule', '@request.body.title:isset = false', [updates(200, { views: 5 }), updates(404, { title: 'One' })]),
    ...under('updateRule', '@request.body.title:changed = false', [updates(200, { title: 'One' }), updates(200, {}), updates(404, { title: 'Other' })]),
    ...under('updateRule', '@request.body.views:changed = false', [updates(200, { views: 5 }), updates(200, { views: '5' }), updates(200, { 'views+': 0 }), updates(404, { 'views+': 1 })]),
    ...under('updateRule', '@request.body.colors:changed = false', [updates(200, { colors: ['red', 'blue'] }), updates(404, { colors: ['red'] }), updates(200, { 'colors+': 'red' })]),
    ...under('updateRule', '@request.body.views = 7', [updates(200, { 'views+': 2 }), [200, SU, `PATCH ${one}`, { views: 5 }], updates(404, { 'views+': 1 })]),
    ...under('updateRule', '@request.body.title != title', [updates(200, { title: 'New' }), updates(404, { title: 'New' }), [200, SU, `PATCH ${one}`, { title: 'One' }]]),
    ...under('updateRule', '@request.body.title:lower !~ "spam"', [updates(200, { views: 5 }), updates(200, { title: null }), updates(200, { title: 'One' }), updates(404, { title: 'SPAM' })]),
    ...under('updateRule', '@request.body.title:lower ~ ""', [updates(200, { views: 5 })]),
    ...under('updateRule', '@request.body.title !~ "spam"', [updates(404, { views: 5 }), updates(200, { title: 'One' })]),
    ...under('updateRule', '@request.method = "PATCH"', [updates(200, {})]),
    ...under('updateRule', '', []),
  ],
  'delete': [
    ...under('deleteRule', 'owner = @request.auth.id', [
      [404, 'guest', `DELETE ${ITEMS}/${id('item2')}`],
      [404, 'ann', `DELETE ${ITEMS}/${id('item2')}`],
      [204, 'bob', `DELETE ${ITEMS}/${id('item2')}`],
    ]),
    ...under('deleteRule', '@request.method = "DELETE" && @request.body.x:isset = false', [[204, 'guest', `DELETE ${one}`]]),
  ],
});
