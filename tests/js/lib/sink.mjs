//! A mail server for tests that stores the mails it receives: ESMTP with authentication, and TLS from the start or by
//! STARTTLS.

import net from 'node:net';
import tls from 'node:tls';
import { PATIENCE } from './http.mjs';

/**
 * @typedef {object} Mail
 * @property {string[]} dialog   what the client said on this connection so far
 * @property {boolean} isEncrypted
 * @property {string[]} to
 * @property {string} source   headers and body, as they came
 * @property {string} text   the whole mail with soft line breaks and quoted characters undone
 */

/**
 * @param {{ cert: string, key: string }} [identity]   to offer STARTTLS with
 * @param {{ isImplicit?: boolean }} [options]   TLS from the first byte
 */
export async function startSink(identity, { isImplicit = false } = {}) {
  /** @type {Mail[]} */
  const mails = [];
  /** @type {((mail: Mail) => void)[]} */
  const waiting = [];
  const take = (/** @type {Mail} */ mail) => {
    const next = waiting.shift();
    if (next) next(mail);
    else mails.push(mail);
  };
  const serve = (/** @type {net.Socket} */ socket) => talk(socket, { identity, isEncrypted: isImplicit, take });
  const server = isImplicit ? tls.createServer({ ...identity }, serve) : net.createServer(serve);
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    /** The next mail, in the order they came. @returns {Promise<Mail>} */
    next: () =>
      new Promise((found, failed) => {
        const mail = mails.shift();
        if (mail) return found(mail);
        const timer = setTimeout(() => failed(new Error('no mail came')), PATIENCE);
        waiting.push((late) => {
          clearTimeout(timer);
          found(late);
        });
      }),
    count: () => mails.length,
    stop: () => {
      server.close();
      server.unref();
    },
  };
}

/** @typedef {{ identity?: { cert: string, key: string }, isEncrypted: boolean, take: (mail: Mail) => void }} Context */

function talk(/** @type {net.Socket} */ socket, /** @type {Context} */ context, greets = true) {
  const { identity, isEncrypted, take } = context;
  /** @type {string[]} */
  const dialog = [];
  /** @type {string[]} */
  let to = [];
  let buffer = '';
  /** Lines of the mail, while one is being given. @type {string[] | null} */
  let data = null;
  let secrets = 0;
  const say = (/** @type {string} */ line) => socket.write(`${line}\r\n`);
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.unref();
  if (greets) say('220 sink ESMTP');
  socket.on('data', onData);

  function onData(/** @type {string | Buffer} */ chunk) {
    buffer += chunk;
    for (;;) {
      const end = buffer.indexOf('\r\n');
      if (end < 0) return;
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      if (data === null) command(line);
      else if (line === '.') finish();
      else data.push(line.startsWith('.') ? line.slice(1) : line);
    }
  }

  function command(/** @type {string} */ line) {
    dialog.push(line);
    const verb = line.toUpperCase();
    if (secrets > 0) {
      secrets -= 1;
      say(secrets > 0 ? '334 UGFzc3dvcmQ6' : '235 welcome');
    } else if (verb.startsWith('EHLO')) {
      const tlsOffer = identity && !isEncrypted ? ['250-STARTTLS'] : [];
      say(['250-sink', ...tlsOffer, '250-8BITMIME', '250-SMTPUTF8', '250 AUTH PLAIN LOGIN'].join('\r\n'));
    } else if (verb === 'STARTTLS' && identity) {
      say('220 go on');
      socket.removeListener('data', onData);
      const secure = new tls.TLSSocket(socket, { isServer: true, ...identity });
      talk(secure, { ...context, isEncrypted: true }, false);
    } else if (verb.startsWith('AUTH LOGIN')) {
      secrets = 2;
      say('334 VXNlcm5hbWU6');
    } else if (verb.startsWith('AUTH')) {
      say('235 welcome');
    } else if (verb.startsWith('RCPT')) {
      to.push(line.match(/<(.*?)>/)?.[1] ?? '');
      say('250 fine');
    } else if (verb.startsWith('DATA')) {
      data = [];
      say('354 go on');
    } else if (verb.startsWith('QUIT')) {
      socket.end('221 bye\r\n');
    } else {
      say('250 fine');
    }
  }

  function finish() {
    const source = (data ?? []).join('\r\n');
    take({ dialog: [...dialog], isEncrypted, to, source, text: decode(source) });
    to = [];
    data = null;
    say('250 taken');
  }
}

/** Decodes quoted-printable anywhere in the text. */
function decode(/** @type {string} */ source) {
  const joined = source.replace(/=\r\n/g, '');
  return joined.replace(/(?:=[0-9A-F]{2})+/g, (codes) => Buffer.from(codes.replaceAll('=', ''), 'hex').toString('utf8'));
}
