import { suite } from '../lib/differential.mjs';
import { OPEN, autodate, bool, collection, date, editor, email, file, geo, id, json, number, password, record, relation, select, text, url } from '../lib/fields.mjs';

const SU = 'superuser';

const setup = [
  collection('tags', [text('label')], OPEN),
  collection('tagsView', [], { type: 'view', viewQuery: 'select id, label from tags' }),
  collection('loose', [{ ...text('id', { primaryKey: true, required: true, system: true, min: 1, max: 60, pattern: '^[\\s\\S]+$' }), id: 'text3208210256' }, text('title')], OPEN),
  collection('plain', [text('title')], OPEN),
];

let count = 0;
/** A collection with this one field is refused with these codes at the field. */
const no = (/** @type {object} */ field, /** @type {string} */ codes, options = {}) => [
  400,
  SU,
  'POST /api/collections',
  { name: `no${++count}`, type: 'base', fields: [text('id', { primaryKey: true, system: true, required: true, pattern: '^[a-z0-9]+$', min: 15, max: 15, autogeneratePattern: '[a-z0-9]{15}' }), field] },
  { codes: codes === '-' ? '-' : codes.split(' ').map((one) => `fields.1.${one}`).join(' '), name: `${JSON.stringify(field)} is refused: ${codes}`, ...options },
];
/** … is accepted, and comes back with all its keys. */
const yes = (/** @type {object} */ field, options = {}) => [
  200,
  SU,
  'POST /api/collections',
  { name: `yes${++count}`, type: 'base', fields: [field] },
  { query: { fields: 'fields' }, name: `${JSON.stringify(field)} is accepted`, ...options },
];
const unreadable = { message: 'Failed to load the submitted data due to invalid formatting.', data: {} };
/** Ours names the field and the option: `type:validation_in_invalid`. */
const named = (/** @type {string} */ text) => {
  const [key = '', code] = text.split(':');
  return { why: 'what could not be read is named', status: 400, body: { message: unreadable.message, data: { fields: { 0: { [key]: { code } } } } } };
};
/** The message shows an example of what would be generated. */
const EXAMPLE = { shapes: { 'data.fields.*.autogeneratePattern.message': /^The provided autogenerate pattern could produce invalid field values/ } };
const PK = (/** @type {object} */ options) => ({ id: 'text3208210256', ...text('id', { primaryKey: true, required: true, system: true, ...options }) });
const create = (/** @type {number} */ status, /** @type {unknown} */ id, options = {}) => [status, SU, 'POST /api/collections/loose/records', { id }, options];

suite('field options', setup, {
  'all keys come back': [
    yes(text('value')),
    yes(editor('value')),
    yes(number('value')),
    yes(bool('value')),
    yes(email('value')),
    yes(url('value')),
    yes(date('value')),
    yes(autodate('value')),
    yes(select('value', ['a'])),
    yes(relation('value', '{{tags}}')),
    yes(file('value')),
    yes(json('value')),
    yes(geo('value')),
    yes(password('value')),
    yes({ type: 'select', name: 'value', values: ['a', 'b'] }),
    yes({ type: 'relation', name: 'value', collectionId: '{{tags}}' }),
    yes(text('value', { hidden: true, presentable: true, required: true, help: 'Some help' })),
    yes(text('value', { unknownKey: 1 })),
    yes(text('value', { id: 'myid' })),
  ],
  common: [
    no({ type: 'text' }, 'name:validation_required'),
    no(text(''), 'name:validation_required'),
    no(text('with space'), 'name:validation_match_invalid'),
    no(text('dash-ed'), 'name:validation_match_invalid'),
    no(text('ünïcödé'), 'name:validation_match_invalid'),
    no(text('a.b'), 'name:validation_match_invalid'),
    no(text('a_via_b'), 'name:validation_found_via'),
    no(text('x'.repeat(101)), 'name:validation_length_out_of_range'),
    yes(text('x'.repeat(100))),
    yes(text('_under')),
    yes(text('1digit')),
    ...['null', 'true', 'false', '_rowid_', 'collectionId', 'collectionName', 'expand'].map((name) => no(text(name), 'name:validation_not_in_invalid')),
    ...['FALSE', 'collectionid', 'Expand'].map((name) =>
      yes(text(name), {
        differs: {
          why: 'reserved names are reserved in any letter case',
          status: 400,
          body: { data: { fields: { 1: { name: { code: 'validation_not_in_invalid' } } } } },
        },
      }),
    ),
    yes(text('created')),
    yes(text('password')),
    no(text('value', { help: 'x'.repeat(301) }), 'help:validation_length_out_of_range'),
    [400, SU, 'POST /api/collections', { name: 'bad', fields: [{ type: 'nope', name: 'x' }] }, { differs: named('type:validation_in_invalid') }],
    [400, SU, 'POST /api/collections', { name: 'bad', fields: [{ name: 'x' }] }, { differs: named('type:validation_in_invalid') }],
    [400, SU, 'POST /api/collections', { name: 'bad', fields: 'x' }, { body: unreadable }],
    [400, SU, 'POST /api/collections', { name: 'bad', fields: [5] }, { body: unreadable }],
    [400, SU, 'POST /api/collections', { name: 'bad', fields: [text('x', { min: 'abc' })] }, { differs: named('min:validation_invalid_value') }],
    [400, SU, 'POST /api/collections', { name: 'dup1', fields: [text('same'), text('SAME')] }, { codes: 'fields.2.name:validation_duplicated_field_name' }],
    [200, SU, 'POST /api/collections', { name: 'dup2', fields: [text('same', { max: 5 }), text('other'), text('same', { max: 6 })] }, { query: { fields: 'fields.name,fields.max,fields.id' } }],
    [200, SU, 'POST /api/collections', { name: 'dup3', fields: [text('one', { id: 'same' }), text('two', { id: 'same' })] }, { query: { fields: 'fields.name,fields.id' } }],
    [400, SU, 'POST /api/collections', { name: 'two', fields: [text('a', { max: -1 }), number('b', { min: 5, max: 1 })] }, { codes: 'fields.1.max:validation_min_greater_equal_than_required fields.2.max:validation_min_number_constraint' }],
  ],
  text: [
    yes(text('value', { min: 1, max: 10, pattern: '^a', autogeneratePattern: 'a[a-z]{3}' })),
    yes(text('value', { min: 5 })),
    no(text('value', { min: -1 }), 'min:validation_min_greater_equal_than_required'),
    no(text('value', { max: -1 }), 'max:validation_min_greater_equal_than_required'),
    no(text('value', { min: 5, max: 4 }), 'max:validation_min_greater_equal_than_required'),
    no(text('value', { max: 9007199254740992 }), 'max:validation_max_less_equal_than_required'),
    no(text('value', { pattern: '(' }), 'pattern:validation_invalid_regex'),
    no(text('value', { pattern: '(?=a)' }), 'pattern:validation_invalid_regex'),
    no(text('value', { autogeneratePattern: '(' }), 'autogeneratePattern:validation_invalid_regex'),
    no(text('value', { max: 3, autogeneratePattern: '[a-z]{8}' }), 'autogeneratePattern:validation_invalid_autogenerate_pattern_value', EXAMPLE),
    no(text('value', { pattern: '^[0-9]+$', autogeneratePattern: '[a-z]{8}' }), 'autogeneratePattern:validation_invalid_autogenerate_pattern_value', EXAMPLE),
    no(text('value', { primaryKey: true }), '-', {
      codes: undefined,
      differs: { why: 'one clear entry is enough', status: 400, body: { data: { fields: { 1: { primaryKey: { code: 'validation_unsupported_composite_pk' } } } } } },
    }),
  ],
  editor: [no(editor('value', { maxSize: -1 }), 'maxSize:validation_min_greater_equal_than_required'), yes(editor('value', { maxSize: 5, convertURLs: true }))],
  number: [
    yes(number('value', { min: -1.5, max: 1.5 })),
    yes(number('value', { min: 0, max: 0 })),
    no(number('value', { min: 2, max: 1 }), 'max:validation_min_number_constraint'),
    no(number('value', { min: 1.5, onlyInt: true }), 'min:validation_only_int_constraint'),
    no(number('value', { max: 1.5, onlyInt: true }), 'max:validation_only_int_constraint'),
  ],
  'email and url': [
    no(email('value', { onlyDomains: ['a.com'], exceptDomains: ['b.com'] }), 'onlyDomains:validation_empty exceptDomains:validation_empty'),
    no(email('value', { onlyDomains: ['not a domain'] }), 'onlyDomains.0:validation_is_domain'),
    no(email('value', { exceptDomains: ['a.com', '-'] }), 'exceptDomains.1:validation_is_domain'),
    no(url('value', { onlyDomains: ['a.com'], exceptDomains: ['b.com'] }), 'onlyDomains:validation_empty exceptDomains:validation_empty'),
    no(url('value', { onlyDomains: ['https://a.com'] }), 'onlyDomains.0:validation_is_domain'),
    yes(url('value', { exceptDomains: ['a.com', 'b.com'] })),
  ],
  'date and autodate': [
    yes(date('value', { min: '2020-01-01', max: '2021-01-01 10:00:00Z' })),
    yes(date('value', { min: 'garbage' })),
    no({ type: 'autodate', name: 'value' }, 'onCreate:validation_required onUpdate:validation_required'),
    yes({ type: 'autodate', name: 'value', onUpdate: true }),
  ],
  select: [
    no({ type: 'select', name: 'value' }, 'values:validation_required'),
    no(select('value', []), 'values:validation_required'),
    no(select('value', ['a'], 2), 'maxSelect:validation_max_less_equal_than_required'),
    no(select('value', ['a'], -1), 'maxSelect:validation_min_greater_equal_than_required'),
    yes(select('value', ['a', 'a', 'b'], 2)),
    yes(select('value', ['a', 'b'], 0)),
  ],
  relation: [
    no({ type: 'relation', name: 'value' }, 'collectionId:validation_required'),
    no(relation('value', 'nope'), 'collectionId:validation_field_relation_missing_collection'),
    no(relation('value', 'tags'), 'collectionId:validation_field_relation_missing_collection'),
    no(relation('value', '{{tagsView}}'), 'collectionId:validation_relation_field_non_view_base_collection'),
    no(relation('value', '{{tags}}', 1, { minSelect: -1 }), 'minSelect:validation_min_greater_equal_than_required'),
    no(relation('value', '{{tags}}', 2, { minSelect: 3 }), 'maxSelect:validation_min_greater_equal_than_required'),
    no(relation('value', '{{tags}}', -1), 'maxSelect:validation_min_greater_equal_than_required'),
    yes(relation('value', '{{tags}}', 5, { minSelect: 2, cascadeDelete: true })),
    yes(relation('value', '{{tags}}', 0)),
  ],
  file: [
    yes(file('value', { maxSelect: 3, maxSize: 10, mimeTypes: ['image/png'], thumbs: ['100x100', '0x50', '50x0', '10x10t', '10x10b', '10x10f'], protected: true })),
    no(file('value', { thumbs: ['100x100', 'abc'] }), 'thumbs.1:validation_match_invalid'),
    no(file('value', { thumbs: ['0x0'] }), 'thumbs.0:validation_not_in_invalid'),
    no(file('value', { thumbs: ['10x10z'] }), 'thumbs.0:validation_match_invalid'),
    no(file('value', { maxSize: -1 }), 'maxSize:validation_min_greater_equal_than_required'),
    no(file('value', { maxSelect: -1 }), 'maxSelect:validation_min_greater_equal_than_required'),
  ],
  'json, password': [
    no(json('value', { maxSize: -1 }), 'maxSize:validation_min_greater_equal_than_required'),
    yes(json('value', { maxSize: 7 })),
    no(password('value', { min: -1 }), 'min:validation_min_greater_equal_than_required'),
    no(password('value', { max: 72 }), 'max:validation_max_less_equal_than_required'),
    no(password('value', { min: 10, max: 9 }), 'max:validation_min_greater_equal_than_required'),
    no(password('value', { cost: 3 }), 'cost:validation_min_greater_equal_than_required'),
    no(password('value', { cost: 32 }), 'cost:validation_max_less_equal_than_required'),
    no(password('value', { pattern: '(' }), 'pattern:validation_invalid_regex'),
    yes(password('value', { min: 5, max: 71, cost: 4, pattern: '^a' })),
  ],
  'ids chosen by clients, default rules': [
    [200, SU, 'POST /api/collections/plain/records', { id: id('own1') }, { body: { id: id('own1') } }],
    [400, SU, 'POST /api/collections/plain/records', { id: id('own1') }, { codes: 'id:validation_not_unique' }],
    [400, SU, 'POST /api/collections/plain/records', { id: 'short' }, { codes: 'id:validation_min_text_constraint' }],
    [400, SU, 'POST /api/collections/plain/records', { id: 'x'.repeat(16) }, { codes: 'id:validation_max_text_constraint' }],
    [400, SU, 'POST /api/collections/plain/records', { id: 'UPPER0000000000' }, { codes: 'id:validation_invalid_format' }],
    [400, SU, 'POST /api/collections/plain/records', { id: 'with.dot0000000' }, { codes: 'id:validation_invalid_format' }],
    [200, SU, 'POST /api/collections/plain/records', { id: '' }, { body: { id: /^[a-z0-9]{15}$/ } }],
    [200, SU, 'POST /api/collections/plain/records', { id: null }, { body: { id: /^[a-z0-9]{15}$/ } }],
    [200, SU, 'PATCH /api/collections/plain/records/own100000000000', { id: id('own1'), title: 'x' }, { body: { title: 'x' } }],
    [400, SU, 'PATCH /api/collections/plain/records/own100000000000', { id: id('own2') }, { codes: 'id:validation_pk_change' }],
    [400, SU, 'PATCH /api/collections/plain/records/own100000000000', { id: '' }, { name: 'an empty id in an update' }],
  ],
  'ids chosen by clients, looser rules': [
    create(200, 'a'),
    create(200, 'Mixed-Case_0000'),
    create(200, 'naïve0000'),
    create(200, '-0000'),
    create(200, '@0000'),
    create(200, 'a&b=c;d,e#0000'),
    ...['.', '/', '\\', '|', '"', "'", '`', '<', '>', ':', '?', '*', '%', '$', '\t', '\n', '\r', ' '].map((character) =>
      create(400, `a${character}b`, { codes: 'id:validation_forbidden_pk_character' }),
    ),
    ...['CON', 'prn', 'Aux', 'nul', 'COM1', 'com9', 'LPT1', 'lpt9'].map((name) => create(400, name, { codes: 'id:validation_reserved_pk' })),
    create(200, 'CON1'),
    create(400, 'mixed-case_0000', { codes: 'id:validation_pk_invalid' }),
    create(400, 'A', { codes: 'id:validation_pk_invalid' }),
    create(400, 'a', { codes: 'id:validation_pk_invalid' }),
    create(400, 'x'.repeat(61), { codes: 'id:validation_max_text_constraint' }),
    [200, SU, 'GET /api/collections/loose/records/Mixed-Case_0000', undefined, { body: { id: 'Mixed-Case_0000' } }],
    [404, SU, 'GET /api/collections/loose/records/mixed-case_0000'],
    [200, SU, 'GET /api/collections/loose/records/a%26b=c%3Bd%2Ce%230000', undefined, { body: { id: 'a&b=c;d,e#0000' } }],
  ],
  'the id field': [
    [200, SU, 'PATCH /api/collections/plain', { fields: [PK({ min: 3, max: 20, pattern: '^[a-z]+$', autogeneratePattern: '[a-z]{5}' }), text('title')] }, { query: { fields: 'fields' } }],
    [200, SU, 'POST /api/collections/plain/records', {}, { shapes: { id: /^[a-z]{5}$/ } }],
    [200, SU, 'POST /api/collections/plain/records', { id: 'abc' }],
    [400, SU, 'POST /api/collections/plain/records', { id: 'ABC' }, { codes: 'id:validation_pk_invalid' }],
    [400, SU, 'POST /api/collections/plain/records', { id: 'XYZ' }, { codes: 'id:validation_invalid_format' }],
    [200, SU, 'PATCH /api/collections/plain', { fields: [PK({ min: 0, max: 0, pattern: '', autogeneratePattern: '' }), text('title')] }, { query: { fields: 'fields' } }],
    [400, SU, 'POST /api/collections/plain/records', {}, { codes: 'id:validation_required' }],
    [400, SU, 'PATCH /api/collections/plain', { fields: [PK({ name: 'key' }), text('title')] }, { name: 'the id field cannot be renamed' }],
    [400, SU, 'PATCH /api/collections/plain', { fields: [{ ...PK({}), type: 'number' }, text('title')] }, { name: 'the id field cannot be of another type' }],
    [200, SU, 'PATCH /api/collections/plain', { fields: [PK({ primaryKey: false }), text('title')] }, { name: 'the id field stays the key' }],
    [200, SU, 'PATCH /api/collections/plain', { fields: [text('title')] }, { query: { fields: 'fields' }, name: 'a missing id field is put back', differs: { why: 'as it was stored: ids that fit its looser rules are in use', status: 200, body: { fields: [{ name: 'id', max: 0 }, { name: 'title' }] } } }],
    [200, SU, 'PATCH /api/collections/plain', { fields: [PK({ hidden: true, required: false }), text('title')] }, { query: { fields: 'fields' }, name: 'the id field stays required' }],
  ],
});
