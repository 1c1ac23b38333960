// A partition's directory as another broker has left it.
import { offsetName } from '../../src/log/segments/log-names.ts';
import { DIRECTORY, type LogFixture } from './log-fixture.ts';

export interface LeftLog {
  readonly segments: ReadonlyMap<number, Uint8Array>;
  /** By file name. */
  readonly indexes?: ReadonlyMap<string, Uint8Array>;
  /** Where the log ended when it was closed in order. Without it, it was not. */
  readonly endOffset?: number;
}

/** Opens the fixture's log on it, all records committed. */
export async function putLog(fixture: LogFixture, left: LeftLog): Promise<void> {
  const { disk } = fixture;
  await fixture.open();
  await fixture.clock.run(fixture.manager.close(5));
  for (const name of fixture.files()) if (name !== 'partition.metadata') disk.removeSync(`${DIRECTORY}/${name}`);
  if (!disk.existsSync(`${DIRECTORY}/partition.metadata`)) {
    throw new Error('a log that was closed has its metadata');
  }
  for (const [base, bytes] of left.segments) disk.writeFileSync(`${DIRECTORY}/${offsetName(base)}.log`, bytes);
  for (const [name, bytes] of left.indexes ?? []) disk.writeFileSync(`${DIRECTORY}/${name}`, bytes);
  const { endOffset } = left;
  if (endOffset === undefined) disk.removeSync('/data/.kafka_cleanshutdown');
  for (const name of ['recovery-point-offset-checkpoint', 'replication-offset-checkpoint']) {
    const entries = endOffset === undefined ? '0\n0\n' : `0\n1\norders 0 ${endOffset}\n`;
    disk.writeFileSync(`/data/${name}`, Buffer.from(entries));
  }
  fixture.lines.length = 0;
  await fixture.open();
  fixture.log.updateHighWatermark(fixture.log.logEndOffset);
}
