// Random records and what our producer makes batches of them; as lines for the Java program, which makes its own of the same.

import fc from 'fast-check';
import { Accumulator } from '../../src/client/producer/accumulator.ts';
import type { ReadyRecord } from '../../src/client/producer/producer-batch.ts';
import { type CompressionName, producerSettings } from '../../src/client/producer/producer-settings.ts';
import { KafkaKeys } from '../../src/client/connections/kafka-keys.ts';
import type { Int64 } from '../../src/protocol/index.ts';
import { NodeClock } from '../../src/runtime/node/index.ts';

export const CODECS: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

export interface Sent {
  readonly codec: CompressionName;
  readonly batchSize: number;
  /** undefined: the producer is not idempotent. */
  readonly producer: { readonly id: Int64; readonly epoch: number; readonly sequence: number } | undefined;
  readonly isTransactional: boolean;
  readonly records: readonly ReadyRecord[];
}

const NOW_MS = 1_796_000_000_000;

const content = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array()) },
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  // Of few different bytes, so that it can be packed.
  {
    weight: 3,
    arbitrary: fc.array(fc.integer({ min: 97, max: 99 }), { maxLength: 3_000 }).map((all) => Uint8Array.from(all)),
  },
  { weight: 1, arbitrary: fc.integer({ min: 4_000, max: 40_000 }).map((length) => new Uint8Array(length).fill(120)) },
);

const timestamp = fc.oneof<fc.Arbitrary<Int64>[]>(
  fc.integer({ min: -5_000, max: 5_000 }).map((delta) => NOW_MS + delta),
  fc.maxSafeInteger().filter((one) => one >= 0),
  fc.bigInt(2n ** 53n, 2n ** 62n),
  fc.constant(-1),
);

const record: fc.Arbitrary<ReadyRecord> = fc.record({
  key: content,
  value: content,
  timestamp,
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 20, unit: 'grapheme' }), value: content }), {
    maxLength: 4,
  }),
});

const producer = fc.option(
  fc.record({
    id: fc.oneof(fc.nat(), fc.bigInt(2n ** 53n, 2n ** 62n)),
    epoch: fc.integer({ min: 0, max: 32_767 }),
    sequence: fc.integer({ min: 0, max: 1_000_000 }),
  }),
  { nil: undefined },
);

/** `count` cases, the same for the same seed. */
export function randomSent(seed: number, count: number): readonly Sent[] {
  const one: fc.Arbitrary<Sent> = fc.record({
    codec: fc.constantFrom(...CODECS),
    batchSize: fc.constantFrom(1, 200, 1_000, 16_384, 100_000),
    producer,
    isTransactional: fc.boolean(),
    records: fc.array(record, { minLength: 1, maxLength: 40 }),
  });
  const all = fc.sample(one, { seed, numRuns: count });
  return all.map((sent) => ({ ...sent, isTransactional: sent.isTransactional && sent.producer !== undefined }));
}

/** The codec has to be loaded. */
export function ourBatches({ codec, batchSize, producer: identity, isTransactional, records }: Sent): Buffer[] {
  const keys = new KafkaKeys();
  const settings = producerSettings({ compression: codec, batchSize }, keys);
  const accumulator = new Accumulator(new NodeClock(), settings);
  const queue = accumulator.queueOf('topic', 0);
  const nobody = (): void => undefined;
  for (const one of records) accumulator.appendAlone(queue, one, nobody, nobody);
  let sequence = identity?.sequence ?? 0;
  return queue.batches.map((batch) => {
    if (identity !== undefined) batch.follow({ producerId: identity.id, epoch: identity.epoch }, sequence);
    sequence += batch.writer.recordCount;
    return Buffer.from(batch.bytes(settings.codec, settings.compressionLevel, isTransactional));
  });
}

const hex = (bytes: Uint8Array | string | null): string => (bytes === null ? '-' : Buffer.from(bytes).toString('hex'));

/** As java/Batches.java reads it. */
export function lineOf(sent: Sent, ours: readonly Buffer[]): string {
  const { codec, batchSize, producer: identity, isTransactional } = sent;
  const records = sent.records.map(({ timestamp: at, key, value, headers }) =>
    [at, hex(key), hex(value), ...headers.map((one) => `${hex(one.key)}=${hex(one.value)}`)].join(';'),
  );
  const { id, epoch, sequence } = identity ?? { id: -1, epoch: -1, sequence: -1 };
  return [codec, batchSize, id, epoch, sequence, isTransactional, records.join(','), ours.map(hex).join(',')].join(
    '\t',
  );
}
