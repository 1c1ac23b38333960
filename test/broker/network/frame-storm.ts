// Mutated frames in numbers, on a broker in a process of its own with listeners of all kinds: to one that wants nothing, to one that
// wants a login before and after it, inside of TLS, and records of TLS themselves. A storm is made of a seed.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { Errors } from '../../../src/protocol/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { SaslHandshake } from '../../../src/protocol/messages/17-sasl-handshake.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../../src/protocol/messages/20-delete-topics.ts';
import { SaslAuthenticate } from '../../../src/protocol/messages/36-sasl-authenticate.ts';
import { UnregisterBroker } from '../../../src/protocol/messages/64-unregister-broker.ts';
import { allApis } from '../../../src/protocol/messages/index.ts';
import { CLOSED, frameOf, RawClient, requestOf } from '../raw-client.ts';
import { BrokerProcess } from '../security/broker-process.ts';
import { logInWith, plain, SERVER_STORES, tlsClient } from '../security/keys.ts';
import { servedKeys } from '../served.ts';
import { mutated, type Mutation } from './mutations.ts';
import { retargeted } from './retargeted.ts';

const PASSWORD = 'storm-secret';
const LOGIN = `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${PASSWORD}";`;
const TOPICS = ['plain', 'compacted', 'other'];
const CLEANED_EVERY = 20_000;
const BURST = 8;
/** A frame may ask for a wait: then its connection is left. */
const WAIT_MS = 200;
const ANSWER_MS = 20_000;
const PROBE_ID = 0x5eed;
const KINDS = ['flip', 'set', 'extreme', 'cut', 'drop', 'repeat', 'splice'] as const;
const PLACES = 1 << 20;

interface GoldenRequest {
  readonly key: number;
  readonly version: number;
  readonly direction: string;
  readonly hex: string;
  readonly unstable?: boolean;
}

type Random = (below: number) => number;

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function golden<T>(name: string): T[] {
  const packed = readFileSync(new URL(`../../golden/${name}.jsonl.gz`, import.meta.url));
  const lines = gunzipSync(packed).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

/** Where the listeners of a broker are, found by how they answer a question. */
interface Ports {
  readonly open: number;
  readonly login: number;
  readonly tls: number;
  readonly metrics: number;
}

export interface StormReport {
  readonly frames: number;
  /** Frames by where they were sent. */
  readonly byKind: ReadonlyMap<string, number>;
  readonly mostResidentMb: number;
  /** As the broker's metrics tell it. */
  readonly longestLoopDelayMs: number;
  /** What it said that speaks of faults of its own. */
  readonly faults: readonly string[];
}

export class FrameStorm {
  readonly #broker: BrokerProcess;
  readonly #ports: Ports;
  readonly #admin: RawClient;
  readonly #seed: number;
  readonly #frames: number;
  readonly #bases: readonly GoldenRequest[];
  readonly #logins: readonly GoldenRequest[];
  readonly #batches = golden<{ readonly inputHex: string }>('produce').map(({ inputHex }) =>
    Buffer.from(inputHex, 'hex'),
  );
  readonly #byKind = new Map<string, number>();
  #ids: ReadonlyMap<string, string> = new Map();
  #done = 0;
  #cleanedAt = 0;
  #mostResidentMb = 0;
  #longestLoopDelayMs = 0;

  private constructor(broker: BrokerProcess, ports: Ports, admin: RawClient, seed: number, frames: number) {
    this.#broker = broker;
    this.#ports = ports;
    this.#admin = admin;
    this.#seed = seed;
    this.#frames = frames;
    const requests = golden<GoldenRequest>('frames').filter(
      ({ key, direction, unstable }) => direction === 'request' && servedKeys.has(key) && unstable !== true,
    );
    // UnregisterBroker, when chance has it name this broker, takes it out of the cluster until it starts again, as in Kafka.
    this.#bases = requests.filter(({ key }) => key !== UnregisterBroker.key);
    const before = new Set([SaslHandshake.key, ApiVersions.key, SaslAuthenticate.key]);
    this.#logins = requests.filter(({ key }) => before.has(key));
  }

  /** Needs Linux, which tells the memory of another process, and the built program. */
  static async open({ seed, frames }: { readonly seed: number; readonly frames: number }): Promise<FrameStorm> {
    const broker = await BrokerProcess.start({
      listeners: 'PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0,SASL_PLAINTEXT://127.0.0.1:0',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config': LOGIN,
      'sasl.enabled.mechanisms': 'PLAIN',
      'connection.failed.authentication.delay.ms': '0',
      'metrics.port': '0',
      'num.partitions': '2',
      'group.initial.rebalance.delay.ms': '0',
      'log.segment.delete.delay.ms': '0',
      ...SERVER_STORES,
    });
    const ports = await portsOf(broker);
    const storm = new FrameStorm(broker, ports, await RawClient.connect(ports.open), seed, frames);
    await storm.#clean();
    return storm;
  }

  get done(): number {
    return this.#done;
  }

  /** Rejects when the broker dies, or serves nobody any more. */
  async run(): Promise<StormReport> {
    const { open, login, tls } = this.#ports;
    const secured = tlsClient();
    const lanes: readonly (readonly [count: number, lane: (random: Random) => Promise<void>])[] = [
      [100, (random) => this.#life('open', random, () => RawClient.connect(open))],
      [16, (random) => this.#life('before login', random, () => RawClient.connect(login))],
      [8, (random) => this.#life('logged in', random, () => loggedIn(login))],
      [4, (random) => this.#life('in TLS', random, () => RawClient.connectTls(tls, secured))],
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
      mostResidentMb: this.#mostResidentMb,
      longestLoopDelayMs: this.#longestLoopDelayMs,
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
  async #life(kind: string, random: Random, connected: () => Promise<RawClient>): Promise<void> {
    const client = await connected();
    const bases = kind === 'before login' && random(4) > 0 ? this.#logins : this.#bases;
    try {
      for (;;) {
        const frames: Buffer[] = [];
        while (frames.length < BURST) {
          const frame = this.#frame(bases, random);
          frames.push(frame);
          // What comes behind it would be taken for a part of it.
          if (!hasItsSize(frame)) break;
        }
        const isCut = !hasItsSize(frames.at(-1) as Buffer);
        client.send(Buffer.concat(isCut ? frames : [...frames, requestOf(ApiVersions, 0, {}, PROBE_ID)]));
        if (isCut) client.socket.end();
        const looked = await lookedAt(client);
        this.#count(kind, Math.min(looked ?? frames.length, frames.length));
        if (looked !== undefined || this.#done >= this.#frames) return;
      }
    } finally {
      // A port that is closed in order cannot be used again for a while, and there are not so many.
      if (kind === 'in TLS') client.destroy();
      else client.reset();
    }
  }

  #frame(bases: readonly GoldenRequest[], random: Random): Buffer {
    const { key, version, hex } = bases[random(bases.length)] as GoldenRequest;
    const body = Buffer.from(hex, 'hex');
    const schema = random(2) === 0 ? undefined : allApis.find((api) => api.key === key)?.request;
    const aim = { ids: this.#ids, aim: random(2 ** 31), batches: this.#batches };
    const aimed = schema === undefined ? body : retargeted(schema, version, body, aim);
    const changes = Array.from({ length: random(5) }, () => change(random));
    return mutated(frameOf(key, version, aimed), changes);
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

  /** Looks at its memory and its event loop every second, and tidies up after the frames. */
  async #watch(): Promise<void> {
    while (this.#done < this.#frames) {
      this.#mostResidentMb = Math.max(this.#mostResidentMb, this.#broker.residentMb);
      const page = await fetch(`http://127.0.0.1:${this.#ports.metrics}/metrics`).then((answer) => answer.text());
      const lag = Number(/^nodejs_eventloop_lag_max_seconds(?:\{[^}]*\})? (\S+)$/m.exec(page)?.[1] ?? Number.NaN);
      this.#longestLoopDelayMs = Math.max(this.#longestLoopDelayMs, lag * 1000);
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
    const asked = TOPICS.map((name) => ({
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
    this.#ids = new Map(
      made.topics.filter(({ errorCode }) => errorCode === Errors.NONE).map(({ name, topicId }) => [name, topicId]),
    );
  }
}

function change(random: Random): Mutation {
  const kind = random(20) === 0 ? 'size' : KINDS[random(KINDS.length)];
  return { kind: kind as Mutation['kind'], at: random(PLACES), length: random(40), value: random(0x1_0000) };
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

async function loggedIn(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  await logInWith(client, 'PLAIN', plain('alice', PASSWORD));
  return client;
}

/** How many frames the broker has looked at for sure, when it closed or went silent; undefined: all, and it goes on. */
async function lookedAt(client: RawClient): Promise<number | undefined> {
  for (let answers = 0; ; answers++) {
    const answer = await client.next(WAIT_MS).catch(() => CLOSED);
    if (typeof answer === 'string') return answers + 1;
    if (answer.length >= 4 && answer.readInt32BE(0) === PROBE_ID) return undefined;
  }
}

async function portsOf(broker: BrokerProcess): Promise<Ports> {
  const found = { open: 0, login: 0, tls: 0, metrics: 0 };
  for (const address of broker.listeningOn) {
    const port = Number.parseInt(address.split(':')[1] ?? '', 16);
    found[await kindOf(port)] = port;
  }
  return found;
}

/** By what comes back to a question that is allowed where nobody has to log in: an answer, an alert, a page of HTTP, or nothing. */
function kindOf(port: number): Promise<keyof Ports> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = connect(port, '127.0.0.1', () => socket.write(requestOf(Metadata, 1, { topics: [] }, PROBE_ID)));
    const tell = (): void => {
      socket.destroy();
      if (received.length === 0) resolve('login');
      else if (received.toString('latin1', 0, 4) === 'HTTP') resolve('metrics');
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
