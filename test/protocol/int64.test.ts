// Int64 against Java's long, and every int64 of every served message at the ends of its range.
import { expect } from 'chai';
import fc from 'fast-check';
import { servedApis } from '../../scripts/request-types.ts';
import {
  addInt64,
  codecOf,
  compareInt64,
  type Int64,
  Reader,
  subtractInt64,
  toInt64,
  Writer,
} from '../../src/protocol/index.ts';
import * as batch from '../../src/protocol/records/index.ts';
import type { FieldFacts, Fields, MessageSchema } from '../../src/protocol/schema.ts';
import { isPresent } from './interpreter.ts';

const SAFE = 2n ** 53n;
const EXTREMES: readonly bigint[] = [
  0n,
  -1n,
  -2n,
  SAFE - 2n,
  SAFE - 1n,
  SAFE,
  SAFE + 1n,
  SAFE + 3n,
  1_795_000_000_000_000_001n,
  2n ** 63n - 2n,
  2n ** 63n - 1n,
  1n - SAFE,
  -SAFE,
  -SAFE - 1n,
  1n - 2n ** 63n,
  -(2n ** 63n),
];
const anyLong = fc.oneof(
  fc.constantFrom(...EXTREMES),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: SAFE - 5n, max: SAFE + 5n }),
  fc.bigInt({ min: -SAFE - 5n, max: 5n - SAFE }),
);

const isCanonical = (value: Int64): boolean => (typeof value === 'number') === Number.isSafeInteger(Number(value));

describe('Int64', () => {
  it('adds and subtracts as a long of Java does, and is a number exactly when that is safe', () => {
    const property = fc.property(anyLong, anyLong, (a, b) => {
      const sum = addInt64(toInt64(a), toInt64(b));
      const difference = subtractInt64(toInt64(a), toInt64(b));
      expect(BigInt(sum)).to.equal(BigInt.asIntN(64, a + b));
      expect(BigInt(difference)).to.equal(BigInt.asIntN(64, a - b));
      for (const value of [sum, difference, toInt64(a)]) expect(isCanonical(value), String(value)).to.equal(true);
      expect(compareInt64(toInt64(a), toInt64(b))).to.equal(a < b ? -1 : a > b ? 1 : 0);
      expect(toInt64(a) === toInt64(b)).to.equal(a === b);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('stands in the header of a batch exactly, and is read as it was written', () => {
    const property = fc.property(anyLong, (value) => {
      const bytes = Buffer.alloc(batch.HEADER_SIZE);
      batch.putInt64(bytes, batch.MAX_TIMESTAMP, toInt64(value));
      expect(bytes.readBigInt64BE(batch.MAX_TIMESTAMP)).to.equal(value);
      expect(batch.maxTimestamp(bytes)).to.equal(toInt64(value));
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('is the timestamp of every record, whatever base and delta are', () => {
    const property = fc.property(
      fc.array(anyLong, { minLength: 1, maxLength: 5 }),
      fc.option(anyLong),
      (times, base) => {
        const records = times.map((timestamp) => ({ key: null, value: null, timestamp: toInt64(timestamp) }));
        const bytes = batch.buildBatch(records, base === null ? {} : { baseTimestamp: toInt64(base) });
        expect(Array.from(batch.recordsOf(bytes), ({ timestamp }) => timestamp)).to.deep.equal(times.map(toInt64));
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });
});

/** A message whose every int64 is `long`, with one element in each array. */
function filled(fields: Fields, version: number, long: Int64): Record<string, unknown> {
  const members = Object.entries(fields).filter(([, { facts }]) => isPresent(facts, version));
  return Object.fromEntries(members.map(([name, { facts }]) => [name, valueOf(facts, version, long)]));
}

function valueOf(facts: FieldFacts, version: number, long: Int64): unknown {
  switch (facts.kind) {
    case 'int64':
      return long;
    case 'bool':
      return true;
    case 'string':
      return 'x';
    case 'uuid':
      return 'AAAAAAAAAAAAAAAAAAAAAQ';
    case 'bytes':
    case 'records':
      return Buffer.alloc(0);
    case 'array':
      return [valueOf((facts.element as { facts: FieldFacts }).facts, version, long)];
    case 'struct':
      return filled(facts.fields as Fields, version, long);
    default:
      return 1;
  }
}

function* longsOf(fields: Fields, version: number, path: string): Generator<[string, FieldFacts]> {
  for (const [name, { facts }] of Object.entries(fields)) {
    if (!isPresent(facts, version)) continue;
    const inner = facts.kind === 'array' ? (facts.element as { facts: FieldFacts }).facts : facts;
    if (inner.kind === 'int64') yield [`${path}.${name}`, inner];
    else if (inner.kind === 'struct') yield* longsOf(inner.fields as Fields, version, `${path}.${name}`);
  }
}

/** Every int64 in a decoded message, by the place where it stands. */
function* longsIn(value: unknown, fields: Fields, version: number): Generator<[FieldFacts, unknown]> {
  for (const [name, { facts }] of Object.entries(fields)) {
    if (!isPresent(facts, version)) continue;
    const found = (value as Record<string, unknown>)[name];
    const inner = facts.kind === 'array' ? (facts.element as { facts: FieldFacts }).facts : facts;
    const all = facts.kind === 'array' ? (found as unknown[]) : [found];
    for (const one of all) {
      if (inner.kind === 'int64') yield [inner, one];
      else if (inner.kind === 'struct') yield* longsIn(one, inner.fields as Fields, version);
    }
  }
}

/**
 * The int64 of requests that a broker may clamp to ±(2^53−1): none is stored or answered, each is compared with an offset or
 * an epoch of our own, which does not reach that far. A new one belongs here with its reason, or is `exactInt64`.
 */
const COMPARED_ONLY: ReadonlySet<string> = new Set([
  'FetchRequest.replicaState.replicaEpoch',
  'FetchRequest.topics.partitions.fetchOffset',
  'FetchRequest.topics.partitions.logStartOffset',
  'FetchRequest.topics.partitions.highWatermark',
  'DeleteRecordsRequest.topics.partitions.offset',
  // Refused, whatever they say: Kafka 4.3 does not take them yet.
  'StreamsGroupHeartbeatRequest.taskOffsets.offset',
  'StreamsGroupHeartbeatRequest.taskEndOffsets.offset',
  'ShareFetchRequest.topics.partitions.acknowledgementBatches.firstOffset',
  'ShareFetchRequest.topics.partitions.acknowledgementBatches.lastOffset',
  'ShareAcknowledgeRequest.topics.partitions.acknowledgementBatches.firstOffset',
  'ShareAcknowledgeRequest.topics.partitions.acknowledgementBatches.lastOffset',
  // Held down to what delegation.token.max.lifetime.ms allows, or at once when below 0.
  'CreateDelegationTokenRequest.maxLifetimeMs',
  'RenewDelegationTokenRequest.renewPeriodMs',
  'ExpireDelegationTokenRequest.expiryTimePeriodMs',
  // Refused where they do not fit (isClamped).
  'InitializeShareGroupStateRequest.topics.partitions.startOffset',
  'WriteShareGroupStateRequest.topics.partitions.startOffset',
  'WriteShareGroupStateRequest.topics.partitions.stateBatches.firstOffset',
  'WriteShareGroupStateRequest.topics.partitions.stateBatches.lastOffset',
  'AlterShareGroupOffsetsRequest.topics.partitions.startOffset',
]);

describe('the int64 fields of the messages that are served', () => {
  const messages: [MessageSchema, number][] = [];
  before(async () => {
    for (const { request, response, versions } of (await servedApis()).values()) {
      for (let version = versions[0]; version <= versions[1]; version++) {
        messages.push([request, version], [response, version]);
      }
    }
  });

  it('are encoded at every end of the range, and decoded as they were where somebody else chose them', () => {
    for (const [schema, version] of messages) {
      const codec = codecOf(schema, version);
      for (const value of EXTREMES) {
        const writer = new Writer();
        codec.encode(writer, filled(schema.fields, version, toInt64(value)) as never);
        const raw = Buffer.concat(writer.finish());
        const decoded = codec.decode(new Reader(raw));
        for (const [facts, found] of longsIn(decoded, schema.fields, version)) {
          const clamped = value >= SAFE ? SAFE - 1n : value <= -SAFE ? 1n - SAFE : value;
          expect(found, `${schema.name} v${version} ${value}`).to.equal(
            facts.isExact ? toInt64(value) : Number(clamped),
          );
        }
        const exact = codec.decode(new Reader(raw, 0, raw.length, { exact: true }));
        for (const [facts, found] of longsIn(exact, schema.fields, version)) {
          // Clamped, 2^53−1 is the default that is 2^63−1, and is left out.
          if (typeof facts.defaultValue === 'bigint' && !facts.isExact && value === SAFE - 1n) continue;
          expect(found, `${schema.name} v${version} ${value}`).to.equal(toInt64(value));
        }
      }
    }
  });

  it('are exact in requests, save for those that are only compared with our own', () => {
    const clamped = new Set<string>();
    for (const [schema, version] of messages) {
      if (!schema.name.endsWith('Request')) continue;
      for (const [path, facts] of longsOf(schema.fields, version, schema.name)) if (!facts.isExact) clamped.add(path);
    }
    expect([...clamped].sort()).to.deep.equal([...COMPARED_ONLY].sort());
  });
});
