//! A stream of server-sent events, read line by line without normalisation.

import http from 'node:http';
import { PATIENCE, request } from './http.mjs';

/**
 * @typedef {object} Message
 * @property {string} event
 * @property {any} data
 */

/** One client's open connection. */
export class Events {
  /** @type {Message[]} */
  messages = [];
  /** @type {string[]} */
  #lines = [];
  #rest = '';
  #taken = 0;
  #isOver = false;
  /** @type {(() => void) | null} */
  #wake = null;
  id = '';

  /** @private */
  constructor(/** @type {string} */ url, /** @type {http.IncomingMessage} */ incoming, /** @type {http.ClientRequest} */ outgoing) {
    this.url = url;
    this.headers = incoming.headers;
    this.outgoing = outgoing;
    incoming.setEncoding('utf8');
    incoming.on('data', (text) => this.#read(text));
    const over = () => {
      this.#isOver = true;
      this.#wake?.();
    };
    incoming.on('close', over);
    incoming.on('error', over);
  }

  /** @returns {Promise<Events>} */
  static async open(/** @type {string} */ url) {
    const { hostname, port } = new URL(url);
    /** @type {Events} */
    const events = await new Promise((done, failed) => {
      const outgoing = http.request({ hostname, port, path: '/api/realtime', agent: false }, (incoming) => done(new Events(url, incoming, outgoing)));
      outgoing.on('error', failed);
      outgoing.end();
    });
    const [{ event, data }] = await events.take(1);
    if (event !== 'PB_CONNECT') throw new Error(`the first event is ${event}`);
    events.id = data.clientId;
    return events;
  }

  /** Waits for the next messages. */
  async take(/** @type {number} */ count) {
    await this.#until(() => this.messages.length - this.#taken >= count, `${count} more messages`);
    return this.messages.slice(this.#taken, (this.#taken += count));
  }

  /** All messages before the next one of this event. */
  async upTo(/** @type {string} */ event) {
    const at = () => this.messages.findIndex((message, index) => index >= this.#taken && message.event === event);
    await this.#until(() => at() >= 0, `a message of ${event}`);
    const found = this.messages.slice(this.#taken, at());
    this.#taken = at() + 1;
    return found;
  }

  subscribe(/** @type {string[]} */ subscriptions, /** @type {string} */ token = '') {
    /** @type {Record<string, string>} */
    const headers = { 'Content-Type': 'application/json' };
    if (token !== '') headers.Authorization = token;
    const body = JSON.stringify({ clientId: this.id, subscriptions });
    return request(this.url, { method: 'POST', path: '/api/realtime', headers, body });
  }

  close() {
    this.outgoing.destroy();
  }

  async #until(/** @type {() => boolean} */ isDone, /** @type {string} */ what) {
    const deadline = Date.now() + PATIENCE;
    while (!isDone()) {
      const left = deadline - Date.now();
      if (left <= 0 || this.#isOver) throw new Error(`no ${what}; so far: ${JSON.stringify(this.messages.slice(this.#taken))}`);
      await new Promise((/** @type {(value?: unknown) => void} */ done) => {
        const timer = setTimeout(done, left);
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
  }

  #read(/** @type {string} */ text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.#lines.push(line);
      if (line !== '') continue;
      const [id = '', event = '', data = '', ...more] = this.#lines.splice(0);
      if (!id.startsWith('id:') || !event.startsWith('event:') || !data.startsWith('data:') || more.length !== 1) {
        throw new Error(`not a message: ${JSON.stringify([id, event, data, ...more])}`);
      }
      if (this.id !== '' && id !== `id:${this.id}`) throw new Error(`another client's id: ${id}`);
      this.messages.push({ event: event.slice('event:'.length), data: JSON.parse(data.slice('data:'.length)) });
    }
    this.#wake?.();
  }
}
