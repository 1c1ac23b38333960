// Codecs as lenient and as strict as Apache Kafka's, by every implementation that is shipped.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Codecs, loadCodec } from '../../../src/protocol/index.ts';
import { WITH_TYPESCRIPT } from '../../source-files.ts';
import { type Disagreement, disagreements } from './judged.ts';

/**
 * An lz4 block that unpacks to nothing, in front of others, which no encoder writes: Java's stream takes it for its end when
 * a read begins with it. Here it is nothing.
 */
const EMPTY_BLOCKS: ReadonlySet<string> = new Set(['lz4 two blocks at 0', 'lz4 block of 0 bytes']);

/** How far a broken zstd block can be unpacked differs between decoders, and with it which of two faults is seen first. */
const isBrokenBlock = ({ how, kafka, ours }: Disagreement): boolean =>
  /mutation \d+ of zstd|codec 4 with a bad byte/.test(how) && [...kafka, ...ours].every((code) => code !== 0);

const unexplained = (found: readonly Disagreement[]): Disagreement[] =>
  found.filter((one) => !EMPTY_BLOCKS.has(one.how) && !isBrokenBlock(one));

describe('compressed batches that Apache Kafka judged', () => {
  it('are judged and unpacked alike by the engines of this Node', async () => {
    await loadCodec(Codecs.ZSTD);
    const found = disagreements();
    expect(unexplained(found)).to.deep.equal([]);
    expect(found.length).to.be.below(20);
  });

  it('are judged and unpacked alike where there is no WebAssembly', () => {
    const judge = fileURLToPath(new URL('judged.ts', import.meta.url));
    const script = `const { disagreements } = await import(${JSON.stringify(judge)});
      globalThis.WebAssembly = undefined;
      process.stdout.write(JSON.stringify(disagreements()));`;
    const out = execFileSync(process.execPath, [WITH_TYPESCRIPT, '--input-type=module', '-e', script]);
    const found = JSON.parse(String(out)) as Disagreement[];
    expect(unexplained(found)).to.deep.equal([]);
    expect(found.length).to.be.below(40);
  });
});
