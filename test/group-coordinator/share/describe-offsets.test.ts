// DescribeShareGroupOffsets: what is asked of others for it.
import { expect } from 'chai';
import { GroupCoordinator } from '../../../src/group-coordinator/group-coordinator.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../../src/runtime/sim/index.ts';
import { MetadataBench } from '../../api-handlers/metadata-bench.ts';
import { MemoryWriter } from '../../coordinator-common/memory-writer.ts';
import { configOf, context } from '../coordinator-under-test.ts';

describe('The offsets of share groups', () => {
  let clock: SimClock;
  let groups: GroupCoordinator;
  let summaries: number;
  let ends: number[][];

  beforeEach(() => {
    clock = new SimClock({ nextTurn });
    [summaries, ends] = [0, []];
    const config = configOf({});
    const writer = new MemoryWriter(clock);
    groups = new GroupCoordinator({
      runtime: { clock, random: new SeededRandom(1), logger: silentLogger },
      config: () => config,
      writer,
      partitionCount: () => 1,
      shareStates: {
        initializeState: () => Promise.reject(new Error('nothing is set up')),
        deleteState: () => Promise.reject(new Error('nothing is deleted')),
        readStateSummary: ({ topics }) => {
          summaries++;
          const results = topics.map(({ topicId, partitions }) => ({
            topicId,
            partitions: partitions.map(({ partition }) => ({
              partition,
              errorCode: partition === 1 ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.NONE,
              errorMessage: null,
              stateEpoch: 1,
              leaderEpoch: 3,
              startOffset: 10 + partition,
              deliveryCompleteCount: partition === 2 ? -1 : 4,
            })),
          }));
          return Promise.resolve({ results });
        },
        partitionEnds: (asked) => {
          ends.push(asked.map(({ partition }) => partition));
          const known = { errorCode: Errors.NONE, offset: 100 };
          const unknown = { errorCode: Errors.LEADER_NOT_AVAILABLE, offset: -1 };
          return Promise.resolve(asked.map(({ partition }) => (partition === 4 ? unknown : known)));
        },
      },
    });
    const metadata = new MetadataBench();
    metadata.createTopic('t', 5);
    groups.onMetadata(metadata.image, metadata.createdTopic);
    groups.onLeader(0, 0);
  });

  const ask = (asked: { groupId: string; topics: { topicName: string; partitions: number[] }[] }[]) =>
    clock.run(Promise.resolve(groups.describeShareGroupOffsets({ groups: asked }, context(1))));

  it('tell how far a group is behind, where that is known, and ask for all ends at once', async () => {
    const answer = await ask([{ groupId: 'g', topics: [{ topicName: 't', partitions: [0, 1, 2, 3, 4] }] }]);
    const rows = answer.groups[0]?.topics[0]?.partitions.map((one) => [one.startOffset, one.lag, one.errorCode]);
    expect(rows).to.deep.equal([
      [10, 86, 0],
      [-1, -1, 0],
      [12, -1, 0],
      [13, 83, 0],
      [0, -1, Errors.LEADER_NOT_AVAILABLE],
    ]);
    expect(ends).to.deep.equal([[0, 3, 4]]);
  });

  it('are asked for once, however often a request repeats itself', async () => {
    const group = { groupId: 'g', topics: [{ topicName: 't', partitions: [0] }] };
    const other = { groupId: 'g', topics: [{ topicName: 't', partitions: [3] }] };
    const answer = await ask([...Array.from({ length: 5_000 }, () => group), other]);
    expect(answer.groups).to.have.length(5_001);
    expect(answer.groups[0]).to.deep.equal(answer.groups[4_999]);
    expect(answer.groups[5_000]?.topics[0]?.partitions[0]?.startOffset).to.equal(13);
    expect(summaries).to.equal(2);
  });
});
