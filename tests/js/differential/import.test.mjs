import { suite } from '../lib/differential.mjs';
import { OPEN, collection, id, record, relation, text } from '../lib/fields.mjs';

const SU = 'superuser';
const C = '/api/collections';
const IMPORT = `PUT ${C}/import`;

const setup = [
  collection('keep', [text('title'), text('extra')], OPEN),
  record('keep', { id: id('keep1'), title: 'a title', extra: 'an extra' }),
  collection('other', [text('label')], OPEN),
];

const names = [200, SU, `GET ${C}`, { sort: 'name', fields: 'name,id,type' }];
const fieldsOf = (/** @type {string} */ name, options = {}) => [200, SU, `GET ${C}/${name}`, { fields: 'name,type,listRule,fields,indexes,viewQuery' }, options];

suite('import', setup, {
  refused: [
    [400, SU, IMPORT, {}, { codes: 'collections:validation_required', body: { message: 'An error occurred while validating the submitted data.' } }],
    [400, SU, IMPORT, { collections: [] }, { codes: 'collections:validation_required' }],
    [400, SU, IMPORT, { collections: 'x' }],
    [400, SU, IMPORT, { collections: [{ name: 'imp', type: 'base', fields: [{ type: 'relation', name: 'r' }] }] }, { codes: 'collections:validation_collections_import_failure', body: { message: 'Failed to import collections.' } }],
    [400, SU, IMPORT, { collections: [{ name: 'good' }, { name: 'bad name' }] }, { codes: 'collections:validation_collections_import_failure' }],
    [400, SU, IMPORT, { collections: [{ name: 'imp', type: 'nope' }] }, { name: 'an unknown type' }],
    [400, SU, IMPORT, { collections: [{ name: 'imp', fields: [{ type: 'nope', name: 'x' }] }] }, { name: 'an unknown field type' }],
    [400, SU, IMPORT, { collections: [{ name: 'imp', listRule: 'nope = 1' }] }, { name: 'a bad rule' }],
    names,
  ],
  merging: [
    [204, SU, IMPORT, { collections: [{ name: 'fresh', fields: [text('a')], ...OPEN }] }],
    fieldsOf('fresh'),
    [204, SU, IMPORT, { collections: [{ id: '{{keep}}', listRule: 'title != ""' }] }],
    fieldsOf('keep'),
    [204, SU, IMPORT, { collections: [{ name: 'keep', fields: [text('fresh')] }], deleteMissing: false }],
    fieldsOf('keep'),
    [200, SU, `GET ${C}/keep/records`, undefined, { body: { items: [{ title: 'a title', extra: 'an extra', fresh: '' }] } }],
    [204, SU, IMPORT, { collections: [{ name: 'keep', fields: [text('title', { id: 'foreign_id' })] }] }, { name: 'the same name and type under another id' }],
    fieldsOf('keep'),
    [200, SU, `GET ${C}/keep/records`, undefined, { body: { items: [{ title: 'a title' }] } }],
    [204, SU, IMPORT, { collections: [{ name: 'keep', indexes: ['create index keep_ix on keep (title)'] }] }],
    fieldsOf('keep'),
    names,
    [204, SU, IMPORT, { collections: [{ id: '{{keep}}', name: 'kept' }] }, { name: 'renaming by id' }],
    [200, SU, `GET ${C}/kept/records`, undefined, { body: { totalItems: 1 } }],
    [204, SU, IMPORT, { collections: [{ id: '{{keep}}', name: 'keep' }] }],
  ],
  'in any order': [
    [
      204,
      SU,
      IMPORT,
      {
        collections: [
          { id: 'view_1', name: 'seen', type: 'view', viewQuery: 'select id, first from one' },
          { id: 'base_1', name: 'one', type: 'base', fields: [text('first'), relation('to', 'base_2')] },
          { id: 'base_2', name: 'two', type: 'base', fields: [text('second'), relation('back', 'base_1')] },
          { id: 'auth_1', name: 'people', type: 'auth' },
        ],
      },
    ],
    fieldsOf('one'),
    fieldsOf('two'),
    fieldsOf('seen'),
    fieldsOf('people'),
    names,
  ],
  'deleting what is missing': [
    [400, SU, IMPORT, { collections: [{ id: 'base_2', name: 'two', fields: [text('second'), relation('back', 'base_1')] }], deleteMissing: true }, { name: 'a collection that another refers to' }],
    names,
    [204, SU, IMPORT, { collections: [{ name: 'keep', fields: [text('title')] }, { id: 'auth_1', name: 'people', type: 'auth' }], deleteMissing: true }],
    names,
    fieldsOf('keep'),
    fieldsOf('people'),
    [200, SU, `GET ${C}/keep/records`, undefined, { body: { items: [{ title: 'a title' }] } }],
    [200, SU, `GET ${C}/_superusers`, { fields: 'name,fields.name' }],
  ],
  'a collection of the same name under another id': [
    [400, SU, IMPORT, { collections: [{ id: 'another_id', name: 'keep', type: 'base', fields: [text('title')] }] }, { codes: 'collections:validation_collections_import_failure', ignore: ['data.collections.message'] }],
    [400, SU, IMPORT, { collections: [{ id: 'another_id', name: '_superusers', type: 'auth' }] }, { differs: { why: 'those that the server works with are the same everywhere', status: 204 } }],
    [200, SU, `GET ${C}/keep/records`, undefined, { body: { items: [{ title: 'a title' }] } }],
    [200, SU, `POST ${C}`, { name: 'vacant', fields: [text('title')] }],
    [400, SU, IMPORT, { collections: [{ id: 'vacant_id', name: 'vacant', type: 'base' }] }, { name: 'without deleteMissing', ignore: ['data.collections.message'] }],
    [204, SU, IMPORT, { collections: [{ id: '{{keep}}', name: 'keep', fields: [text('title')] }, { id: 'vacant_id', name: 'vacant', type: 'base', fields: [text('title', { id: '_pbf_title' })] }], deleteMissing: true }, { name: 'an empty one is replaced' }],
    [200, SU, `GET ${C}/vacant`, { fields: 'id,name,fields' }],
    names,
    [204, SU, IMPORT, { collections: [{ id: 'another_id', name: 'keep', type: 'base', fields: [text('title')] }, { id: 'vacant_id', name: 'vacant', fields: [text('title', { id: '_pbf_title' })] }], deleteMissing: true }, { differs: { why: 'the import would delete all records of it', status: 400, body: { message: 'Failed to import collections.' } } }],
  ],
  'a field of the same name and type under another id': [
    [204, SU, IMPORT, { collections: [{ name: 'vacant', type: 'base', fields: [text('title', { id: 'foreign', max: 50 })] }], deleteMissing: false }],
    [200, SU, `GET ${C}/vacant`, { fields: 'fields.name,fields.id,fields.max' }, { differs: { why: 'the options that were sent count', status: 200, body: { fields: [{ name: 'title', id: '_pbf_title', max: 50 }, { name: 'id' }] } } }],
    [200, SU, `POST ${C}`, { name: 'filled', ...OPEN, fields: [text('title'), text('other')] }],
    [200, SU, `POST ${C}/filled/records`, { title: 'stays', other: 'x' }],
    [200, SU, `PATCH ${C}/filled`, { fields: [text('title', { id: '_pbf_title' }), text('other')] }, { query: { fields: 'fields' } }],
    [200, SU, `GET ${C}/filled/records`, { fields: 'title,other' }, { differs: { why: 'the values are kept', status: 200, body: { items: [{ title: 'stays', other: 'x' }] } } }],
    [204, SU, IMPORT, { collections: [{ name: 'filled', type: 'base', fields: [text('title', { id: 'again' }), text('other')] }, { name: 'keep', fields: [text('title')] }], deleteMissing: true }],
    [200, SU, `GET ${C}/filled`, { fields: 'fields' }],
    [200, SU, `GET ${C}/filled/records`, { fields: 'title,other' }, { differs: { why: 'the values are kept', status: 200, body: { items: [{ title: 'stays', other: 'x' }] } } }],
  ],
  'indexes that cannot be made': [
    [400, SU, IMPORT, { collections: [{ name: 'keep', indexes: ['create index bad_ix on keep (nope)'] }] }, { codes: 'indexes.0:validation_invalid_index_expression' }],
    [400, SU, IMPORT, { collections: [{ name: 'keep', indexes: ['create index good_ix on keep (title)', 'nonsense'] }] }, { codes: 'indexes.1:validation_invalid_index_expression' }],
  ],
  'a round trip': [
    [204, SU, IMPORT, { collections: [{ name: 'keep', type: 'base', listRule: null, viewRule: '', createRule: null, updateRule: null, deleteRule: null, system: false, fields: [text('title'), text('again')], indexes: [] }, { name: '_superusers', type: 'auth', system: true }], deleteMissing: true }],
    [200, SU, `GET ${C}`, { sort: 'name', fields: 'name,type' }],
    fieldsOf('keep'),
  ],
});
