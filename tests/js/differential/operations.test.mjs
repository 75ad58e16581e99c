import { raw, suite } from '../lib/differential.mjs';
import { collection, text, number } from '../lib/fields.mjs';

const SU = 'superuser';
const generic = { message: 'Something went wrong while processing your request.', data: {} };

const setup = [
  collection('people', [], { type: 'auth' }),
  collection('plain', [text('a'), number('n')]),
  [200, SU, 'POST /api/collections/plain/records', { id: 'plain0000000001', a: 'one', n: 1.5 }],
];

const sql = (/** @type {string} */ query, options = {}) => [200, SU, 'POST /api/sql', { query }, { ignore: ['execTime'], ...options }];
const noSql = (/** @type {string} */ query, options = {}) => [400, SU, 'POST /api/sql', { query }, options];
const refused = (/** @type {string} */ query, /** @type {string} */ why) => sql(query, { differs: { why, status: 400 } });

const scheduled = (/** @type {string} */ cron) => [200, SU, 'PATCH /api/settings', { backups: { cron } }, { query: { fields: 'backups' } }];

/** What only our answer says of a job. */
const ours = ['*.lastRun', '*.lastSuccess', '*.running'];

suite('operations', setup, {
  'superusers only': ['GET /api/logs', 'GET /api/logs/x', 'GET /api/logs/stats', 'DELETE /api/logs', 'GET /api/crons', 'POST /api/crons/x', 'POST /api/sql'].map((line) => [401, 'guest', line]),
  logs: [
    [200, SU, 'GET /api/logs', { filter: 'data.status = 999' }, { body: { items: [], page: 1, perPage: 30, totalItems: 0, totalPages: 0 } }],
    [200, SU, 'GET /api/logs', { filter: 'level > 100 && message ~ "x"', perPage: 3, page: 2, sort: '-@rowid' }],
    [200, SU, 'GET /api/logs', { filter: 'id = "nope"', skipTotal: 1, sort: 'created,-level,message,data,data.status,id' }],
    [200, SU, 'GET /api/logs', { filter: 'created > "2099-01-01" && data.auth.deep != ""', sort: '@random' }],
    [400, SU, 'GET /api/logs', { filter: 'nope = 1' }, { body: generic }],
    [400, SU, 'GET /api/logs', { filter: 'type = 1' }, { body: generic }],
    [400, SU, 'GET /api/logs', { filter: '@rowid > 1' }, { body: generic }],
    [400, SU, 'GET /api/logs', { filter: 'rowid > 1' }, { body: generic }],
    [400, SU, 'GET /api/logs', { filter: 'level =' }, { body: generic }],
    [400, SU, 'GET /api/logs', { sort: 'nope' }, { body: generic }],
    [400, SU, 'GET /api/logs', { page: 'x' }, { body: generic }],
    [400, SU, 'GET /api/logs', { skipTotal: 'x' }, { body: generic }],
    [404, SU, 'GET /api/logs/nope'],
    [404, SU, 'GET /api/logs/000000000000000'],
    [200, SU, 'GET /api/logs/stats', { filter: 'data.status = 999' }, { body: [] }],
    [400, SU, 'GET /api/logs/stats', { filter: 'nope = 1' }, { body: { message: 'Invalid filter format.', data: {} } }],
    [204, SU, 'DELETE /api/logs'],
  ],
  crons: [
    // At a full hour some jobs have run by themselves.
    [200, SU, 'GET /api/crons', undefined, { ignore: ours }],
    [200, SU, 'GET /api/crons', { fields: 'id' }],
    [404, SU, 'POST /api/crons/nope', undefined, { body: { message: 'Missing or invalid cron job.', data: {} } }],
    [404, SU, 'POST /api/crons/__pbAutoBackup__'],
    [204, SU, 'POST /api/crons/__pbLogsCleanup__'],
    [204, SU, 'POST /api/crons/__pbDBOptimize__'],
    [204, SU, 'POST /api/crons/__pbMFACleanup__'],
    [204, SU, 'POST /api/crons/__pbOTPCleanup__'],
    scheduled('30 3 * * 1'),
    [200, SU, 'GET /api/crons', undefined, { name: 'with automatic backups', ignore: ours }],
    [404, SU, 'POST /api/crons/nope'],
    scheduled('@daily'),
    [200, SU, 'GET /api/crons', undefined, { name: 'with a macro', ignore: ours }],
    [204, SU, 'POST /api/crons/__pbAutoBackup__'],
    scheduled(''),
    [200, SU, 'GET /api/crons', undefined, { name: 'without again', ignore: ours }],
    [404, SU, 'POST /api/crons/__pbAutoBackup__'],
  ],
  'sql that reads': [
    sql("select id, 1 as n, null as z from plain"),
    sql('select a, n, n = 1.5 as same from plain'),
    sql("SELECT 'é' AS t, x'6162' AS b, 12 AS i, 2.0 AS r, 1.25"),
    sql('  select 1 as a, 2 as a ;'),
    sql('-- a note\nselect 1'),
    sql('with x as (select 5 as v) select v from x'),
    sql('with recursive n(i) as (select 1 union all select i + 1 from n limit 1500) select i from n', { name: 'a thousand rows at most' }),
    sql("select * from plain where id = 'nope'", { ignore: ['execTime', 'columns'] }),
    sql('select 1; select 2 as last'),
    sql('values (1, 2), (3, null)'),
    sql('explain query plan select 1', { ignore: ['execTime', 'rows'] }),
    sql('pragma foreign_keys'),
    sql('pragma table_info(plain)', { ignore: ['execTime', 'rows'] }),
    [200, SU, 'POST /api/sql', { query: 'select 1' }, { query: { fields: 'rows' } }],
  ],
  'sql that writes': [
    sql("update plain set n = n + 1", { body: { affectedRows: 1, columns: [], rows: [] } }),
    sql("insert into plain (id, a) values ('plain0000000002', 'two'), ('plain0000000003', 'three')", { body: { affectedRows: 2 } }),
    [200, SU, 'GET /api/collections/plain/records', { fields: 'id,a,n' }, { name: 'totals are counted again' }],
    sql("delete from plain where a = 'two'"),
    sql("update plain set n = 7 where a = 'three'; update plain set n = 8 where a = 'nope'", { ignore: ['execTime', 'affectedRows'] }),
    [200, SU, 'GET /api/collections/plain/records', { fields: 'id,a,n' }],
    noSql("insert into plain (id, a) values ('plain0000000009', 'x'), ('plain0000000001', 'twice')"),
    [404, SU, 'GET /api/collections/plain/records/plain0000000009', undefined, { name: 'a failure undoes all of it' }],
  ],
  'sql that cannot be': [
    [400, SU, 'POST /api/sql', {}, { codes: 'query:validation_required' }],
    [400, SU, 'POST /api/sql', { query: 'x'.repeat(5001) }, { codes: 'query:validation_length_too_long' }],
    [400, SU, 'POST /api/sql', { query: 5 }, { body: { message: 'An error occurred while loading the submitted data.', data: {} } }],
    [400, SU, 'POST /api/sql', raw('application/json', '{bad')],
    noSql('   '),
    noSql('selec 1', { body: { message: /^Failed to execute query\. Raw error:\nSQL logic error: near "selec": syntax error \(1\)\.$/ } }),
    noSql('select * from nope'),
    noSql('select ?'),
    noSql("select load_extension('x')"),
    noSql('detach nope'),
  ],
  'what PocketBase lets a superuser break': [
    refused('create temp table plain (x)', 'it would hide the real table'),
    refused('drop table temp.plain', 'there are no temporary tables'),
    refused('pragma user_version = 5', 'settings of the connection are the server’s'),
    refused('pragma writable_schema = 0', 'settings of the connection are the server’s'),
    refused('analyze', 'statistics make rules over relations slower'),
    refused("attach database ':memory:' as other", 'files beside the database are out of reach'),
    refused('vacuum', 'it cannot run in a transaction'),
  ],
});
