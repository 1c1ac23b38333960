// Offsets that an open transaction has committed, when their topic, their group or they themselves are deleted before it ends:
// its commit does not bring them back (Kafka: OffsetMetadataManager's pending transactional offsets).
import { expect } from 'chai';
import { Effects } from '../../src/coordinator-common/index.ts';
import type { GroupEffects } from '../../src/group-coordinator/group-effects.ts';
import type { GroupRecord } from '../../src/group-coordinator/group-record.ts';
import { ConsumerSettings } from '../../src/group-coordinator/consumer/consumer-settings.ts';
import { StreamsSettings } from '../../src/group-coordinator/streams/streams-settings.ts';
import { TopicRegexes } from '../../src/group-coordinator/consumer/topic-regexes.ts';
import { GroupShard } from '../../src/group-coordinator/group-shard.ts';
import { ShareSettings } from '../../src/group-coordinator/share/share-settings.ts';
import { configOf } from './coordinator-under-test.ts';

const PRODUCER = 5;

class Shard {
  readonly shard = new GroupShard({
    initialRebalanceDelayMs: 0,
    maxSize: 10,
    maxMetadata: 10,
    retentionMs: 1_000,
    retentionCheckIntervalMs: 1_000,
    maxRecordBytes: () => 1_000,
    consumer: new ConsumerSettings(() => configOf({})),
    streams: new StreamsSettings(() => configOf({})),
    share: new ShareSettings(() => configOf({})),
    regexes: new TopicRegexes(),
  });

  /** An offset of `group topic-0`; within the transaction unless it says otherwise. */
  commit(topic: string, producerId = PRODUCER): void {
    const value = { offset: 7, leaderEpoch: 0, metadata: '', commitTimestampMs: 0, expireTimestampMs: -1 };
    this.shard.replay({ kind: 'offset', groupId: 'group', topic, partition: 0, value }, producerId);
  }

  run(operation: (effects: GroupEffects) => unknown): readonly GroupRecord[] {
    const effects: GroupEffects = new Effects(0);
    operation(effects);
    for (const record of effects.records) this.shard.replay(record, -1);
    return effects.records;
  }

  /** The topics of which there are offsets when the transaction has committed. */
  committed(): string[] {
    this.shard.replayEndTransactionMarker(PRODUCER, 0, true);
    const ask = { groupId: 'group', memberId: null, memberEpoch: -1, topics: null, requireStable: false };
    return this.shard.offsets.fetch(ask).topics.map(({ name }) => name ?? '');
  }
}

describe('Offsets of an open transaction', () => {
  it('count when it commits', () => {
    const bench = new Shard();
    bench.commit('a');
    expect(bench.committed()).to.deep.equal(['a']);
  });

  it('go with their topic', () => {
    const bench = new Shard();
    bench.commit('a');
    bench.commit('b');
    bench.run((effects) => bench.shard.offsets.topicsDeleted(new Set(['a']), effects));
    expect(bench.committed()).to.deep.equal(['b']);
  });

  it('go with their group', () => {
    const bench = new Shard();
    bench.commit('a');
    bench.commit('b', -1);
    bench.run((effects) => bench.shard.deleteGroup('group', effects));
    expect(bench.committed()).to.deep.equal([]);
  });

  it('go when they are deleted by name, and what is committed after that stays', () => {
    const bench = new Shard();
    bench.commit('a');
    bench.commit('b');
    const topics = ['a', 'b'].map((name) => ({ name, partitions: [{ partitionIndex: 0 }] }));
    const records = bench.run((effects) => bench.shard.offsets.deleteOffsets({ groupId: 'group', topics }, effects));
    expect(records).to.have.length(2);
    bench.commit('b');
    expect(bench.committed()).to.deep.equal(['b']);
  });
});
