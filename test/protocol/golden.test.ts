// Kafka's own bytes: what `npm run golden` does for messages and primitives, as a part of the tests.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import {
  checkCoordinatorRecord,
  checkFrame,
  checkHeader,
  checkMalformed,
  checkOther,
  checkWholeFrame,
} from '../../conformance/golden-messages.ts';
import { checkPrimitive } from '../../conformance/golden-primitives.ts';

interface Row {
  readonly kind?: string;
  readonly name?: string;
  readonly version?: number;
  readonly case?: string;
  readonly mutation?: string;
}

function check(file: string, checkRow: (row: never) => string | undefined): void {
  const packed = readFileSync(new URL(`../golden/${file}.jsonl.gz`, import.meta.url));
  const lines = gunzipSync(packed).toString('utf8').trimEnd().split('\n');
  lines.forEach((line, index) => {
    const row = JSON.parse(line) as Row;
    const failure = checkRow(row as never);
    if (failure !== undefined) {
      const { name = row.kind, version, mutation } = row;
      expect.fail(`${file}, line ${index + 1}, ${name} v${version} ${row.case ?? mutation}: ${failure}`);
    }
  });
}

describe("Kafka's bytes", () => {
  it('of every API and version are read and written as Kafka does', () => check('frames', checkFrame));
  it('of headers and whole frames', () => {
    check('headers', ((row: Row) =>
      row.kind === 'header' ? checkHeader(row as never) : checkWholeFrame(row as never)) as never);
  });
  it('of broken requests are refused, or read, as Kafka does', () => check('malformed', checkMalformed));
  it('of coordinator and metadata records', () => check('coordinator-records', checkCoordinatorRecord));
  it('of other messages', () => check('other-messages', checkOther));
  it('of primitives', () => check('primitives', checkPrimitive));
});
