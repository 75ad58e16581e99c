import { suite } from '../lib/differential.mjs';
import { OPEN, bool, collection, file, id, number, record, relation, select, text } from '../lib/fields.mjs';

const SU = 'superuser';
const C = '/api/collections';
const [t1, t2] = ['tag1', 'tag2'].map(id);

const setup = [
  collection('tags', [text('label')], OPEN),
  collection('labels', [text('label')], OPEN),
  record('tags', { id: t1 }),
  record('tags', { id: t2 }),
  collection(
    'things',
    [text('title'), number('views'), select('kind', ['a', 'b', 'c'], 1), select('colors', ['red', 'blue', 'green'], 3), relation('tag', '{{tags}}'), relation('tags', '{{tags}}', 5), file('doc')],
    OPEN,
  ),
  [200, 'superuser', 'GET /api/collections/things', {}, { save: { titleId: 'fields.1.id', viewsId: 'fields.2.id' } }],
  record('things', { id: id('full'), title: 'A title', views: 5, kind: 'a', colors: ['red', 'blue'], tag: t1, tags: [t1, t2] }),
  record('things', { id: id('bare') }),
];

/** The current fields, with some replaced, renamed or dropped. */
const base = {
  title: text('title'),
  views: number('views'),
  kind: select('kind', ['a', 'b', 'c'], 1),
  colors: select('colors', ['red', 'blue', 'green'], 3),
  tag: relation('tag', '{{tags}}'),
  tags: relation('tags', '{{tags}}', 5),
  doc: file('doc'),
};
const fields = (/** @type {Record<string, object | undefined>} */ change = {}) => Object.values({ ...base, ...change }).filter((one) => one !== undefined);
const change = (/** @type {string} */ name, /** @type {Record<string, object | undefined>} */ what, options = {}) => [200, SU, `PATCH ${C}/things`, { fields: fields(what) }, { name, query: { fields: 'fields.id,fields.name,fields.type' }, ...options }];
const refused = (/** @type {string} */ name, /** @type {Record<string, object | undefined>} */ what, /** @type {string} */ codes) => [400, SU, `PATCH ${C}/things`, { fields: fields(what) }, { name, codes }];
const rows = (/** @type {string} */ picked, /** @type {object[]} */ items) => [200, SU, `GET ${C}/things/records`, { fields: picked, sort: '@rowid' }, { body: { items } }];

suite('changes of the schema keep the data', setup, {
  'more and fewer fields': [
    change('add fields of each zero value', { flag: bool('flag'), note: text('note'), list: select('list', ['x', 'y'], 2), geo: { type: 'geoPoint', name: 'geo' }, data: { type: 'json', name: 'data' } }),
    rows('flag,note,list,geo,data', [{ flag: false, note: '', list: [], geo: { lon: 0, lat: 0 }, data: null }, { flag: false }]),
    rows('title,views,kind,colors,tag,tags', [{ title: 'A title', views: 5, kind: 'a', colors: ['red', 'blue'], tag: t1, tags: [t1, t2] }, { title: '' }]),
    change('and remove them', {}),
    rows('title,views,kind,colors,tag,tags', [{ title: 'A title', views: 5, kind: 'a', colors: ['red', 'blue'], tag: t1, tags: [t1, t2] }, { title: '' }]),
    change('remove one', { views: undefined }),
    rows('title,views', [{ title: 'A title' }, { title: '' }]),
    change('it comes back empty', {}),
    rows('views', [{ views: 0 }, { views: 0 }]),
    change('the order of fields is free', { title: undefined, last: text('title') }),
    rows('title', [{ title: 'A title' }, { title: '' }]),
  ],
  renames: [
    change('rename by id', { title: text('headline', { id: '{{titleId}}' }) }),
    rows('title,headline', [{ headline: 'A title' }, { headline: '' }]),
    change('rename and rename back', { title: text('title', { id: '{{titleId}}' }) }),
    rows('title', [{ title: 'A title' }, { title: '' }]),
    change('swap the names of two fields', { title: text('note', { id: '{{titleId}}' }), note: text('title', { id: 'text999' }) }),
    rows('title,note', [{ note: 'A title', title: '' }, {}]),
    change('swap them again', { title: text('title', { id: '{{titleId}}' }), note: text('note', { id: 'text999' }) }),
    rows('title,note', [{ title: 'A title', note: '' }, {}]),
    change('back to the plain list', {}),
    rows('title', [{ title: 'A title' }, { title: '' }]),
    refused('a name twice', { title: text('VIEWS', { id: '{{titleId}}' }) }, 'fields.2.name:validation_duplicated_field_name'),
  ],
  types: [
    refused('another type under the same id', { views: text('views', { id: '{{viewsId}}' }) }, 'fields.2:validation_field_type_change'),
    change('another type without an id', { views: text('views') }),
    rows('views', [{ views: '' }, { views: '' }]),
    change('back', {}),
    refused('a relation to another collection', { tag: relation('tag', '{{labels}}') }, 'fields.5.collectionId:validation_field_relation_change'),
  ],
  'one and many': [
    change('select, one to many', { kind: select('kind', ['a', 'b', 'c'], 2) }),
    rows('kind', [{ kind: ['a'] }, { kind: [] }]),
    change('relation, one to many', { kind: select('kind', ['a', 'b', 'c'], 2), tag: relation('tag', '{{tags}}', 2) }),
    rows('kind,tag', [{ kind: ['a'], tag: [t1] }, { kind: [], tag: [] }]),
    change('both back', {}),
    rows('kind,tag', [{ kind: 'a', tag: t1 }, { kind: '', tag: '' }]),
    change('select, many to one keeps the last', { colors: select('colors', ['red', 'blue', 'green'], 1) }),
    rows('colors', [{ colors: 'blue' }, { colors: '' }]),
    change('relation, many to one keeps the last', { colors: select('colors', ['red', 'blue', 'green'], 1), tags: relation('tags', '{{tags}}', 1) }),
    rows('colors,tags', [{ colors: 'blue', tags: t2 }, { colors: '', tags: '' }]),
    change('file, one to many', { doc: file('doc', { maxSelect: 3 }) }),
    rows('doc,colors,tags', [{ doc: [], colors: ['blue'], tags: [t2] }, { doc: [], colors: [], tags: [] }]),
  ],
  'stored values are not checked again': [
    change('fewer options', { colors: select('colors', ['red'], 1), title: text('title', { max: 2, pattern: '^x$' }) }),
    rows('colors,title', [{ colors: 'blue', title: 'A title' }, { colors: '', title: '' }]),
    [400, SU, `PATCH ${C}/things/records/${id('full')}`, { views: 2 }, { name: 'but a record is, as a whole, when it is written' }],
    [400, SU, `PATCH ${C}/things/records/${id('full')}`, { colors: 'blue' }, { name: 'sending the old value does not help' }],
    [200, SU, `PATCH ${C}/things/records/${id('full')}`, { colors: 'red', title: 'x' }, { query: { fields: 'colors,title' } }],
    change('back', {}),
  ],
  'all or nothing': [
    [400, SU, `PATCH ${C}/things`, { fields: fields({ fresh: text('fresh') }), indexes: ['create index bad_ix on things (nope)'] }, { codes: 'indexes.0:validation_invalid_index_expression' }],
    [200, SU, `GET ${C}/things`, { fields: 'fields.name,indexes' }],
    rows('title,fresh', [{ title: 'x' }, { title: '' }]),
    [200, SU, `PATCH ${C}/things`, { fields: fields({ title: text('name', { id: '{{titleId}}' }) }), indexes: ['create index name_ix on things (name)'] }, { query: { fields: 'fields.name,indexes' } }],
    [400, SU, `PATCH ${C}/things`, { fields: fields({ title: text('title', { id: '{{titleId}}' }) }) }, { codes: 'indexes.0:validation_invalid_index_expression' }],
    [200, SU, `PATCH ${C}/things`, { fields: fields({ title: text('title', { id: '{{titleId}}' }) }), indexes: ['create index name_ix on things (title)'] }, { query: { fields: 'fields.name,indexes' } }],
    [200, SU, `POST ${C}/things/records`, { title: 'still writable' }, { query: { fields: 'title' } }],
  ],
});
