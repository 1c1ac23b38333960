// What a broker holds for connections on which nothing happens: ten thousand that have asked for its versions once, without TLS and
// with it.

import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { KEYS } from '../../conformance/transcripts/login-target.ts';
import { inTurn, later, type LoneTools } from '../alone.ts';
import { residentMegabytes } from '../process-cost.ts';
import { startSecured } from './secured-target.ts';

export interface IdleConnections {
  readonly protocol: 'PLAINTEXT' | 'SSL';
  readonly connections: number;
  readonly beforeMegabytes: number;
  readonly residentMegabytes: number;
}

/** Size, ApiVersions version 0, correlation id 1, no client id. */
const API_VERSIONS = Buffer.from('0000000a0012000000000001ffff', 'hex');
const SETTLE_MS = 5_000;

/** On a broker each. Throws when one of them is closed. */
export async function idleConnections(scratch: string, tools: LoneTools, count: number): Promise<IdleConnections[]> {
  const found: IdleConnections[] = [];
  for (const protocol of ['PLAINTEXT', 'SSL'] as const) {
    const started = await startSecured('ottla', join(scratch, `idle-${protocol}`), tools);
    if (typeof started === 'string') throw new Error(started);
    const { broker, tlsPort } = started;
    await later(SETTLE_MS);
    const beforeMegabytes = residentMegabytes(broker.pid);
    const open = protocol === 'SSL' ? () => secured(tlsPort) : () => plain(broker.port);
    const sockets = await inTurn(count, open);
    await later(SETTLE_MS);
    const closed = sockets.filter(({ destroyed, readableEnded }) => destroyed || readableEnded).length;
    if (closed > 0) throw new Error(`${closed} of ${count} idle connections were closed: ${broker.log().slice(-400)}`);
    const figures = { protocol, connections: count, beforeMegabytes, residentMegabytes: residentMegabytes(broker.pid) };
    found.push(figures);
    for (const socket of sockets) socket.destroy();
    await broker.stop();
  }
  return found;
}

function plain(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(API_VERSIONS));
    answered(socket, resolve, reject);
  });
}

const CA = readFileSync(join(KEYS, 'ca.pem'));

function secured(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', ca: CA, checkServerIdentity: () => undefined };
    const socket = connectTls(options, () => socket.write(API_VERSIONS));
    answered(socket, resolve, reject);
  });
}

function answered(socket: Socket, resolve: (socket: Socket) => void, reject: (error: Error) => void): void {
  socket.once('error', reject);
  socket.once('data', () => {
    socket.off('error', reject);
    socket.on('error', () => undefined);
    socket.resume();
    resolve(socket);
  });
}
