// What our producer writes beside Apache Kafka's own classes, in a Java program of ours: of the same records the same batches, byte for
// byte; compressed, where each codec's library has its own way of packing, the same header and the same bytes when unpacked.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codecOfName, decompress, loadCodec, type CodecId } from '../../src/protocol/index.ts';
import { CODECS, lineOf, ourBatches, randomSent, type Sent } from '../batches/random-batches.ts';
import { type Suite, type SuiteContext, that } from '../suite.ts';
import { which } from '../toolchain/exec.ts';
import { compileJava } from '../toolchain/java-program.ts';
import { KAFKA_VERSION } from '../toolchain/kafka-jars.ts';

const SEEDS = [1, 2, 3, 4];
const CASES_EACH = 500;
const LIMIT_MS = 300_000;
const MOST_UNPACKED_BYTES = 64 << 20;
/** Where the header says how long the batch is, and its checksum, which depend on how it is packed. */
const LENGTH = [8, 12] as const;
const CHECKSUM = [17, 21] as const;
const HEADER_SIZE = 61;

export const producerBatches: Suite = {
  name: 'producer-batches',
  isBlackBox: false,
  available: async (jars) => {
    if (typeof jars === 'string') return { missing: jars };
    return (await which('javac')) === undefined ? { missing: 'no javac' } : { version: KAFKA_VERSION };
  },
  run,
};

async function run({ jars, scratch, cases, progress }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error('tool chain');
  for (const codec of CODECS) await loadCodec(codecOf(codec));
  const sources = join(import.meta.dirname, '../batches/java');
  const program = await compileJava(sources, [join(jars.libs, '*')], join(scratch, 'classes'));
  for (const seed of SEEDS) {
    const sent = randomSent(seed, CASES_EACH);
    const ours = sent.map(ourBatches);
    const input = join(scratch, `sent-${seed}.tsv`);
    writeFileSync(input, sent.map((one, at) => `${lineOf(one, ours[at] ?? [])}\n`).join(''));
    const { status, stdout, stderr } = await program.run('Batches', [input], LIMIT_MS);
    if (status !== 0) throw new Error(stderr.slice(-2000));
    const lines = stdout.trimEnd().split('\n');
    for (const codec of CODECS) {
      const chosen = sent.flatMap((one, at) => (one.codec === codec ? [at] : []));
      const counts = { batches: 0, equal: 0 };
      await cases.run(`seed ${seed}, ${codec}: ${chosen.length} sends`, () => {
        that(lines.length === sent.length, `${sent.length} sends, ${lines.length} answers`);
        for (const at of chosen) judge(sent[at] as Sent, ours[at] ?? [], lines[at] ?? '', counts);
      });
      progress(`     ${counts.equal} of ${counts.batches} batches are equal byte for byte`);
    }
  }
}

const codecOf = (name: string): CodecId => codecOfName(name) as CodecId;

/** Throws what differs. */
function judge(sent: Sent, ours: readonly Buffer[], line: string, counts: { batches: number; equal: number }): void {
  const [hex = '', read = ''] = line.split('\t');
  const theirs = hex.split(',').map((one) => Buffer.from(one, 'hex'));
  const about = (): string => `of ${sent.records.length} records, batch.size ${sent.batchSize}`;
  that(theirs.length === ours.length, `${ours.length} batches instead of ${theirs.length} ${about()}`);
  that(read === 'same', `Kafka reads otherwise ${about()}: ${read}`);
  ours.forEach((own, at) => {
    const other = theirs[at] as Buffer;
    counts.batches += 1;
    if (own.equals(other)) counts.equal += 1;
    else that(sent.codec !== 'none', `batch ${at} ${about()} differs at byte ${firstDifference(own, other)}`);
    that(headerOf(own).equals(headerOf(other)), `the header of batch ${at} ${about()} differs`);
    const codec = codecOf(sent.codec);
    that(unpacked(own, codec).equals(unpacked(other, codec)), `batch ${at} ${about()} differs when it is unpacked`);
  });
}

function headerOf(batch: Buffer): Buffer {
  const header = Buffer.from(batch.subarray(0, HEADER_SIZE));
  header.fill(0, ...LENGTH);
  return header.fill(0, ...CHECKSUM);
}

function unpacked(batch: Buffer, codec: CodecId): Buffer {
  return Buffer.from(decompress(codec, batch.subarray(HEADER_SIZE), MOST_UNPACKED_BYTES));
}

function firstDifference(one: Buffer, other: Buffer): number {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at < 0 ? Math.min(one.length, other.length) : at;
}
