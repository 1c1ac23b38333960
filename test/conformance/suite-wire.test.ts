// The suites judge with a codec of their own, so that one is judged first: by bytes that Kafka itself wrote.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { WireReader, WireWriter } from '../../conformance/wire/primitives.ts';
import { batchesOf, buildBatch, codecOf, computedCrc, recordsOf } from '../../conformance/wire/record-batch.ts';

const GOLDEN = join(import.meta.dirname, '..', 'golden', 'records.jsonl.gz');

describe('wire codec of the conformance suites', () => {
  it('reads back the batch that it built, checksum included', () => {
    const records = [
      { key: Buffer.from('k'), value: Buffer.from('v') },
      { key: null, value: null },
    ];
    const bytes = buildBatch({
      records,
      timestamp: 1_700_000_000_000,
      producerId: 7,
      producerEpoch: 1,
      baseSequence: 3,
    });
    const [batch] = [...batchesOf(bytes)];
    if (batch === undefined) throw new Error('no batch');
    expect(batch).to.include({ count: 2, lastOffset: 1, producerId: 7, producerEpoch: 1, baseSequence: 3 });
    expect(batch.crc).to.equal(computedCrc(batch));
    const read = [...recordsOf(batch)];
    expect(read.map((r) => [r.offset, r.timestamp, r.key?.toString(), r.value?.toString()])).to.deep.equal([
      [0, 1_700_000_000_000, 'k', 'v'],
      [1, 1_700_000_000_000, undefined, undefined],
    ]);
  });

  it('opens every batch of the golden records, whatever its codec, with the values that Kafka wrote', () => {
    const seen = new Map<number, number>();
    for (const { hex, batches } of goldenSets()) {
      const read = [...batchesOf(Buffer.from(hex, 'hex'))];
      for (const [i, batch] of read.entries()) {
        const wanted = batches[i]?.records?.map((record) => [record.keyHex, record.valueHex]);
        if (wanted === undefined) continue;
        const found = [...recordsOf(batch)].map(({ key, value }) => [hexOf(key), hexOf(value)]);
        expect(found).to.deep.equal(wanted);
        seen.set(codecOf(batch), (seen.get(codecOf(batch)) ?? 0) + 1);
      }
    }
    expect([...seen.keys()].sort((a, b) => a - b)).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('writes and reads varints of both signs', () => {
    for (const value of [0, -1, 1, 63, -64, 64, 2 ** 31 - 1, -(2 ** 31), 2 ** 40, -(2 ** 40)]) {
      expect(new WireReader(new WireWriter().varint(value).finish()).varint()).to.equal(value);
    }
    for (const value of [0, 127, 128, 2 ** 32 - 1]) {
      expect(new WireReader(new WireWriter().uvarint(value).finish()).uvarint()).to.equal(value);
    }
  });
});

const hexOf = (bytes: Buffer | null): string | null => bytes?.toString('hex') ?? null;

interface GoldenSet {
  readonly hex: string;
  readonly error?: string;
  readonly batches: readonly {
    readonly records?: readonly { readonly keyHex: string | null; readonly valueHex: string | null }[];
  }[];
}

function goldenSets(): GoldenSet[] {
  const lines = gunzipSync(readFileSync(GOLDEN)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as GoldenSet).filter((set) => set.error === undefined);
}
