// Compaction of messages of formats 0 and 1: a set is packed again with those that stay, in its own format and codec.
import { expect } from 'chai';
import { type BatchRecord, batchesOf, lastOffsetOf, magic, recordsOf } from '../../../src/protocol/records/index.ts';
import { LogFixture, NOW, DIRECTORY } from '../log-fixture.ts';
import { putLog } from '../old-directory.ts';
import { oldMessage, type OldMagic, oldWrapper } from '../old-messages.ts';

const CONFIG = { cleanupPolicy: ['compact'], minCleanableDirtyRatio: 0, deleteRetentionMs: 0, segmentBytes: 4000 };
const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());
const message = (offset: number, key: string | null, value: string | null = `v${offset}`) => ({
  offset,
  timestamp: NOW + offset,
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
});

function left(fixture: LogFixture): (BatchRecord & { readonly magic: number })[] {
  const names = fixture.files().filter((name) => name.endsWith('.log'));
  return names.flatMap((name) => {
    const bytes = Buffer.from(fixture.disk.readFileSync(`${DIRECTORY}/${name}`));
    return [...batchesOf(bytes)].flatMap((at) =>
      [...recordsOf(bytes, { at })].map((record) => ({ ...record, magic: magic(bytes, at) })),
    );
  });
}

async function cleanedOnce(fixture: LogFixture): Promise<void> {
  expect(await fixture.clock.run(fixture.manager.cleanOnce())).to.equal(true);
}

for (const format of [0, 1] as OldMagic[]) {
  describe(`Compaction of messages of format ${format}`, () => {
    for (const codec of [1, 2, 3] as const) {
      it(`packs a set of codec ${codec} again with those that stay`, async () => {
        const fixture = new LogFixture(CONFIG);
        const set = [message(0, 'a'), message(1, 'b'), message(2, 'a'), message(3, 'c')];
        const segments = new Map([
          [0, oldWrapper({ magic: format, codec, messages: set })],
          [4, oldMessage({ magic: format, ...message(4, 'c') })],
          [5, oldMessage({ magic: format, ...message(5, 'z') })],
        ]);
        await putLog(fixture, { segments, endOffset: 6 });
        await cleanedOnce(fixture);
        const found = left(fixture);
        expect(found.map(({ offset, key, value }) => [offset, text(key), text(value)])).to.deep.equal([
          [1, 'b', 'v1'],
          [2, 'a', 'v2'],
          [4, 'c', 'v4'],
          [5, 'z', 'v5'],
        ]);
        expect(found.map((one) => one.magic)).to.deep.equal([format, format, format, format]);
        if (format === 1)
          expect(found.map(({ timestamp }) => timestamp)).to.deep.equal([1, 2, 4, 5].map((i) => NOW + i));
        const first = Buffer.from(fixture.disk.readFileSync(`${DIRECTORY}/00000000000000000000.log`));
        expect(lastOffsetOf(first)).to.equal(2);
        fixture.lines.length = 0;
        await fixture.restart();
        expect(fixture.log.logEndOffset).to.equal(6);
        expect(fixture.lines.filter(({ fields }) => String(fields?.['path']).endsWith('000.log'))).to.deep.equal([]);
      });
    }

    it('drops tombstones once their segment is older than delete.retention.ms', async () => {
      const fixture = new LogFixture({ ...CONFIG, deleteRetentionMs: 1000 });
      const segments = new Map([
        [0, oldMessage({ magic: format, ...message(0, 'a', null) })],
        [1, oldMessage({ magic: format, ...message(1, 'b') })],
      ]);
      await putLog(fixture, { segments, endOffset: 2 });
      await cleanedOnce(fixture);
      expect(left(fixture)).to.have.length(2);
      await fixture.settle(5000);
      for (let round = 0; round < 4; round++) {
        fixture.append({ timestamps: [NOW], valueBytes: 2500 });
        await fixture.settle(2000);
        await fixture.clock.run(fixture.manager.cleanOnce());
      }
      expect(left(fixture).map(({ value }) => value === null)).to.not.include(true);
    });
  });
}
