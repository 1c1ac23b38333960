// A program: connections by the hundred that mean no good, for as long as it runs. `flood-clients.ts PLAIN_PORT TLS_PORT LOGIN_PORT`
// prints a line when all are there. One that the broker closes comes again.

import { connect, type Socket } from 'node:net';

/** How a connection misbehaves: what it sends at once, and what every second. */
interface Kind {
  readonly count: number;
  readonly port: number;
  readonly first: Buffer;
  readonly everySecond?: Buffer;
  readonly isDeaf?: boolean;
}

const [plainPort = 0, tlsPort = 0, loginPort = 0] = process.argv.slice(2).map(Number);
const AGAIN_MS = 1_000;
const HEADER_BYTES = 100;

/** A frame of which only the beginning comes. */
function halfFrame(declared: number, sent: number): Buffer {
  const bytes = Buffer.alloc(4 + sent);
  bytes.writeInt32BE(declared);
  return bytes;
}

/** Metadata version 0 of all topics, which answers much for little. */
const ALL_TOPICS = Buffer.from('0000000e0003000000000001ffff00000000', 'hex');
/** SaslHandshake version 1 for PLAIN. */
const HANDSHAKE = Buffer.from('000000110011000100000001ffff0005504c41494e', 'hex');
const HALF_HELLO = Buffer.from('160301002f0100002b0303', 'hex');

const KINDS: readonly Kind[] = [
  { count: 500, port: plainPort, first: halfFrame(100_000, HEADER_BYTES), everySecond: Buffer.alloc(1) },
  { count: 500, port: plainPort, first: halfFrame(50_000_000, HEADER_BYTES) },
  { count: 200, port: plainPort, first: Buffer.concat(Array.from({ length: 200 }, () => ALL_TOPICS)), isDeaf: true },
  { count: 500, port: loginPort, first: HANDSHAKE },
  { count: 500, port: loginPort, first: Buffer.alloc(0) },
  { count: 300, port: tlsPort, first: HALF_HELLO },
  { count: 20, port: plainPort, first: halfFrame(-1, 0) },
];

let waiting = KINDS.reduce((sum, { count }) => sum + count, 0);

function begin(kind: Kind, isFirst: boolean): void {
  const { port, first, everySecond, isDeaf = false } = kind;
  const socket: Socket = connect(port, '127.0.0.1', () => {
    socket.write(first);
    if (isFirst && --waiting === 0) process.stdout.write('flooding\n');
  });
  if (isDeaf) socket.pause();
  else socket.resume();
  const beat = everySecond === undefined ? undefined : setInterval(() => socket.write(everySecond), AGAIN_MS);
  socket.on('error', () => undefined);
  socket.once('close', () => {
    clearInterval(beat);
    setTimeout(() => begin(kind, false), AGAIN_MS);
  });
}

for (const kind of KINDS) for (let index = 0; index < kind.count; index++) begin(kind, true);
