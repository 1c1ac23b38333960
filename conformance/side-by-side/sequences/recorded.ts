// Sequences with the answers of Apache Kafka 4.3.1, to be asked again: lines of test/fixtures/sequences.jsonl.gz.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { replaced, revived } from '../scene.ts';
import type { Step } from './sequence.ts';

export const RECORDED = fileURLToPath(new URL('../../../test/fixtures/sequences.jsonl.gz', import.meta.url));

export interface RecordedSequence {
  /** The model it was drawn from, and the difference that it once showed. */
  readonly kind: string;
  readonly steps: readonly Step[];
}

/** Zipped or not, by the name. */
export function readSequences(path = RECORDED): RecordedSequence[] {
  const bytes = readFileSync(path);
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line, revived) as RecordedSequence);
}

export function writeSequences(path: string, sequences: readonly RecordedSequence[]): void {
  const lines = sequences.map(({ kind, steps }) => {
    const theirs = steps.map((step) => ({ ...step, ours: undefined }));
    return `${JSON.stringify({ kind, steps: theirs }, replaced)}\n`;
  });
  writeFileSync(path, path.endsWith('.gz') ? gzipSync(lines.join(''), { level: 9 }) : lines.join(''));
}
