// One of the many that send frames at the same time, a connection after another. Most connections end with one of their frames: those
// behind it go first on the next one, so that each is made once.
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { requestOf } from '../raw-client.ts';
import { HELLO, IDS, LOG_IN, PROBE, type StormPorts } from './storm-broker.ts';
import { SECURED, StormConnection } from './storm-connection.ts';
import type { Random, StormFrames } from './storm-frames.ts';

export const LANE_KINDS = ['open', 'before login', 'logged in', 'in TLS', 'TLS records'] as const;
export type LaneKind = (typeof LANE_KINDS)[number];

const BURST = 8;
/** Of records of TLS, which may leave the other side waiting. */
const RECORDS_WAIT_MS = 1000;
/** Connections in a row that are closed before anything is read. */
const MOST_SHUT_OUT = 1000;
/** Two minutes: a storm may be run with what others leave of the processor. */
const LOGIN_TICKS = 2400;
const RECORDS = Array.from({ length: BURST }, (_, index) => requestOf(ApiVersions, 0, {}, index));

export interface LaneOptions {
  readonly kind: LaneKind;
  readonly random: Random;
  readonly ports: StormPorts;
  readonly made: StormFrames;
  /** Told how many frames the broker has looked at for sure; false: it was the last of them. */
  readonly count: (kind: LaneKind, frames: number) => boolean;
}

export class StormLane {
  readonly #options: LaneOptions;
  /** Frames that have not been looked at. */
  readonly #queue: Buffer[] = [];
  #shutOut = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** One connection, until it is closed or a frame wants it to wait. */
  async live(): Promise<void> {
    if (this.#options.kind === 'TLS records') return this.#damageRecords();
    const client = await this.#connected();
    let hello = [HELLO];
    try {
      for (;;) {
        const isCut = this.#fill();
        const count = this.#queue.length;
        const looked = await client.burst(Buffer.concat([...hello, ...this.#queue, ...(isCut ? [] : [PROBE])]), isCut);
        hello = [];
        const done = Math.min(looked ?? count, count);
        this.#queue.splice(0, done);
        this.#shutOut = done === 0 ? this.#shutOut + 1 : 0;
        if (this.#shutOut === MOST_SHUT_OUT) throw new Error(`nobody is let in: ${this.#options.kind}`);
        if (!this.#options.count(this.#options.kind, done) || looked !== undefined) return;
      }
    } finally {
      client.close();
    }
  }

  /** Returns whether the last one is cut: what comes behind it would be taken for a part of it. */
  #fill(): boolean {
    const { kind, random, made } = this.#options;
    let isCut = this.#queue.some((frame) => !hasItsSize(frame));
    while (this.#queue.length < BURST && !isCut) {
      const frame = made.next(random, kind === 'before login');
      this.#queue.push(frame);
      isCut = !hasItsSize(frame);
    }
    return isCut;
  }

  async #connected(): Promise<StormConnection> {
    const { kind, random, ports } = this.#options;
    const oneOf = (list: readonly number[]): number => list[random(list.length)] as number;
    if (kind === 'open') return StormConnection.open(oneOf(ports.open), IDS);
    if (kind === 'in TLS') return StormConnection.openTls(oneOf(ports.tls), IDS, random(4) > 0);
    const client = await StormConnection.open(oneOf(ports.login), IDS);
    if (kind === 'logged in' && (await client.burst(LOG_IN, false, LOGIN_TICKS)) !== undefined)
      throw new Error('no login');
    return client;
  }

  /** A TLS connection whose records are damaged on their way: those of the handshake, or those behind it. */
  async #damageRecords(): Promise<void> {
    const { random, ports } = this.#options;
    const firstDamaged = random(2) === 0 ? 0 : 3 + random(4);
    const isLookedAt = await new Promise<boolean>((resolve) => {
      let hasCome = false;
      const raw = connect(ports.tls[random(ports.tls.length)] as number, '127.0.0.1');
      let written = 0;
      const line = new Duplex({
        read: () => undefined,
        write: (chunk: Buffer, _encoding, done) => {
          raw.write(written++ < firstDamaged ? chunk : damaged(chunk, random));
          done();
        },
        final: (done) => {
          raw.end();
          done();
        },
      });
      raw.on('data', (chunk: Buffer) => {
        hasCome = true;
        line.push(chunk);
      });
      raw.on('error', () => undefined);
      const socket = connectTls({ socket: line, ...SECURED });
      const over = (): void => {
        clearTimeout(timer);
        socket.destroy();
        raw.destroy();
        resolve(hasCome);
      };
      const timer = setTimeout(over, RECORDS_WAIT_MS);
      socket.on('error', over);
      raw.once('end', () => (hasCome = true));
      raw.once('close', over);
      socket.once('secureConnect', () => {
        for (const record of RECORDS) socket.write(record);
      });
    });
    if (isLookedAt) this.#options.count('TLS records', 1);
  }
}

function damaged(record: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(record);
  for (let times = 1 + random(3); times > 0; times--) {
    // The first five bytes say what a record is and how long.
    const at = random(2) === 0 ? random(Math.min(5, bytes.length)) : random(bytes.length);
    bytes[at] = random(256);
  }
  return random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

const hasItsSize = (frame: Buffer): boolean => frame.length >= 4 && frame.readInt32BE(0) === frame.length - 4;
