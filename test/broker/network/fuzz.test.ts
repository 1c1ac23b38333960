// Golden frames of Apache Kafka, mutated, thrown at a live broker: whatever comes, it answers or closes the connection, says
// nothing of faults of its own, and holds no more memory than before. OTTLA_FUZZ_RUNS multiplies the number of cases
// and draws others each time, OTTLA_FUZZ_SEED repeats a run.
import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { apiFacts, codecOf, DecodeError, loadCodec, Reader } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { DeleteTopics } from '../../../src/protocol/messages/20-delete-topics.ts';
import { UnregisterBroker } from '../../../src/protocol/messages/64-unregister-broker.ts';
import { allApis } from '../../../src/protocol/messages/index.ts';
import { heldBytes } from './collect-garbage.ts';
import { eventually, LiveBroker } from '../live-broker.ts';
import { mutated, mutatedBatch, mutations, type Mutation } from './mutations.ts';
import { CLOSED, decodeResponse, frameOf, RawClient, requestOf } from '../raw-client.ts';
import { retargeted } from './retargeted.ts';
import { servedKeys } from '../served.ts';

const scale = Number(process.env.OTTLA_FUZZ_RUNS ?? 1);
const seed = Number(process.env.OTTLA_FUZZ_SEED ?? (scale > 1 ? Date.now() % 2 ** 31 : 1));
/** A fresh connection is tried, and the house is cleaned, after so many cases. */
const CASES_PER_ROUND = 200;
const ANSWER_MS = 1000;
/** What the broker may hold more than before, once all topics that were made are gone: metadata, its caches, code. */
const GROWTH_BYTES = 48 << 20;
const PACK_BYTES = 512 * 1024;
const PROBE_ID = 0x5eed;

interface GoldenRequest {
  readonly key: number;
  readonly version: number;
  readonly direction: string;
  readonly hex: string;
  readonly unstable?: boolean;
}

function golden<T>(name: string): T[] {
  const packed = readFileSync(new URL(`../../golden/${name}.jsonl.gz`, import.meta.url));
  return gunzipSync(packed)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const servedRequests = (lines: readonly GoldenRequest[]): GoldenRequest[] =>
  lines.filter(({ key, direction, unstable }) => direction === 'request' && servedKeys.has(key) && unstable !== true);

/** What a case is, for whoever has to find out why it failed. */
interface Case {
  readonly key: number;
  readonly version: number;
  readonly frame: Buffer;
}

describe('Fuzz', () => {
  const requests = servedRequests(golden<GoldenRequest>('frames'));
  /** UnregisterBroker, when chance has it name this broker, takes it out of the cluster until it starts again, as in Kafka. */
  const changeable = requests.filter(({ key }) => key !== UnregisterBroker.key);
  const malformed = servedRequests(golden<GoldenRequest>('malformed'));
  const batches = golden<{ inputHex: string }>('produce').map(({ inputHex }) => Buffer.from(inputHex, 'hex'));
  let broker: LiveBroker;
  let ids = new Map<string, string>();
  let casesDone = 0;
  let heldBefore = 0;
  let last: Case | undefined;

  before(async () => {
    await loadCodec(4);
    broker = await LiveBroker.start({ 'log.segment.delete.delay.ms': 0, 'num.partitions': 2 });
    await clean();
    for (const { key, version, hex } of requests.slice(0, 200))
      await run({ key, version, frame: frameOf(key, version, Buffer.from(hex, 'hex')) });
    await clean();
    heldBefore = await heldBytes();
  });

  afterEach(function () {
    if (this.currentTest?.state === 'failed' && last !== undefined) {
      console.error(`seed ${seed}; the last frame: ${last.frame.subarray(0, 4000).toString('hex')}`);
    }
  });

  after('nothing has grown', async () => {
    await clean();
    expect((await heldBytes()) - heldBefore, 'bytes held more than before').to.be.below(GROWTH_BYTES);
    await broker.close();
  });

  /** Every topic that the cases made goes, and those that they are aimed at are there again. */
  async function clean(): Promise<void> {
    const client = await broker.connect();
    const made = [...broker.node.image.topics.byName.keys()];
    if (made.length > 0) await client.ask(DeleteTopics, 5, { topicNames: made, timeoutMs: 5000 }, 20_000);
    client.destroy();
    ids = new Map();
    for (const [name, configs] of Object.entries(targets)) ids.set(name, await broker.createTopic(name, configs, 2));
    await eventually('connections are gone', () => broker.node.connectionCount === 0);
    await eventually('receive buffers are given back', () => broker.node.requestBytes <= PACK_BYTES);
    expect(broker.node.unsentBytes).to.equal(0);
  }

  /** A fresh connection is served at once. */
  async function probe(): Promise<void> {
    const client = await broker.connect();
    await client.ask(ApiVersions, 0, {}, ANSWER_MS);
    client.destroy();
  }

  async function run(one: Case): Promise<void> {
    last = one;
    broker.lines.length = 0;
    const client = await broker.connect();
    client.send(Buffer.concat([one.frame, requestOf(ApiVersions, 0, {}, PROBE_ID)]));
    const isSoon = isAnsweredSoon(one.frame);
    if (isSoon) await answered(client, one.frame);
    // A peer that has ended gets an end once all is answered: what may be a Fetch is, when the wait that it asks for is over.
    if (isSoon || one.key !== Fetch.key) {
      if (!client.isClosed) client.socket.end();
      await client.ended(ANSWER_MS);
    }
    client.destroy();
    const faults = broker.lines.filter(({ level, message }) => level === 'error' || /failed|could not/.test(message));
    expect(faults, 'what the broker says of its own faults').to.deep.equal([]);
    casesDone += 1;
    if (casesDone % CASES_PER_ROUND === 0) {
      await clean();
      await probe();
    }
  }

  for (const [what, lines] of [
    ['golden', requests],
    ['malformed', malformed],
  ] as const) {
    it(`answers or closes at every ${what} request as it is`, async function () {
      this.timeout(60_000 * scale);
      for (const { key, version, hex } of lines) {
        await run({ key, version, frame: frameOf(key, version, Buffer.from(hex, 'hex')) });
      }
    });
  }

  const property = (
    numRuns: number,
    bases: number,
    caseOf: (base: number, aim: number, changes: readonly Mutation[]) => Case,
  ) =>
    fc.assert(
      fc.asyncProperty(fc.nat(bases - 1), fc.nat(), mutations, (base, aim, changes) => run(caseOf(base, aim, changes))),
      { numRuns: numRuns * scale, seed, interruptAfterTimeLimit: 120_000 * scale },
    );

  it('survives golden requests with bytes changed', async function () {
    this.timeout(120_000 * scale);
    await property(1500, changeable.length, (base, _aim, changes) => {
      const { key, version, hex } = changeable[base] as GoldenRequest;
      return { key, version, frame: mutated(frameOf(key, version, Buffer.from(hex, 'hex')), changes) };
    });
  });

  it('survives requests for what is there, with bytes changed', async function () {
    this.timeout(120_000 * scale);
    await property(2000, changeable.length, (base, aim, changes) => {
      const { key, version, hex } = changeable[base] as GoldenRequest;
      const schema = allApis.find((api) => api.key === key)?.request;
      if (schema === undefined) throw new Error(`no API ${key}`);
      const body = retargeted(schema, version, Buffer.from(hex, 'hex'), { ids, aim, batches });
      return { key, version, frame: mutated(frameOf(key, version, body), changes) };
    });
  });

  it('survives record batches with bytes changed, on topics of all kinds', async function () {
    this.timeout(120_000 * scale);
    const names = Object.keys(targets);
    await property(2000, batches.length, (base, aim, changes) => {
      const version = 3 + (aim % 11);
      const name = names[aim % names.length] as string;
      const topic = version >= 13 ? { topicId: ids.get(name) as string } : { name };
      const batch = batches[base] as Buffer;
      // A wrong checksum hides what else is wrong: most batches get theirs right again.
      const isBatchOnly = aim % 4 > 0;
      const records = isBatchOnly ? mutatedBatch(batch, changes) : batch;
      const frame = requestOf(Produce, version, {
        acks: aim % 13 === 0 ? 0 : -1,
        timeoutMs: 100,
        topicData: [{ ...topic, partitionData: [{ index: aim % 2, records }] }],
      });
      return { key: 0, version, frame: isBatchOnly ? frame : mutated(frame, changes) };
    });
  });
});

/** Topics of every kind that a batch can meet. */
const targets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: {},
  'append-time': { 'message.timestamp.type': 'LogAppendTime' },
  uncompressed: { 'compression.type': 'uncompressed' },
  gzip: { 'compression.type': 'gzip' },
  snappy: { 'compression.type': 'snappy' },
  lz4: { 'compression.type': 'lz4' },
  zstd: { 'compression.type': 'zstd' },
  compacted: { 'cleanup.policy': 'compact' },
};

/** Whether the first frame gets an answer, or its connection closed, without a wait that it asks for itself. */
function isAnsweredSoon(frame: Buffer): boolean {
  if (frame.length < 12) return false;
  const size = frame.readInt32BE(0);
  if (size !== frame.length - 4) return size <= 0 || size > 104857600;
  const key = frame.readInt16BE(4);
  return key !== 1 || !asksToWait(frame);
}

/** A Fetch that may be parked for longer than a test waits. */
function asksToWait(frame: Buffer): boolean {
  const version = frame.readInt16BE(6);
  const body = bodyOfFrame(frame);
  const schema = allApis.find((api) => api.key === 1);
  if (body === undefined || schema === undefined) return true;
  try {
    const { maxWaitMs } = codecOf(schema.request, version).decode(new Reader(body)) as unknown as { maxWaitMs: number };
    return maxWaitMs > ANSWER_MS / 2;
  } catch (error) {
    if (error instanceof DecodeError || error instanceof RangeError) return false;
    throw error;
  }
}

/** Behind a header with the client id that frameOf writes; undefined when something else stands there. */
function bodyOfFrame(frame: Buffer): Buffer | undefined {
  const facts = apiFacts(frame.readInt16BE(4));
  const version = frame.readInt16BE(6);
  if (facts === undefined || version < facts.minVersion || version > facts.maxVersion) return undefined;
  if (frame.toString('latin1', 12, 17) !== '\0\x03raw') return undefined;
  const isFlexible = facts.flexibleSince !== undefined && version >= facts.flexibleSince;
  if (isFlexible && frame[17] !== 0) return undefined;
  return frame.subarray(isFlexible ? 18 : 17);
}

/** Waits for the answers to the frame and to the probe behind it, or for the end; what comes has to be readable. */
async function answered(client: RawClient, frame: Buffer): Promise<void> {
  for (;;) {
    const answer = await client.next(ANSWER_MS);
    if (answer === CLOSED) return;
    const id = answer.readInt32BE(0);
    if (id === PROBE_ID) return;
    const api = allApis.find(({ key }) => key === frame.readInt16BE(4));
    const version = frame.readInt16BE(6);
    if (api === undefined || (api.key === ApiVersions.key && (version < 0 || version > 4))) continue;
    decodeResponse(api, version, answer);
  }
}
