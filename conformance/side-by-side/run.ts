// `node --import=tsx conformance/side-by-side/run.ts [--seed N] [--requests N] [--only 2,32] [--acls] [--denied] [--states] [--log FILE]`
// or `[--seed N] --sequences COUNT [--models classic,share] [--sequence SEED] [--steps DIR] [--again DIR]`
// The same random requests to a fresh Apache Kafka and a fresh Ottla, one after another. Where the answers differ in more than what
// no two brokers share, the request and the difference are printed, each kind once; `--states` also looks after each request
// whether both have the same groups and topics; `--log` writes every request and both answers down. To be read, not to be counted: one difference can be the cause of others.
// Sequences are models of clients that keep what they are answered (sequences/); `--sequence` runs one alone, `--steps` writes down
// the fewest steps that lead to each difference, and `--again` has them, and those that npm test asks, answered anew.
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { apache } from '../targets/apache.ts';
import { ottla } from '../targets/ottla.ts';
import { freePort, type RunningBroker, type StartOptions, stopAll, type Target } from '../targets/target.ts';
import { kafkaJars } from '../toolchain/kafka-jars.ts';
import { differences } from '../transcripts/compare.ts';
import { Draws, PLAIN_WORLD, type Random, type World } from './draws.ts';
import { loginListeners, SUPER_USER, USERS } from './logins.ts';
import { apiOf, CHANGES_METADATA, HEARD_MS, Peer } from './peer.ts';
import { drawEntry, setRights } from './rights.ts';
import { DENIED, propertiesOf, shown } from './scene.ts';
import { RECORDED, readSequences, writeSequences } from './sequences/recorded.ts';
import { MODELS, SequenceRun } from './sequences/run-sequences.ts';
import { batchOf, learnIds, makeCoordinators, makeGroups, makeTopics } from './world.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '2000' },
    only: { type: 'string' },
    acls: { type: 'boolean', default: false },
    denied: { type: 'boolean', default: false },
    states: { type: 'boolean', default: false },
    log: { type: 'string' },
    sequences: { type: 'string' },
    models: { type: 'string' },
    steps: { type: 'string' },
    sequence: { type: 'string' },
    again: { type: 'string' },
  },
});

/** Produce with acks=0 aside, those that wait for others, log in, or are a node's own. */
const LEFT_OUT = new Set([
  4, 5, 6, 7, 17, 18, 36, 52, 53, 54, 55, 56, 58, 59, 62, 63, 64, 67, 70, 71, 72, 73, 80, 81, 82,
]);

const API_VERSIONS = 18;
const METADATA = 3;
const LIST_GROUPS = 16;
const DELETE_TOPICS = 20;
/** After these topics may be there that were not, or under another id. */
const MAKES_TOPICS = new Set([METADATA, 19, 20, 88]);
/** Topics are made anew after so many requests, most of what was there being gone. */
const WORLD_LASTS = flags.denied ? 150 : 400;
/** Others have the rights of users then. */
const RIGHTS_LAST = 50;
const ENTRIES = 40;
const MOST_SHOWN = 900;
const nowMs = Date.now() - 60_000;
/** Who asks, some more often than others; the super user moves on what there is. */
const ASKING = [...USERS, ...USERS, ...USERS, SUPER_USER];
const DENIED_WORLD = {
  absentTopics: [
    'missing',
    'missing',
    'team-missing',
    'not a topic',
    '',
    '.',
    'x'.repeat(250),
    '__consumer_offsets',
    '__transaction_state',
    '__share_group_state',
  ],
  transactionalIds: ['tx', 'tx', 'other-tx', 'third', ''],
  users: [...USERS, SUPER_USER],
  aclNames: ['plain', 'team-', '*', '', 'kafka-cluster', 'tx', 'g-', 'User:alice'],
  counts: [0, 1, 2, 2, 3, 4, 5],
  doubles: 40,
};

interface Served {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** Mulberry32. */
function randomOf(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

class Comparison {
  readonly #peers: readonly [theirs: Peer, ours: Peer];
  readonly #random = randomOf(Number(flags.seed));
  readonly #kinds = new Map<string, number>();
  #toldState = '';
  #world: World = { ...PLAIN_WORLD, topics: [], groups: [], nowMs, batches: [] };

  constructor(theirs: Peer, ours: Peer) {
    this.#peers = [theirs, ours];
  }

  async run(): Promise<void> {
    for (const peer of this.#peers) await makeCoordinators(peer);
    const apis = await this.#served();
    for (let number = 0; number < Number(flags.requests); number++) {
      if (number % WORLD_LASTS === 0) await this.#newWorld(number);
      await this.#one(number, apis);
    }
    console.log(`\n${this.#kinds.size} kinds of differences`);
    for (const [kind, count] of [...this.#kinds].sort(([, a], [, b]) => b - a)) console.log(`${count} x ${kind}`);
  }

  async #served(): Promise<Served[]> {
    const probe = { clientSoftwareName: 'side-by-side', clientSoftwareVersion: '1' };
    const { apiKeys } = (await this.#peers[0].ask(apiOf(API_VERSIONS), 3, probe)) as { readonly apiKeys: Served[] };
    const only = flags.only?.split(',').map(Number);
    return apiKeys.filter(({ apiKey }) => !LEFT_OUT.has(apiKey) && (only?.includes(apiKey) ?? true));
  }

  async #newWorld(number: number): Promise<void> {
    const kinds = ['plain', 'compacted', 'other', ...(flags.denied ? ['team-a', 'team-b'] : [])];
    const topics = kinds.map((name) => `${name}-${number}`);
    let groups: readonly string[] = [`g-${number}`];
    for (const peer of this.#peers) {
      peer.ids.clear();
      await makeTopics(peer, topics, nowMs);
      await learnIds(peer);
      if (flags.denied) groups = await makeGroups(peer, String(number), [...topics.slice(0, 1), ...topics.slice(3, 4)]);
    }
    const batches = [batchOf(2, nowMs), batchOf(1, nowMs), Buffer.alloc(0), Buffer.from('no batch')];
    const world = { ...PLAIN_WORLD, topics, groups: [...groups, `h-${number}`], nowMs, batches };
    this.#world = flags.denied ? { ...world, ...DENIED_WORLD } : world;
  }

  async #newRights(): Promise<void> {
    const draws = new Draws(this.#random, this.#world);
    const entries = Array.from({ length: ENTRIES }, () => drawEntry(draws, this.#world));
    for (const peer of this.#peers) await setRights(peer, entries);
    if (flags.log !== undefined)
      appendFileSync(flags.log, `${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`);
  }

  async #one(number: number, apis: readonly Served[]): Promise<void> {
    if (flags.denied && number % RIGHTS_LAST === 0) await this.#newRights();
    const draws = new Draws(this.#random, this.#world);
    const user = flags.denied ? draws.of(ASKING) : '';
    const { apiKey, minVersion, maxVersion } = draws.of(apis);
    const api = apiOf(apiKey);
    const lowest = Math.max(minVersion, api.versions[0]);
    const version = lowest + this.#random(maxVersion - lowest + 1);
    const body = draws.request(api, version);
    // Kafka's coordinators do not come back to a topic of their own that was deleted.
    if (flags.denied && apiKey === DELETE_TOPICS && JSON.stringify(body).includes('"__')) return;
    const [theirs, ours] = await this.#both(apiKey, version, body, user);
    if (flags.denied && CHANGES_METADATA.has(apiKey)) await new Promise((resolve) => setTimeout(resolve, HEARD_MS));
    if (MAKES_TOPICS.has(apiKey)) for (const peer of this.#peers) await learnIds(peer);
    const what = `#${number} ${user} ${api.name} v${version} ${short(body)}`;
    if (flags.log !== undefined) appendFileSync(flags.log, `${what}\n  K ${short(theirs)}\n  O ${short(ours)}\n`);
    if (flags.states) await this.#compareStates(what);
    // Kafka fails inside over some requests, and never answers.
    if (theirs !== 'silent') this.#tell(api.name, what, differences(theirs, ours));
  }

  async #both(key: number, version: number, body: unknown, user = ''): Promise<readonly [unknown, unknown]> {
    const [theirs, ours] = await Promise.all(
      this.#peers.map(async (peer) => shown(peer.named(await peer.ask(apiOf(key), version, body, user)))),
    );
    return [theirs, ours];
  }

  #tell(name: string, what: string, found: readonly string[]): void {
    const [first] = found;
    if (first === undefined) return;
    const kind = `${name}: ${first.replaceAll(/\/\d+/g, '/#').replaceAll(/-\d+/g, '-#').slice(0, 160)}`;
    const count = this.#kinds.get(kind) ?? 0;
    this.#kinds.set(kind, count + 1);
    if (count === 0) console.log(`\n${what}\n   ${found.slice(0, 3).join('\n   ')}`);
  }

  async #compareStates(what: string): Promise<void> {
    const groups = await this.#both(LIST_GROUPS, 5, { statesFilter: [], typesFilter: [] });
    const all = { topics: null, allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false };
    const metadata = await this.#both(METADATA, 12, all);
    const [theirs, ours] = [0, 1].map((side) => {
      const { topics } = metadata[side] as { readonly topics: { name: string; partitions: unknown[] }[] };
      const named = topics.map(({ name, partitions }) => `${name} ${partitions.length}`);
      return JSON.stringify([groups[side], named.filter((name) => !name.startsWith('__'))]);
    });
    if (theirs === ours || theirs === this.#toldState) return;
    this.#toldState = theirs as string;
    console.log(`\n${what}\n   leaves ${theirs}\n   ours   ${ours}`);
  }
}

function short(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    const bytes = inner as { readonly type?: string; readonly data?: readonly number[] } | null;
    if (bytes?.type === 'Buffer') return `<${bytes.data?.length} bytes>`;
    return typeof inner === 'string' && inner.length > 60 ? `${inner.slice(0, 20)}…(${inner.length})` : inner;
  });
  return text.slice(0, MOST_SHOWN);
}

async function main(scratch: string): Promise<void> {
  const jars = await kafkaJars();
  if (typeof jars === 'string') throw new Error(jars);
  const scene = flags.sequences !== undefined ? 'sequences' : flags.denied ? DENIED : flags.acls ? 'acls' : 'topics';
  const start = async (target: Target): Promise<{ readonly broker: RunningBroker; readonly loginPort?: number }> => {
    const options = { dataDirectory: join(scratch, target.name), properties: propertiesOf(scene) };
    if (!flags.denied) return { broker: await target.start(options) };
    const loginPort = await freePort();
    const listeners: Partial<StartOptions> = loginListeners(await freePort(), loginPort);
    return { broker: await target.start({ ...options, ...listeners }), loginPort };
  };
  const [theirs, ours] = await Promise.all([start(apache(jars)), start(ottla())]);
  if (flags.sequences === undefined) {
    const [kafkas, own] = [theirs, ours].map(({ broker, loginPort }) => new Peer(broker.bootstrap, loginPort));
    return new Comparison(kafkas as Peer, own as Peer).run();
  }
  await sequences(theirs.broker.bootstrap, ours.broker.bootstrap, Number(flags.sequences));
  if (flags.log !== undefined) appendFileSync(flags.log, theirs.broker.log());
}

async function sequences(theirs: string, ours: string, count: number): Promise<void> {
  for (const bootstrap of [theirs, ours]) await makeCoordinators(new Peer(bootstrap));
  const models = flags.models?.split(',') ?? Object.keys(MODELS);
  const run = new SequenceRun([theirs, ours], {
    seed: Number(flags.seed),
    count,
    models,
    directory: flags.steps,
    only: flags.sequence === undefined ? undefined : Number(flags.sequence),
  });
  if (flags.again === undefined) return await run.run();
  const known = existsSync(RECORDED) ? readSequences() : [];
  const files = readdirSync(flags.again).filter((name) => name.endsWith('.json'));
  const alike = await run.again([
    ...known,
    ...files.flatMap((name) => readSequences(join(flags.again as string, name))),
  ]);
  writeSequences(RECORDED, alike);
  console.log(`${alike.length} sequences are recorded`);
}

const scratch = mkdtempSync(join(tmpdir(), 'side-by-side-'));
try {
  await main(scratch);
} finally {
  await stopAll();
  rmSync(scratch, { recursive: true, force: true });
}
