// Every pass that Apache Kafka made over the directories of test/golden: ours leaves the same, batch for batch.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { checkCleanerLine, type CleanerRow } from '../../../conformance/golden-cleaner.ts';
import { tarFiles } from '../../../conformance/tar-files.ts';
import { loadCodec } from '../../../src/protocol/index.ts';

const ZSTD = 4;
const golden = new URL('../../golden/', import.meta.url);

describe("Kafka's log cleaner", () => {
  it('leaves what ours leaves, after each of 122 passes', async () => {
    await loadCodec(ZSTD);
    const files = tarFiles(readFileSync(new URL('cleaner-dirs.tar.gz', golden)));
    const lines = gunzipSync(readFileSync(new URL('cleaner.jsonl.gz', golden)))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    expect(lines).to.have.length(122);
    for (const line of lines) {
      const row = JSON.parse(line) as CleanerRow;
      expect(await checkCleanerLine(row, files), `${row.case} ${row.round}`).to.equal(undefined);
    }
  });
});
