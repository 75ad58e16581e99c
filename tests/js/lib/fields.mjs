//! Short ways to write collection definitions: `text('title', { required: true })`.

/** @typedef {Record<string, unknown>} Options */

const field = (/** @type {string} */ type) => (/** @type {string} */ name, /** @type {Options} */ options = {}) => ({ type, name, ...options });

export const text = field('text');
export const editor = field('editor');
export const number = field('number');
export const bool = field('bool');
export const email = field('email');
export const url = field('url');
export const date = field('date');
export const json = field('json');
export const geo = field('geoPoint');
export const password = field('password');
export const file = field('file');
export const autodate = (/** @type {string} */ name, onUpdate = true) => ({ type: 'autodate', name, onCreate: true, onUpdate });
export const select = (/** @type {string} */ name, /** @type {string[]} */ values, maxSelect = 1, /** @type {Options} */ options = {}) => ({
  type: 'select',
  name,
  values,
  maxSelect,
  ...options,
});
/** The target is a collection id: `{{tags}}` where an earlier case saved it. */
export const relation = (/** @type {string} */ name, /** @type {string} */ collectionId, maxSelect = 1, /** @type {Options} */ options = {}) => ({
  type: 'relation',
  name,
  collectionId,
  maxSelect,
  ...options,
});

/** Rules that allow everything to everyone. */
export const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };

/**
 * A set-up case: creates a collection as superuser and saves its id under its name.
 * @param {string} name
 * @param {object[]} fields
 * @param {Options} [more]
 * @returns {import('./differential.mjs').Case}
 */
export function collection(name, fields, more = {}) {
  return [200, 'superuser', 'POST /api/collections', { name, type: 'base', fields, ...more }, { save: { [name]: 'id' } }];
}

/**
 * A set-up case: creates a record as superuser.
 * @returns {import('./differential.mjs').Case}
 */
export function record(/** @type {string} */ collection, /** @type {object} */ values) {
  return [200, 'superuser', `POST /api/collections/${collection}/records`, values];
}

/** A readable record id of the right length: `id('tag1')`; the zeros mark it as chosen by a test (see compare.mjs). */
export function id(/** @type {string} */ name) {
  if (name.length > 10) throw new Error(`${name} is too long: no room for the zeros`);
  return name.padEnd(15, '0');
}
