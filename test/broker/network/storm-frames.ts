// The frames of a storm: golden requests of every API and version that is served, half of them aimed at what the broker has, spoiled
// in up to four places. Aiming one costs more than all the rest, so each request is aimed a number of times and then taken
// again; the ids of topics, which change, are put in where placeholders stand.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type MessageSchema, uuidFromBytes, uuidToBytes } from '../../../src/protocol/index.ts';
import { SaslHandshake } from '../../../src/protocol/messages/17-sasl-handshake.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { SaslAuthenticate } from '../../../src/protocol/messages/36-sasl-authenticate.ts';
import { UnregisterBroker } from '../../../src/protocol/messages/64-unregister-broker.ts';
import { allApis } from '../../../src/protocol/messages/index.ts';
import { frameOf } from '../raw-client.ts';
import { servedKeys } from '../served.ts';
import { mutated, type Mutation } from './mutations.ts';
import { retargeted } from './retargeted.ts';

/** Topics that the frames are aimed at. */
export const STORM_TOPICS = ['plain', 'compacted', 'other'];

const KINDS = ['flip', 'set', 'extreme', 'cut', 'drop', 'repeat', 'splice'] as const;
const PLACES = 1 << 20;
/** Ways in which one request is aimed. */
const AIMS = 48;
const UUID_BYTES = 16;
/** Before a login most frames are those that may come then. */
const LOGIN_KEYS: ReadonlySet<number> = new Set([SaslHandshake.key, ApiVersions.key, SaslAuthenticate.key]);

interface GoldenRequest {
  readonly key: number;
  readonly version: number;
  readonly direction: string;
  readonly hex: string;
  readonly unstable?: boolean;
}

/** A whole number from 0 on, below the one given. */
export type Random = (below: number) => number;

/** Mulberry32: the same numbers for the same seed. */
export function randomOf(seed: number): Random {
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

/** Stands in an aimed frame for the id of the topic at the same place of STORM_TOPICS. */
const PLACEHOLDERS = STORM_TOPICS.map((_, index) => Buffer.alloc(UUID_BYTES, 0xa1 + index));
const PLACEHOLDER_IDS: ReadonlyMap<string, string> = new Map(
  STORM_TOPICS.map((name, index) => [name, uuidFromBytes(PLACEHOLDERS[index] as Buffer, 0)]),
);

/** A frame that is whole and right, and where ids of topics belong in it. */
interface Sound {
  readonly bytes: Buffer;
  readonly places: readonly { readonly at: number; readonly topic: number }[];
}

class Base {
  readonly key: number;
  readonly version: number;
  readonly #body: Buffer;
  readonly #schema: MessageSchema | undefined;
  readonly #untouched: Sound;
  readonly #aimed: Sound[] = [];

  constructor({ key, version, hex }: GoldenRequest) {
    this.key = key;
    this.version = version;
    this.#body = Buffer.from(hex, 'hex');
    this.#schema = allApis.find((api) => api.key === key)?.request;
    this.#untouched = { bytes: frameOf(key, version, this.#body), places: [] };
  }

  sound(random: Random, batches: readonly Buffer[]): Sound {
    const schema = random(2) === 0 ? undefined : this.#schema;
    if (schema === undefined) return this.#untouched;
    const which = random(AIMS);
    const known = this.#aimed[which];
    if (known !== undefined) return known;
    const aim = { ids: PLACEHOLDER_IDS, aim: (this.key << 20) ^ (this.version << 12) ^ which, batches };
    const bytes = frameOf(this.key, this.version, retargeted(schema, this.version, this.#body, aim));
    const made = { bytes, places: placesIn(bytes) };
    this.#aimed[which] = made;
    return made;
  }
}

function placesIn(bytes: Buffer): Sound['places'] {
  return PLACEHOLDERS.flatMap((placeholder, topic) => {
    const found: { at: number; topic: number }[] = [];
    for (let at = bytes.indexOf(placeholder); at >= 0; at = bytes.indexOf(placeholder, at + UUID_BYTES)) {
      found.push({ at, topic });
    }
    return found;
  });
}

export class StormFrames {
  readonly #batches = golden<{ readonly inputHex: string }>('produce').map(({ inputHex }) =>
    Buffer.from(inputHex, 'hex'),
  );
  readonly #all: readonly Base[];
  readonly #logins: readonly Base[];
  readonly #ids = PLACEHOLDERS.map((placeholder) => Buffer.from(placeholder));
  readonly #sent = new Set<number>();

  constructor() {
    // UnregisterBroker, when chance has it name this broker, takes it out of the cluster until it starts again, as in Kafka.
    this.#all = golden<GoldenRequest>('frames')
      .filter(({ direction, unstable }) => direction === 'request' && unstable !== true)
      .filter(({ key }) => servedKeys.has(key) && key !== UnregisterBroker.key)
      .map((request) => new Base(request));
    this.#logins = this.#all.filter(({ key }) => LOGIN_KEYS.has(key));
  }

  /** How many versions of APIs have been sent, each counted once. */
  get versionsSent(): number {
    return this.#sent.size;
  }

  /** The ids of STORM_TOPICS, as far as they are there, from now on. */
  aimAt(ids: ReadonlyMap<string, string>): void {
    for (const [index, name] of STORM_TOPICS.entries()) {
      const id = ids.get(name);
      if (id !== undefined) this.#ids[index]?.set(uuidToBytes(id));
    }
  }

  /** `isLogin`: mostly of the APIs that may come before a login. */
  next(random: Random, isLogin: boolean): Buffer {
    const bases = isLogin && random(4) > 0 ? this.#logins : this.#all;
    const base = bases[random(bases.length)] as Base;
    this.#sent.add((base.key << 8) | base.version);
    const { bytes, places } = base.sound(random, this.#batches);
    for (const { at, topic } of places) (this.#ids[topic] as Buffer).copy(bytes, at);
    const changes: Mutation[] = [];
    for (let count = random(5); count > 0; count--) changes.push(changeOf(random));
    return mutated(bytes, changes);
  }
}

function changeOf(random: Random): Mutation {
  const kind = random(20) === 0 ? 'size' : KINDS[random(KINDS.length)];
  return { kind: kind as Mutation['kind'], at: random(PLACES), length: random(40), value: random(0x1_0000) };
}
