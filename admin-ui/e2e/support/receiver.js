/** A program that is told of changes: it keeps what it gets, and answers as it is told to. */

import { createServer } from "node:http";

/**
 * @typedef {object} Received
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {string} text the body as it arrived
 * @property {any} json the same, read
 */

/**
 * @typedef {object} Receiver
 * @property {string} address where it listens, without a path
 * @property {Received[]} received
 * @property {number} status what it answers
 * @property {string} answer the same: the body
 * @property {(count: number) => Promise<Received[]>} waitFor resolves when it has got so many
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Receiver>} */
export async function startReceiver() {
  /** @type {(() => void)[]} */
  let waiting = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    receiver.received.push({ headers: request.headers, text, json: JSON.parse(text) });
    response.writeHead(receiver.status, { "content-type": "text/html" }).end(receiver.answer);
    for (const look of waiting) look();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  /** @type {Receiver} */
  const receiver = {
    address: `http://127.0.0.1:${port}`,
    received: [],
    status: 200,
    answer: "ok",
    waitFor: (count) =>
      new Promise((done) => {
        const look = () => {
          if (receiver.received.length < count) return;
          waiting = waiting.filter((other) => other !== look);
          done(receiver.received);
        };
        waiting.push(look);
        look();
      }),
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  return receiver;
}
