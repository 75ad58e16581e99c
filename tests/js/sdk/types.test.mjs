//! `steading types ts`: its output compiles in strict mode with the SDK, accepts correct use and refuses incorrect use.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { IS_SELF_CHECK, OURS, SUPERUSER, start } from '../lib/server.mjs';
import PocketBase from 'pocketbase';
import { autodate, bool, date, editor, file, geo, json, number, password, relation, select, text } from '../lib/fields.mjs';

const run = promisify(execFile);
const TSC = fileURLToPath(new URL('../../../admin-ui/node_modules/typescript/bin/tsc', import.meta.url));
const skip = (IS_SELF_CHECK && 'PocketBase has no such command') || (!existsSync(TSC) && 'TypeScript is not installed: run `npm ci` in admin-ui');

/** Each line that must not compile follows a `@ts-expect-error`. */
const USE = `
import PocketBase from 'pocketbase';
import type { PostsRecord, Records, TypedPocketBase } from './generated';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

const pb = new PocketBase('http://127.0.0.1') as TypedPocketBase;
pb.autoCancellation(false);

export async function right() {
  const post = await pb.collection('posts').getOne('x', { expand: 'author,tags' });
  same<typeof post, PostsRecord>(true);
  same<typeof post.kind, 'a' | 'b' | ''>(true);
  same<typeof post.must, 'x'>(true);
  same<typeof post.colours, ('red' | "it's" | 'a"b\\\\')[]>(true);
  same<typeof post.author, string>(true);
  same<typeof post.tags, string[]>(true);
  same<typeof post.cover, string>(true);
  same<typeof post.papers, string[]>(true);
  same<typeof post.meta, unknown>(true);
  same<typeof post.place.lon, number>(true);
  same<typeof post.made, string>(true);
  same<typeof post.secret_note, string | undefined>(true);
  same<typeof post.collectionName, 'posts'>(true);
  same<Records['1st']['2nd'], number>(true);
  const name: string | undefined = post.expand?.author?.name;
  const label: string | undefined = post.expand?.tags?.[0]?.label;
  const back: PostsRecord[] | undefined = (await pb.collection('users').getFirstListItem('')).expand?.posts_via_author;
  const only = (await pb.collection('tags').getOne('x')).expand?.single_via_tag?.tag;
  same<typeof only, string | undefined>(true);
  await pb.collection('posts').create({ title: 't', must: 'x', colours: ['red'], day: new Date(), cover: new Blob(), papers: [new Blob()], rank: 1, meta: { any: 1 }, place: { lon: 1, lat: 2 } });
  await pb.collection('posts').create(new FormData());
  await pb.collection('posts').update('x', { 'tags+': ['a'], '+tags': 'b', 'tags-': 'c', 'papers-': ['a.txt'], cover: null, password_field: 'p' });
  await pb.collection('users').create({ email: 'a@b.c', password: 'p', passwordConfirm: 'p', name: 'n' });
  const { record, token } = await pb.collection('users').authWithPassword('a', 'b');
  same<typeof record.email, string | undefined>(true);
  same<typeof token, string>(true);
  const counted = await pb.collection('counted').getFullList();
  same<(typeof counted)[0]['posts'], number>(true);
  await pb.collection('1st').create({ '2nd': 3, class: 'c' });
  await pb.collection('posts').subscribe('*', (event) => same<typeof event.record, PostsRecord>(true));
  await pb.collection('_superusers').authRefresh();
  const odd = await pb.collection('constructor').create({ constructor: 1, default: 'd', new: 2, '1e3': 's' });
  same<typeof odd.constructor, number>(true);
  same<typeof odd.default, string>(true);
  same<typeof odd.collectionName, 'constructor'>(true);
  same<Records['any']['collectionName'], 'any'>(true);
  same<Records['AnyRecord']['0x1'], number>(true);
  same<Records['__proto__']['__proto__'], string>(true);
  same<Records['_']['readonly'] | Records['__']['then'], string>(true);
  await pb.collection('class').create({});
  await pb.collection('class').update('x', { valueOf: 1, 'constructor+': 2 });
  await pb.collection('default').authWithPassword('a', 'b');
  const batch = pb.createBatch();
  batch.collection('posts').create({ title: 't', must: 'x' });
  batch.collection('posts').upsert({ id: 'x', title: 't' });
  batch.collection('posts').delete('x');
  await batch.send();
  const me = pb.authStore.record;
  if (me?.collectionName === 'users') same<typeof me.name, string>(true);
  await pb.collection('needy').create({ tag: 'x', paper: new Blob() });
  for (const item of (await pb.collection('posts').getList(1, 5)).items) item.title.trim();
  return { name, label, back, health: await pb.health.check() };
}

export async function wrong() {
  // @ts-expect-error: no such collection
  pb.collection('psts');
  const post = await pb.collection('posts').getOne('x');
  // @ts-expect-error: no such field
  post.titel;
  // @ts-expect-error: passwords are never shown
  post.password_field;
  // @ts-expect-error: no such value
  post.kind === 'c';
  // @ts-expect-error: the title is required
  await pb.collection('posts').create({ must: 'x' });
  // @ts-expect-error: no such value
  await pb.collection('posts').create({ title: 't', must: 'y' });
  // @ts-expect-error: no such field
  await pb.collection('posts').update('x', { titel: 't' });
  // @ts-expect-error: the server sets it
  await pb.collection('posts').update('x', { made: '2026-01-01' });
  // @ts-expect-error: a text has no such modifier
  await pb.collection('posts').update('x', { 'title+': 't' });
  // @ts-expect-error: a number is not a text
  await pb.collection('posts').update('x', { rank: '5' });
  // @ts-expect-error: a sign-up must repeat the password
  await pb.collection('users').create({ email: 'a@b.c', password: 'p' });
  // @ts-expect-error: posts cannot sign in
  pb.collection('posts').authWithPassword;
  // @ts-expect-error: a number is not a text
  await pb.collection('class').create({ constructor: 'c' });
  // @ts-expect-error: a required relation cannot be empty
  await pb.collection('needy').create({ tag: null, paper: new Blob() });
  // @ts-expect-error: nor can a required file
  await pb.collection('needy').update('x', { paper: null });
  // @ts-expect-error: there is nothing to add to yet
  await pb.collection('posts').create({ title: 't', must: 'x', 'rank+': 1 });
  // @ts-expect-error: no such field
  pb.createBatch().collection('posts').update('x', { titel: 't' });
  // @ts-expect-error: no such collection
  pb.createBatch().collection('psts');
  // @ts-expect-error: no such field
  pb.authStore.record?.titel;
  // @ts-expect-error: a view is only read
  pb.collection('counted').create;
  // @ts-expect-error: a view is only read
  pb.collection('counted').delete;
}
`;

/** Names that are keywords of TypeScript, that are not valid identifiers, or that give two collections the same type name. */
const ODD = ['constructor', 'class', 'Record', 'record_', 'Any_', 'AnyRecord', '__proto__', 'hasOwnProperty', 'T1', '1', '_1', '_', '__', 'Promise', 'Omit', 'Writes'];
const WORDS = ['constructor', 'default', 'new', 'get', 'set', 'readonly', 'static', 'async', 'function', 'delete', 'in', 'this', 'void', 'never', 'any', 'then', 'prototype', '__proto__', 'valueOf', '1', '0x1', '1e3', '_'];
const words = WORDS.map((name, at) => (at % 2 ? text(name) : number(name)));

/** @type {import('../lib/server.mjs').Server} */
let server;
/** @type {string} */
let folder;
/** @type {string} */
let token;

before(async () => {
  if (skip) return;
  server = await start(OURS);
  folder = await mkdtemp(join(tmpdir(), 'steading-types-'));
  const pb = new PocketBase(server.url);
  ({ token } = await pb.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password));
  const make = (/** @type {any} */ definition) => pb.collections.create({ type: 'base', ...definition });
  const users = await pb.collections.getOne('users');
  const tags = await make({ name: 'tags', fields: [text('label')] });
  await make({
    name: 'posts',
    fields: [
      text('title', { required: true, help: 'What */ it is\nabout' }), editor('body'), number('rank'), bool('public'), date('day'), autodate('made'), select('kind', ['a', 'b']),
      select('must', ['x'], 1, { required: true }), select('colours', ['red', "it's", 'a"b\\'], 3), relation('author', users.id), relation('tags', tags.id, 9), json('meta'), geo('place'),
      file('cover'), file('papers', { maxSelect: 3 }), text('secret_note', { hidden: true }), password('password_field'),
    ],
  });
  await make({ name: 'needy', fields: [relation('tag', tags.id, 1, { required: true }), file('paper', { required: true })] });
  await make({ name: 'single', fields: [relation('tag', tags.id)], indexes: ['CREATE UNIQUE INDEX one ON single (tag)'] });
  await make({ name: '1st', fields: [number('2nd'), text('class'), text('__proto__x'), text('interface')] });
  await make({ name: 'or_der', fields: [] });
  await make({ name: 'orDer_', fields: [] });
  await make({ name: 'Typed_PocketBase', fields: [select('default', ['a*/b', '${x}', 'line\nbreak', 'a', 'a'])] });
  await make({ name: 'any', fields: words });
  for (const name of ODD) await make({ name, fields: [...words, relation('toString', tags.id)] });
  await make({ name: 'default', type: 'auth', fields: words });
  await make({ name: 'counted', type: 'view', viewQuery: 'SELECT author AS id, count(id) AS posts, max(title) AS what FROM posts GROUP BY author' });
});
after(async () => {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test('the types compile strictly, take right use and refuse wrong use', { skip }, async () => {
  const written = join(folder, 'generated.ts');
  await server.command('types', 'ts', '--out', written);
  assert.equal((await server.command('types', 'ts')).stdout, await readFile(written, 'utf8'));
  const elsewhere = await run(OURS, ['types', 'ts', '--url', server.url, '--token', token], { cwd: folder });
  assert.equal(elsewhere.stdout, await readFile(written, 'utf8'), 'a running server gives the same');
  const closed = await run(OURS, ['types', 'ts', '--url', 'http://127.0.0.1:1', '--token', token], { cwd: folder }).catch((error) => error);
  assert.match(closed.stderr, /http:\/\/127\.0\.0\.1:1 cannot be read: .*Connection refused/);
  const refused = await run(OURS, ['types', 'ts', '--url', server.url, '--token', 'nonsense'], { cwd: folder }).catch((error) => error);
  assert.match(refused.stderr, /needs the token of a superuser/);
  await writeFile(join(folder, 'use.ts'), USE);
  await symlink(fileURLToPath(new URL('../node_modules', import.meta.url)), join(folder, 'node_modules'));
  const compilerOptions = { strict: true, noEmit: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  const outcome = await run(process.execPath, [TSC, '-p', folder]).catch((error) => error);
  assert.equal(outcome.stdout, '');
  assert.equal(outcome.code ?? 0, 0, outcome.stderr);
});
