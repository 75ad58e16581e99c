import { PASSWORD, form, parts, raw, signIn, suite, upload } from '../lib/differential.mjs';
import { OPEN, collection, file, id, record, relation, text } from '../lib/fields.mjs';

const SU = 'superuser';
const R = '/api/collections/docs/records';
const FILES = '/api/files/docs';
const GIF = 'GIF89a\x01\x00\x01\x00\x00\x00\x00;';
const SERVED = ['content-disposition', 'content-length', 'content-security-policy', 'cache-control', 'accept-ranges', 'x-content-type-options', 'x-frame-options'];

/** The first file of the set-up: `some content`. */
const ONE = `${FILES}/${id('one')}/{{f}}`;
const LONG_AGO = 'Sat, 01 Jan 2000 00:00:00 GMT';
const FAR_OFF = 'Fri, 01 Jan 2100 00:00:00 GMT';
const NOT_IT = { why: 'an error has one form', status: 412, body: { status: 412 } };

const setup = [
  record('users', { id: id('ann'), email: 'ann@example.com', password: PASSWORD, passwordConfirm: PASSWORD }),
  record('users', { id: id('bob'), email: 'bob@example.com', password: PASSWORD, passwordConfirm: PASSWORD }),
  signIn('ann', 'users', 'ann@example.com'),
  signIn('bob', 'users', 'bob@example.com'),
  collection('docs', [text('title', { max: 10 }), file('f'), file('m', { maxSelect: 3 })], OPEN),
  collection('strict', [file('f', { required: true, maxSize: 10 }), file('pics', { maxSelect: 2, maxSize: 20, mimeTypes: ['image/gif', 'image/png'] })], OPEN),
  collection('private', [file('f', { protected: true }), relation('owner', '_pb_users_auth_')], { ...OPEN, viewRule: 'owner = @request.auth.id && @request.context = "protectedFile"' }),
  collection('shown', [], { type: 'view', viewRule: '', viewQuery: 'select id, f as paper from docs' }),
  [200, SU, `POST ${R}`, parts(['id', id('one')], ['f', upload('first paper.txt')], ['m', upload('alpha.txt', 'a')], ['m', upload('beta.txt', 'b')]), { save: { f: 'f', m0: 'm.0', m1: 'm.1' } }],
];

const post = (/** @type {number} */ status, /** @type {string} */ to, /** @type {[string, unknown][]} */ list, codes = '-', options = {}) => [
  status,
  'guest',
  `POST /api/collections/${to}/records`,
  parts(...list),
  status === 200 ? options : { codes, ...options },
];
const patch = (/** @type {[string, unknown][]} */ list, /** @type {object} */ body, options = {}) => [200, 'guest', `PATCH ${R}/${id('one')}`, parts(...list), { body, ...options }];
const get = (/** @type {number} */ status, /** @type {string} */ path, headers = {}, options = {}) => [status, 'guest', `GET ${path}`, undefined, { headers, compareHeaders: SERVED, ...options }];
const names = (/** @type {string[]} */ ...list) => list.map((name) => new RegExp(`^${name}_[a-z0-9]{10}\\.txt$`));
const token = (/** @type {string} */ caller) => [200, caller, 'POST /api/files/token', undefined, { save: { [`${caller}File`]: 'token' } }];

suite('files', setup, {
  names: [
    post(200, 'docs', [['f', upload('My Photo (1).TXT')]], '', { body: { f: /^my_photo_1_\w{10}\.TXT$/ } }),
    post(200, 'docs', [['f', upload('HelloWorld.tar.gz')]], '', { shapes: { f: /^hello_world_\w{10}\.tar\.gz$/ } }),
    post(200, 'docs', [['f', upload('no_extension')]], '', { body: { f: /^no_extension_\w{10}\.txt$/ } }),
    post(200, 'docs', [['f', upload('../../etc/passwd.txt')]], '', { body: { f: /^passwd_\w{10}\.txt$/ } }),
    post(200, 'docs', [['f', upload('a.txt')]], '', { body: { f: /^a\w{10}_\w{10}\.txt$/ }, shapes: { f: /^a\w{10}_\w{10}\.txt$/ } }),
    ...["filename*=UTF-8''caf%C3%A9_one.txt", "filename=\"=?utf-8?B?Y2Fm?=\"; filename*=utf-8''caf%C3%A9_one.txt"].map((name) => [200, 'guest', `POST ${R}`, raw('multipart/form-data; boundary=x', `--x\r\nContent-Disposition: form-data; name="f"; ${name}\r\n\r\nabc\r\n--x--\r\n`), { body: { f: /^caf_one_\w{10}\.txt$/ } }]),
    post(200, 'docs', [['f', upload('first.txt')], ['f', upload('second.txt')]], '', { body: { f: names('second')[0] } }),
  ],
  'keeping, adding and removing': [
    patch([['m+', upload('gamma.txt', 'c')]], { m: names('alpha', 'beta', 'gamma') }),
    patch([['m-', '{{m0}}']], { m: names('beta', 'gamma') }),
    patch([['+m', upload('zero.txt', '0')]], { m: names('zero', 'beta', 'gamma') }),
    patch([['m', '{{m1}}'], ['m', upload('delta.txt', 'd')]], { m: names('beta', 'delta') }),
    patch([['@jsonPayload', { m: ['{{m1}}'] }], ['m', upload('omega.txt', 'o')]], { m: names('beta', 'omega') }),
    patch([['m', '']], { m: [] }),
    [200, 'guest', `PATCH ${R}/${id('one')}`, { title: 'x', f: '{{f}}' }, { body: { f: names('first_paper')[0] } }],
    [200, 'guest', `PATCH ${R}/${id('one')}`, form({ title: 'y' }), { body: { f: names('first_paper')[0] } }],
  ],
  'parts that are no files of the record': [
    post(200, 'docs', [['title', upload('title.txt')], ['nope', upload('nope.txt')], ['m-', upload('minus.txt')]]),
    post(200, 'docs', [['f', upload('', '')]]),
  ],
  'what is refused': [
    post(400, 'strict', [], 'f:validation_required'),
    post(400, 'strict', [['f', upload('large.txt', '12345678901')]], 'f:validation_file_size_limit'),
    post(200, 'strict', [['f', upload('exact.txt', '1234567890')]]),
    post(200, 'strict', [['f', upload('empty.txt', '')]]),
    post(400, 'strict', [['f', upload('abc.txt', 'x')], ['pics', upload('really.gif', 'no')]], 'pics:validation_invalid_mime_type', { shapes: { 'data.pics.message': /^"really_\w{10}\.gif" mime type must be one of: image\/gif, image\/png\.$/ } }),
    post(200, 'strict', [['f', upload('abc.txt', 'x')], ['pics', upload('really.txt', GIF)]]),
    post(400, 'strict', [['f', upload('abc.txt', 'x')], ['pics', upload('abc.gif', GIF)], ['pics', upload('abc.gif', GIF)], ['pics', upload('abc.gif', GIF)]], 'pics:validation_too_many_files'),
    post(400, 'strict', [['f', upload('abc.txt', 'x')], ['pics', upload('abc.txt', 'x')], ['pics', 'foo'], ['pics', 'bar']], 'pics:validation_invalid_file'),
    post(400, 'docs', [['f', upload('abc.txt')], ['title', 'far too long a title']], 'title:validation_max_text_constraint'),
    [400, 'guest', `POST ${R}`, { f: 'nope.txt', m: ['one.txt', 'two.txt'] }, { codes: 'f:validation_invalid_file m:validation_invalid_file' }],
    [400, 'guest', `PATCH ${R}/${id('one')}`, { 'm+': 'nope.txt' }, { codes: 'm:validation_invalid_file' }],
    [404, 'guest', `PATCH ${R}/${id('nobody')}`, parts(['f', upload('abc.txt')])],
    [400, 'guest', `POST ${R}`, raw('multipart/form-data; boundary=x', 'nonsense')],
    [400, 'guest', `POST ${R}`, raw('multipart/form-data', '--x--')],
    [400, 'guest', `POST ${R}`, raw('multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\ncut')],
  ],
  serving: [
    get(200, `${FILES}/${id('one')}/{{f}}`),
    get(200, `${FILES}/${id('one')}/{{f}}?download=1`),
    get(200, `/api/files/DOCS/${id('one')}/{{f}}`),
    get(200, `${FILES}/${id('one')}/{{f}}?thumb=100x100`),
    get(304, `${FILES}/${id('one')}/{{f}}`, { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' }),
    get(200, `${FILES}/${id('one')}/{{f}}`, { 'If-Modified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT' }),
    [200, 'guest', `HEAD ${FILES}/${id('one')}/{{f}}`, undefined, { compareHeaders: SERVED }],
    get(200, `/api/files/shown/${id('one')}/{{f}}`),
    get(404, `${FILES}/${id('one')}/{{m0}}`),
    get(404, `${FILES}/${id('one')}/nope.txt`),
    get(404, `${FILES}/${id('nobody')}/{{f}}`),
    get(404, `/api/files/nope/${id('one')}/{{f}}`),
  ],
  'conditions and parts': [
    ...['bytes=2-4', 'bytes=-3', 'bytes=4-', 'bytes=0-900', 'bytes= 1 - 2 ,', 'bytes=0-1,100-200'].map((Range) =>
      get(206, ONE, { Range }, { name: Range, compareHeaders: [...SERVED, 'content-range'] }),
    ),
    // An empty range, or one that covers the whole file.
    ...['bytes=', 'bytes=,', 'bytes=0-,0-', 'bytes=0-8,1-9'].map((Range) => get(200, ONE, { Range }, { name: Range })),
    ...['bytes=100-', 'bytes=100-200,300-400', 'bytes=5-2', 'bytes=a-b', 'bytes=--1', 'bytes=-', 'bytes=0', 'bytes=0-1,x', 'Bytes=0-1', 'items=0-1', 'nonsense'].map((Range) =>
      get(416, ONE, { Range }, { name: Range, differs: { why: 'an error has one form', status: 416, body: { status: 416 } } }),
    ),
    get(206, ONE, { Range: 'bytes=-0' }, { differs: { why: 'that is outside of the file', status: 416 } }),
    ...['bytes=0-1,4-5', 'bytes=4-5, -1,0-0', 'bytes=0-0,0-0', 'bytes=0-1,8-900,100-'].map((Range) =>
      get(206, ONE, { Range }, { name: Range, body: /^--BOUNDARY\r\nContent-Range: bytes / }),
    ),
    [206, 'guest', `HEAD ${ONE}`, undefined, { headers: { Range: 'bytes=0-1,4-5' }, compareHeaders: SERVED }],
    ...[`"other"`, 'W/"other"', 'other'].map((tag) => get(412, ONE, { 'If-Match': tag }, { name: `If-Match: ${tag}`, differs: NOT_IT })),
    ...['*', '"other", *', ''].map((tag) => get(200, ONE, { 'If-Match': tag }, { name: `If-Match: ${tag}` })),
    get(412, ONE, { 'If-Unmodified-Since': LONG_AGO }, { differs: NOT_IT }),
    get(412, ONE, { 'If-Unmodified-Since': LONG_AGO, Range: 'bytes=100-' }, { differs: NOT_IT }),
    get(412, ONE, { 'If-Unmodified-Since': LONG_AGO, 'If-None-Match': '*' }, { differs: NOT_IT }),
    get(412, ONE, { 'If-Match': '"other"', 'If-Unmodified-Since': FAR_OFF }, { differs: NOT_IT }),
    get(200, ONE, { 'If-Match': '*', 'If-Unmodified-Since': LONG_AGO }),
    get(200, ONE, { 'If-Unmodified-Since': FAR_OFF }),
    get(200, ONE, { 'If-Unmodified-Since': 'nonsense' }),
    get(304, ONE, { 'If-Unmodified-Since': FAR_OFF, 'If-Modified-Since': FAR_OFF }),
    get(304, ONE, { 'If-None-Match': '*' }),
    get(200, ONE, { 'If-None-Match': '"other"', 'If-Modified-Since': FAR_OFF }),
    ...[LONG_AGO, FAR_OFF, '"other"', 'nonsense'].map((version) => get(200, ONE, { 'If-Range': version, Range: 'bytes=100-' }, { name: `If-Range: ${version}` })),
  ],
  'protected files': [
    [200, SU, 'POST /api/collections/private/records', parts(['id', id('secret')], ['owner', id('ann')], ['f', upload('secret.txt')]), { save: { secret: 'f' } }],
    token('ann'),
    token('bob'),
    token(SU),
    [401, 'guest', 'POST /api/files/token'],
    [401, 'bad', 'POST /api/files/token'],
    ...['guest', 'ann', SU].map((caller) => [404, caller, `GET /api/files/private/${id('secret')}/{{secret}}`]),
    ...[['annFile', 200], ['bobFile', 404], ['superuserFile', 200], ['ann', 404], ['bad', 404]].map(([name, status]) => [status, 'guest', `GET /api/files/private/${id('secret')}/{{secret}}?token={{${name}}}`]),
    [401, 'guest', 'GET /api/settings', undefined, { headers: { Authorization: '{{superuserFile}}' } }],
  ],
  'in a batch': [
    [200, SU, 'PATCH /api/settings', { batch: { enabled: true } }, { query: { fields: 'batch' } }],
    [200, 'guest', 'POST /api/batch', parts(['@jsonPayload', { requests: [{ method: 'POST', url: R, body: { title: 'a' } }, { method: 'PATCH', url: `${R}/${id('one')}`, body: {} }] }], ['requests.0.f', upload('batched.txt')], ['requests[1].m+', upload('also.txt')]), { shapes: { '*.body.f': /^(batched|first_paper)_\w+\.txt$/, '*.body.m.*': /^also_\w+\.txt$/ } }],
    [400, 'guest', 'POST /api/batch', parts(['@jsonPayload', { requests: [{ method: 'POST', url: R, body: { title: 'far too long a title' } }] }], ['requests.0.f', upload('batched.txt')])],
  ],
});
