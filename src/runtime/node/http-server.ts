// HTTP for the pages of the operator: loaded when a port for them is asked for. Requests are small and have no bodies; whoever is
// slow or comes with many connections is cut off.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpAnswer, HttpRequest, HttpServer, ServeHttp } from '../http.ts';

const MOST_CONNECTIONS = 100;
const LARGEST_HEADER_BYTES = 8 * 1024;
const HEADER_LIMIT_MS = 5000;
const REQUEST_LIMIT_MS = 10_000;
/** A connection on which nothing moves, in either direction, is closed. */
const STALLED_MS = 30_000;

export const serveHttp: ServeHttp = async ({ host, port }, answer) => {
  const server = createServer(
    { maxHeaderSize: LARGEST_HEADER_BYTES, headersTimeout: HEADER_LIMIT_MS, requestTimeout: REQUEST_LIMIT_MS },
    (request, response) => void respond(request, response, answer).catch(() => response.destroy()),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(STALLED_MS);
  server.listen(port, host);
  await once(server, 'listening');
  // Pages of the operator keep no process alive.
  server.unref();
  const address = server.address() as AddressInfo;
  return { host: address.address, port: address.port, close: () => closed(server) } satisfies HttpServer;
};

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: HttpRequest) => HttpAnswer,
): Promise<void> {
  const { method, url = '/', headers } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', connection: 'close' }).end();
    return;
  }
  const path = url.split('?', 1)[0] as string;
  const { status, contentType, body } = answer({ path, accept: headers.accept ?? '' });
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
  if (method === 'HEAD') response.end();
  else if (typeof body === 'string') response.end(body);
  else await sendPieces(response, body);
}

/** What was written has been taken, or nobody takes it any more. */
function taken(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

async function sendPieces(response: ServerResponse, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await taken(response);
  }
  response.end();
}
