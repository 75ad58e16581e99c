import { parts, raw, suite, upload } from '../lib/differential.mjs';

const SU = 'superuser';
const R = '/api/backups';
/** The smallest valid zip: some programs reject a zip without entries. */
const ZIP = 'PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00a'
  + 'PK\x01\x02\x14\x00\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00a'
  + 'PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00\x2f\x00\x00\x00\x1f\x00\x00\x00\x00\x00';

const create = (/** @type {number} */ status, /** @type {unknown} */ name, options = {}) => [status, SU, `POST ${R}`, { name }, options];
const bring = (/** @type {number} */ status, /** @type {string} */ name, content = ZIP, options = {}) =>
  [status, SU, `POST ${R}/upload`, parts(['file', upload(name, content)]), options];
const invalid = { codes: 'name:validation_match_invalid' };

suite('backups', [], {
  'superusers only': [`GET ${R}`, `POST ${R}`, `POST ${R}/upload`, `DELETE ${R}/x.zip`].map((line) => [401, 'guest', line]),
  create: [
    [200, SU, `GET ${R}`, undefined, { body: [] }],
    ...['A.zip', 'a.txt', '../a.zip', 'a b.zip', '@auto_pb_backup_x.zip', '.zip', 'a.zip.zip'].map((name) => create(400, name, { ...invalid, name })),
    create(400, `${'a'.repeat(147)}.zip`, { codes: 'name:validation_length_out_of_range' }),
    create(400, 5, { body: { message: 'An error occurred while loading the submitted data.', data: {} } }),
    [400, SU, `POST ${R}`, raw('application/json', '[]')],
    create(204, 'one.zip'),
    create(400, 'one.zip', { codes: 'name:validation_backup_name_exists' }),
    [200, SU, `GET ${R}`, { fields: 'key' }, { body: [{ key: 'one.zip' }] }],
  ],
  upload: [
    bring(204, 'Two B.zip'),
    bring(204, 'noext'),
    bring(204, '../x.zip'),
    bring(400, 'one.zip', ZIP, { codes: 'file:validation_backup_name_exists' }),
    bring(400, 'h.zip', 'hello', { codes: 'file:validation_invalid_mime_type', ignore: ['data.file.message'] }),
    [400, SU, `POST ${R}/upload`, parts(['file', 'abc']), { codes: 'file:validation_required' }],
    [400, SU, `POST ${R}/upload`, parts(['other', upload('x.zip', ZIP)]), { codes: 'file:validation_required' }],
    [400, SU, `POST ${R}/upload`, {}, { codes: 'file:validation_required' }],
    [200, SU, `GET ${R}`, { fields: 'key' }],
  ],
  'fetch and delete': [
    [403, 'guest', `GET ${R}/one.zip`],
    [403, SU, `GET ${R}/one.zip`, undefined, { body: { message: 'Insufficient permissions to access the resource.', data: {} } }],
    [403, SU, `GET ${R}/one.zip?token=x`],
    [403, SU, `GET ${R}/none.zip`],
    [401, 'guest', `POST ${R}/none.zip/restore`],
    [400, SU, `POST ${R}/none.zip/restore`, undefined, { body: { message: 'Missing or invalid backup file.', data: {} } }],
    [400, SU, `POST ${R}/..%2Fdata.db/restore`],
    [204, SU, `DELETE ${R}/Two%20B.zip`],
    [400, SU, `DELETE ${R}/Two%20B.zip`, undefined, { ignore: ['message'] }],
    [400, SU, `DELETE ${R}/..%2Fdata.db`, undefined, { ignore: ['message'] }],
    [200, SU, `GET ${R}`, { fields: 'key' }],
  ],
});
