// What a replica in log-dirs-world.ts must hold: the batches that were sent, held against what its log has.
import { expect } from 'chai';
import * as batch from '../../src/protocol/records/index.ts';
import type { Partition } from '../../src/replication/index.ts';

export interface Sent {
  readonly firstOffset: number;
  readonly bytes: Buffer;
  fate: 'pending' | 'acknowledged' | 'refused';
}

export interface Model {
  readonly index: number;
  sent: Sent[];
  /** The answer to the last AlterReplicaLogDirs that was granted: where the replica has to end. */
  wanted: string | undefined;
  logStartOffset: number;
}

/** `flushedTo`: what lies behind may be lost; undefined: nothing that was acknowledged may. */
export function takeSurvivors(model: Model, log: Partition['log'], flushedTo: number | undefined): void {
  const found = readBatches(log);
  const byOffset = new Map<number, Sent[]>();
  for (const one of model.sent) byOffset.set(one.firstOffset, [...(byOffset.get(one.firstOffset) ?? []), one]);
  const survivors: Sent[] = [];
  for (const bytes of found) {
    const sent = byOffset.get(batch.baseOffset(bytes))?.findLast((one) => one.bytes.equals(bytes));
    expect(sent, `what stands at ${batch.baseOffset(bytes)} of ${log.directory} was never sent`).to.not.equal(
      undefined,
    );
    survivors.push(sent as Sent);
  }
  for (const sent of model.sent) {
    if (sent.fate !== 'acknowledged' || sent.firstOffset < model.logStartOffset) continue;
    if (flushedTo !== undefined && sent.firstOffset >= flushedTo) continue;
    const end = log.logEndOffset;
    expect(
      survivors.includes(sent),
      `acknowledged ${sent.firstOffset} is gone from ${log.directory}, ${log.logStartOffset} to ${end}, deleted to ${model.logStartOffset}, found ${survivors.map((one) => one.firstOffset).join()}`,
    ).to.equal(true);
  }
  for (const sent of survivors) sent.fate = 'acknowledged';
  model.sent = survivors;
  model.logStartOffset = Math.min(model.logStartOffset, log.logEndOffset);
}

/** What was acknowledged can be read, in order. */
export function checkAcknowledged(model: Model, log: Partition['log']): void {
  const found = new Map(readBatches(log).map((bytes) => [batch.baseOffset(bytes), bytes]));
  for (const { firstOffset, bytes, fate } of model.sent) {
    if (fate !== 'acknowledged' || firstOffset < model.logStartOffset) continue;
    expect(found.get(firstOffset)?.equals(bytes), `${firstOffset} of ${log.directory}`).to.equal(true);
  }
}

/** All whole batches that are written, from the log start on. */
function readBatches(log: Partition['log']): Buffer[] {
  const found: Buffer[] = [];
  for (let at = log.logStartOffset; at < log.writtenEndOffset; ) {
    const slice = log.read(at, 4000, { upTo: log.writtenEndOffset, minOneBatch: true });
    const bytes = Buffer.concat(slice.readSync());
    // A power failure took the end of the segment before an empty one: the log ends in a gap.
    if (bytes.length === 0) break;
    for (const position of batch.batchesOf(bytes)) {
      found.push(bytes.subarray(position, position + batch.sizeInBytes(bytes, position)));
      at = batch.lastOffset(bytes, position) + 1;
    }
  }
  return found;
}
