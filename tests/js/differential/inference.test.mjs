//! Cases in which PocketBase lets callers infer data they may not see, and our server does not.

import { suite } from '../lib/differential.mjs';
import { bool, collection, id, record, relation, text } from '../lib/fields.mjs';

const C = '/api/collections';

const setup = [
  collection('posts', [text('title')], { listRule: '', viewRule: '' }),
  collection('notes', [text('text'), bool('open'), relation('post', '{{posts}}')], { listRule: 'open = true', viewRule: 'open = true' }),
  collection('reviews', [text('text'), relation('post', '{{posts}}', 1, { hidden: true })], { listRule: '', viewRule: '' }),
  record('posts', { id: id('open'), title: 'with an open note' }),
  record('posts', { id: id('closed'), title: 'with a closed note' }),
  record('posts', { id: id('none'), title: 'without' }),
  record('notes', { text: 'x', open: true, post: id('open') }),
  record('notes', { text: 'x', post: id('closed') }),
  record('reviews', { id: id('review'), text: 'r', post: id('open') }),
];

const why = 'nobody learns that there is a row they may not list';
const hidden = 'a hidden relation leads nowhere for those who may not see it';

suite('inference', setup, {
  'rows one may not list': [
    [200, 'guest', `GET ${C}/posts/records`, { filter: 'notes_via_post.id = ""' }, { body: { totalItems: 1 }, differs: { why, status: 200, body: { totalItems: 2 } } }],
    [200, 'guest', `GET ${C}/posts/records`, { sort: 'notes_via_post.text' }, { body: { totalItems: 2 }, differs: { why, status: 200, body: { totalItems: 3 } } }],
    [200, 'guest', `GET ${C}/posts/records`, { filter: 'notes_via_post.text ?= "x"' }, { body: { totalItems: 1 } }],
    [200, 'superuser', `GET ${C}/posts/records`, { filter: 'notes_via_post.id = ""' }, { body: { totalItems: 1 } }],
  ],
  'hidden relations': [
    [200, 'guest', `GET ${C}/reviews/records/${id('review')}`, { expand: 'post' }, { body: { expand: { post: { id: id('open') } } }, differs: { why: hidden, status: 200, body: { expand: {} } } }],
    [200, 'guest', `GET ${C}/posts/records/${id('open')}`, { expand: 'reviews_via_post' }, { body: { expand: { reviews_via_post: [{ text: 'r' }] } }, differs: { why: hidden, status: 200, body: { expand: {} } } }],
    [200, 'superuser', `GET ${C}/reviews/records/${id('review')}`, { expand: 'post' }, { body: { expand: { post: { id: id('open') } } } }],
    [400, 'guest', `GET ${C}/posts/records`, { filter: 'reviews_via_post.text = "r"' }],
  ],
});
