//! Compares answers with the schemas of the OpenAPI document: types, what must be there, and that nothing is there that
//! no schema names.

/** @typedef {{ [key: string]: any }} Json any JSON may stand there */

/**
 * What of `value` the schema does not describe, as sentences with a path.
 * @param {Json} document
 * @param {Json} schema
 * @param {unknown} value
 * @returns {string[]}
 */
export function undescribed(document, schema, value, path = '$') {
  if (typeof schema.$ref === 'string') return undescribed(document, document.components.schemas[schema.$ref.split('/').at(-1)], value, path);
  if ('const' in schema) return schema.const === value ? [] : [`${path} is not ${JSON.stringify(schema.const)}: ${JSON.stringify(value)}`];
  if (schema.enum) return schema.enum.includes(value) ? [] : [`${path} is none of ${schema.enum}: ${JSON.stringify(value)}`];
  if (schema.anyOf) {
    const tries = schema.anyOf.map((/** @type {Json} */ one) => undescribed(document, one, value, path));
    // The shortest list of problems is that of the schema that is meant.
    return tries.sort((/** @type {string[]} */ one, /** @type {string[]} */ other) => one.length - other.length)[0];
  }
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOf(type, value))) return [`${path} is not of ${types}: ${JSON.stringify(value)}`];
  if (Array.isArray(value)) return value.flatMap((item, at) => undescribed(document, schema.items ?? {}, item, `${path}[${at}]`));
  if (typeof value !== 'object' || value === null) return [];
  const missing = (schema.required ?? []).filter((/** @type {string} */ key) => !(key in value)).map((/** @type {string} */ key) => `${path}.${key} is missing`);
  const inner = Object.entries(value).flatMap(([key, item]) => {
    const of = schema.properties?.[key] ?? schema.additionalProperties;
    if (of) return undescribed(document, of, item, `${path}.${key}`);
    return schema.properties ? [`${path}.${key} is not described`] : [];
  });
  return [...missing, ...inner];
}

function isOf(/** @type {string} */ type, /** @type {unknown} */ value) {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
