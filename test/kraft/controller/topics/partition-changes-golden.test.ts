// What Apache Kafka 4.3.1's own PartitionChangeBuilder makes of 3,000 drawn partitions and changes, and what ours does.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Election, partitionChange } from '../../../../src/kraft/controller/topics/partition-change-builder.ts';
import type { PartitionImage } from '../../../../src/kraft/metadata/index.ts';

interface Case {
  readonly level: number;
  readonly elr: boolean;
  readonly minIsr: number;
  readonly election: Election;
  readonly acceptable: readonly number[];
  readonly partition: PartitionImage;
  readonly targetIsr: readonly number[] | null;
  readonly unclean: readonly number[];
  readonly targetReplicas: readonly number[] | null;
  readonly targetAdding: readonly number[] | null;
  readonly targetRemoving: readonly number[] | null;
  /** -1: not asked. */
  readonly targetRecovery: number;
  /** A replica that moves to another directory; -1: none. */
  readonly directoryOf: number;
  readonly record: object | null;
}

const TOPIC_ID = 'AAAAAAAAAAcAAAAAAAAACQ';
const cases = gunzipSync(readFileSync(new URL('../../../fixtures/partition-changes.jsonl.gz', import.meta.url)))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

/** The directories of the drawing program: one for each broker, and one to move to. */
const directory = (id: number): string => {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(BigInt(0x1000 + id), 0);
  bytes.writeBigInt64BE(BigInt(0x2000 + id), 8);
  return bytes.toString('base64url');
};
const MOVED_TO = 9;

function changeOf({ partition, ...asked }: Case) {
  const { targetReplicas, targetAdding, targetRemoving, targetRecovery, directoryOf } = asked;
  const moved = partition.replicas.map((id) => directory(id === directoryOf ? MOVED_TO : id));
  const levels = new Map([
    ['metadata.version', asked.level],
    ['eligible.leader.replicas.version', asked.elr ? 1 : 0],
  ]);
  return partitionChange({
    topicId: TOPIC_ID,
    partition: { ...partition, partition: 0, leaderEpoch: 3, partitionEpoch: 5 },
    targetIsr: asked.targetIsr ?? partition.isr,
    ...(targetRecovery < 0 ? {} : { targetRecoveryState: targetRecovery }),
    isAcceptableLeader: (id) => asked.acceptable.includes(id),
    uncleanShutdownReplicas: asked.unclean,
    minIsr: asked.minIsr,
    features: { metadataVersion: asked.level, levels },
    election: asked.election,
    ...(targetReplicas === null
      ? {}
      : { reassignment: { replicas: targetReplicas, adding: targetAdding ?? [], removing: targetRemoving ?? [] } }),
    ...(directoryOf < 0 ? {} : { directories: moved }),
    directoryOf: directory,
  });
}

describe('the change of a partition, beside Apache Kafka', () => {
  it('is the same record, or none, in every drawn case', () => {
    expect(cases).to.have.length(3000);
    cases.forEach((one, index) => {
      const record = changeOf(one);
      const expected =
        one.record === null
          ? undefined
          : { type: 'PartitionChangeRecord', partitionId: 0, topicId: TOPIC_ID, ...one.record };
      expect(record, `case ${index}`).to.deep.equal(expected);
    });
  });
});
