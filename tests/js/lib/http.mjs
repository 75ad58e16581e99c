//! One HTTP exchange, exactly as given: `fetch` refuses some of the requests worth testing and normalises others.

import http from 'node:http';

/** How long anything may take in milliseconds. Far longer than it does, also on a busy machine. */
export const PATIENCE = 60_000;

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {http.IncomingHttpHeaders} headers
 * @property {string} text
 * @property {any} body   the parsed JSON; the text if it is not JSON; null if there is none
 */

/**
 * @param {string} url
 * @param {{ method: string, path: string, headers?: Record<string, string | string[]>, body?: string | Buffer }} what
 * @returns {Promise<Answer>}
 */
export function request(url, { method, path, headers = {}, body }) {
  const { hostname, port } = new URL(url);
  return new Promise((done, failed) => {
    const outgoing = http.request({ agent, hostname, port, method, path, headers, timeout: PATIENCE }, (incoming) => {
      /** @type {Buffer[]} */
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('error', failed);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        done({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: parse(text) });
      });
    });
    outgoing.on('error', (error) => {
      // The server may close an idle connection just as we reuse it. It never received that request.
      const wasIdle = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      if (wasIdle) request(url, { method, path, headers, body }).then(done, failed);
      else failed(error);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer to ${method} ${path} in ${PATIENCE / 1000} s`)));
    if (body !== undefined && headers['content-length'] === undefined) outgoing.setHeader('content-length', Buffer.byteLength(body));
    outgoing.end(body);
  });
}

function parse(/** @type {string} */ text) {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `{ a: 1, b: ['x', 'y'] }` as a query string or urlencoded body; an array repeats its name. */
export function encode(/** @type {Record<string, unknown>} */ values) {
  return Object.entries(values)
    .flatMap(([name, value]) => [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(String(one))}`))
    .join('&');
}

export const BOUNDARY = 'the-boundary-of-the-steading-tests';

/** The value of a part that is a file. */
export class File {
  constructor(/** @type {string} */ filename, /** @type {string} */ content) {
    this.filename = filename;
    this.content = content;
  }
}

/**
 * A multipart body from `[name, value]` parts; a value that is neither text nor file is sent as JSON text.
 * @param {[string, unknown][]} parts
 */
export function multipart(parts) {
  const written = parts.map(([name, value]) => {
    const filename = value instanceof File ? `; filename="${value.filename}"` : '';
    const content = value instanceof File ? value.content : typeof value === 'string' ? value : JSON.stringify(value);
    return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${filename}\r\n\r\n${content}\r\n`;
  });
  return `${written.join('')}--${BOUNDARY}--\r\n`;
}
