// Mutated frames in numbers, on a broker in a process of its own with listeners of all kinds: to one that wants nothing, to one that
// wants a login before and after it, inside of TLS, and records of TLS themselves. A storm is made of a seed.
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { Errors } from '../../../src/protocol/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { SaslHandshake } from '../../../src/protocol/messages/17-sasl-handshake.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../../src/protocol/messages/20-delete-topics.ts';
import { SaslAuthenticate } from '../../../src/protocol/messages/36-sasl-authenticate.ts';
import { RawClient, requestOf } from '../raw-client.ts';
import { BrokerProcess } from '../security/broker-process.ts';
import { plain, SERVER_STORES, tlsClient } from '../security/keys.ts';
import { StormConnection } from './storm-connection.ts';
import { type Random, randomOf, STORM_TOPICS, StormFrames } from './storm-frames.ts';

const PASSWORD = 'storm-secret';
const LOGIN = `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${PASSWORD}";`;
const CLEANED_EVERY = 20_000;
const BURST = 8;
/** Of records of TLS, which may leave the other side waiting. */
const WAIT_MS = 200;
const ANSWER_MS = 20_000;
/** Two minutes: a storm may be run with what others leave of the processor. */
const LOGIN_TICKS = 2400;
const PROBE_ID = 0x5eed;
const PROBE = requestOf(ApiVersions, 0, {}, PROBE_ID);
const LOG_IN = Buffer.concat([
  requestOf(SaslHandshake, 1, { mechanism: 'PLAIN' }),
  requestOf(SaslAuthenticate, 2, { authBytes: plain('alice', PASSWORD) }, PROBE_ID),
]);
const LOOP_WATCH = new URL('loop-watch.mjs', import.meta.url).href;

/** Where the listeners of a broker are, found by how they answer a question. */
interface Ports {
  readonly open: number;
  readonly login: number;
  readonly tls: number;
}

export interface StormOptions {
  readonly seed: number;
  readonly frames: number;
  /** May be the same for many storms. */
  readonly made: StormFrames;
}

export interface LoopTurn {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface StormReport {
  readonly frames: number;
  /** Frames by where they were sent. */
  readonly byKind: ReadonlyMap<string, number>;
  readonly mostResidentMb: number;
  /** Versions of APIs that were sent. */
  readonly versions: number;
  /** What the event loop was away at most (loop-watch.mjs): the processor's time, and by the clock. */
  readonly longestTurn: LoopTurn;
  /** What it said that speaks of faults of its own. */
  readonly faults: readonly string[];
}

export class FrameStorm {
  readonly #broker: BrokerProcess;
  readonly #ports: Ports;
  readonly #admin: RawClient;
  readonly #seed: number;
  readonly #frames: number;
  readonly #made: StormFrames;
  readonly #byKind = new Map<string, number>();
  #done = 0;
  #cleanedAt = 0;
  #mostResidentMb = 0;

  private constructor(broker: BrokerProcess, ports: Ports, admin: RawClient, { seed, frames, made }: StormOptions) {
    this.#broker = broker;
    this.#ports = ports;
    this.#admin = admin;
    this.#seed = seed;
    this.#frames = frames;
    this.#made = made;
  }

  /** Needs Linux, which tells the memory of another process, and the built program. */
  static async open(options: StormOptions): Promise<FrameStorm> {
    const settings = {
      listeners: 'PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0,SASL_PLAINTEXT://127.0.0.1:0',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config': LOGIN,
      'sasl.enabled.mechanisms': 'PLAIN',
      'connection.failed.authentication.delay.ms': '0',
      'num.partitions': '2',
      'group.initial.rebalance.delay.ms': '0',
      'log.segment.delete.delay.ms': '0',
      ...SERVER_STORES,
    };
    const broker = await BrokerProcess.start(settings, { NODE_OPTIONS: `--import=${LOOP_WATCH}` });
    const ports = await portsOf(broker);
    const storm = new FrameStorm(broker, ports, await RawClient.connect(ports.open), options);
    try {
      await storm.#clean();
      return storm;
    } catch (error) {
      await storm.close();
      throw error;
    }
  }

  get done(): number {
    return this.#done;
  }

  /** Rejects when the broker dies, or serves nobody any more. */
  async run(): Promise<StormReport> {
    const { open, login, tls } = this.#ports;
    const toldBefore = this.#broker.output.length;
    const lanes: readonly (readonly [count: number, lane: (random: Random) => Promise<void>])[] = [
      [100, (random) => this.#life('open', random, () => StormConnection.open(open, PROBE_ID))],
      [16, (random) => this.#life('before login', random, () => StormConnection.open(login, PROBE_ID))],
      [8, (random) => this.#life('logged in', random, () => loggedIn(login))],
      [4, (random) => this.#life('in TLS', random, () => StormConnection.openTls(tls, PROBE_ID))],
      [2, (random) => this.#records(random)],
    ];
    const running = lanes.flatMap(([count, lane], kind) =>
      Array.from({ length: count }, async (_, index) => {
        const random = randomOf(this.#seed * 1009 + kind * 101 + index);
        while (this.#done < this.#frames) {
          if (!this.#broker.isAlive) throw new Error(`the broker has ended: ${this.#broker.output.slice(-4000)}`);
          await lane(random);
        }
      }),
    );
    await Promise.all([...running, this.#watch()]);
    await this.#clean();
    return {
      frames: this.#done,
      byKind: this.#byKind,
      versions: this.#made.versionsSent,
      mostResidentMb: this.#mostResidentMb,
      longestTurn: longestIn(this.#broker.output.slice(toldBefore)),
      faults:
        this.#broker.output.match(/^.*(?:TypeError|RangeError|ReferenceError|AssertionError|assertion).*$/gim) ?? [],
    };
  }

  async close(): Promise<void> {
    this.#admin.destroy();
    await this.#broker.stop();
  }

  #count(kind: string, frames: number): void {
    this.#done += frames;
    this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + frames);
  }

  /** One connection, until it is closed or a frame wants it to wait. */
  async #life(kind: string, random: Random, connected: () => Promise<StormConnection>): Promise<void> {
    const client = await connected();
    try {
      for (;;) {
        const frames: Buffer[] = [];
        let isCut = false;
        // What comes behind one that is cut would be taken for a part of it.
        while (frames.length < BURST && !isCut) {
          const frame = this.#made.next(random, kind === 'before login');
          frames.push(frame);
          isCut = !hasItsSize(frame);
        }
        const looked = await client.burst(Buffer.concat(isCut ? frames : [...frames, PROBE]), isCut);
        this.#count(kind, Math.min(looked ?? frames.length, frames.length));
        if (looked !== undefined || this.#done >= this.#frames) return;
      }
    } finally {
      client.close();
    }
  }

  /** A TLS connection whose records are damaged on their way: those of the handshake, or those behind it. */
  async #records(random: Random): Promise<void> {
    const firstDamaged = random(2) === 0 ? 0 : 3 + random(4);
    await new Promise<void>((resolve) => {
      const raw = connect(this.#ports.tls, '127.0.0.1');
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
      raw.on('data', (chunk: Buffer) => line.push(chunk));
      raw.on('error', () => undefined);
      const socket = connectTls({ socket: line, ...tlsClient(), checkServerIdentity: () => undefined });
      const over = (): void => {
        clearTimeout(timer);
        socket.destroy();
        raw.destroy();
        resolve();
      };
      const timer = setTimeout(over, WAIT_MS);
      socket.on('error', over);
      raw.once('close', over);
      socket.once('secureConnect', () => {
        for (let index = 0; index < BURST; index++) socket.write(requestOf(ApiVersions, 0, {}, index));
      });
    });
    this.#count('TLS records', 1);
  }

  /** Looks at its memory every second, and tidies up after the frames. */
  async #watch(): Promise<void> {
    while (this.#done < this.#frames) {
      this.#mostResidentMb = Math.max(this.#mostResidentMb, this.#broker.residentMb);
      if (this.#done - this.#cleanedAt >= CLEANED_EVERY) await this.#clean();
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  /** Every topic that the frames have made goes, and those that they are aimed at are there again. */
  async #clean(): Promise<void> {
    this.#cleanedAt = this.#done;
    const admin = this.#admin;
    const { topics } = await admin.ask(Metadata, 1, { topics: null }, ANSWER_MS);
    const topicNames = topics.map(({ name }) => String(name)).filter((name) => !name.startsWith('__'));
    if (topicNames.length > 0) await admin.ask(DeleteTopics, 5, { topicNames, timeoutMs: ANSWER_MS }, ANSWER_MS);
    const asked = STORM_TOPICS.map((name) => ({
      name,
      numPartitions: 2,
      replicationFactor: 1,
      assignments: [],
      configs: name === 'compacted' ? [{ name: 'cleanup.policy', value: 'compact' }] : [],
    }));
    const made = await admin.ask(
      CreateTopics,
      7,
      { topics: asked, timeoutMs: ANSWER_MS, validateOnly: false },
      ANSWER_MS,
    );
    this.#made.aimAt(
      new Map(
        made.topics.filter(({ errorCode }) => errorCode === Errors.NONE).map(({ name, topicId }) => [name, topicId]),
      ),
    );
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

async function loggedIn(port: number): Promise<StormConnection> {
  const client = await StormConnection.open(port, PROBE_ID);
  if ((await client.burst(LOG_IN, false, LOGIN_TICKS)) !== undefined) throw new Error('no login');
  return client;
}

/** The first line is of a second that began before. */
function longestIn(output: string): LoopTurn {
  const turns = [...output.matchAll(/^loop-watch (\S+) (\S+)$/gm)].slice(1);
  const most = (which: 1 | 2): number => Math.max(0, ...turns.map((turn) => Number(turn[which])));
  return { cpuMs: most(1), wallMs: most(2) };
}

async function portsOf(broker: BrokerProcess): Promise<Ports> {
  const found = { open: 0, login: 0, tls: 0 };
  for (const address of broker.listeningOn) {
    const port = Number.parseInt(address.split(':')[1] ?? '', 16);
    found[await kindOf(port)] = port;
  }
  return found;
}

/** By what comes back to a question that is allowed where nobody has to log in: an answer, an alert, or nothing. */
function kindOf(port: number): Promise<keyof Ports> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = connect(port, '127.0.0.1', () => socket.write(requestOf(Metadata, 1, { topics: [] }, PROBE_ID)));
    const tell = (): void => {
      socket.destroy();
      if (received.length === 0) resolve('login');
      else resolve(received[0] === 0x15 ? 'tls' : 'open');
    };
    socket.on('error', () => undefined);
    socket.once('close', tell);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 8 && received.readInt32BE(4) === PROBE_ID) tell();
    });
  });
}
