// Heartbeats that nobody in their right mind sends: each is answered with an error that Kafka has, no shard is dropped for a fault of
// its own, and the group can still be described and loaded.
import { expect } from 'chai';
import fc from 'fast-check';
import { Errors } from '../../../src/protocol/index.ts';
import type { Logger } from '../../../src/runtime/index.ts';
import { propertyRuns } from '../../property-runs.ts';
import { StreamsBench } from './streams-bench.ts';

const name = fc.constantFrom('input', 'other', 'r-repartition', 's-changelog', 'c2', '');
const few = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 3 });
const index = fc.integer({ min: -1, max: 3 });
const info = fc.record({
  name,
  partitions: fc.integer({ min: -2, max: 4 }),
  replicationFactor: fc.integer({ min: -1, max: 2 }),
  topicConfigs: few(fc.record({ key: fc.constantFrom('a', 'b'), value: fc.constant('1') })),
});
/** As a changelog must have it: no partitions asked for. */
const changelog = fc.record({
  name,
  partitions: fc.constant(0),
  replicationFactor: fc.constant(0),
  topicConfigs: fc.constant([] as { key: string; value: string }[]),
});
const subtopology = fc.record({
  subtopologyId: fc.constantFrom('0', '1', '2', '__proto__', ''),
  sourceTopics: few(name),
  sourceTopicRegex: fc.constantFrom([] as string[], [] as string[], ['(']),
  stateChangelogTopics: few(fc.oneof(info, changelog)),
  repartitionSinkTopics: few(name),
  repartitionSourceTopics: few(info),
  copartitionGroups: few(
    fc.record({ sourceTopics: few(index), sourceTopicRegex: few(index), repartitionSourceTopics: few(index) }),
  ),
});

type Rows = { subtopologyId: string; partitions: number[] }[];
const noRows: fc.Arbitrary<Rows | null> = fc.constant([]);
const taskRows: fc.Arbitrary<Rows | null> = fc.option(
  few(fc.record({ subtopologyId: fc.constantFrom('0', '1', 'x'), partitions: few(index) })),
  {
    nil: null,
    freq: 3,
  },
);
const heartbeat = fc.record({
  memberId: fc.constantFrom('a', 'b', 'c'),
  memberEpoch: fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5, -1, -2, -7, 2147483647),
  endpointInformationEpoch: index,
  rebalanceTimeoutMs: fc.constantFrom(-1, 0, 1000, -5, 2147483647),
  topology: fc.option(fc.record({ epoch: index, subtopologies: few(subtopology) }), { nil: null, freq: 3 }),
  activeTasks: fc.oneof(noRows, taskRows),
  standbyTasks: fc.oneof(noRows, taskRows),
  warmupTasks: fc.oneof(noRows, taskRows),
  processId: fc.constantFrom(null, 'p', ''),
  userEndpoint: fc.constantFrom(null, { host: 'h', port: 1 }),
  shutdownApplication: fc.boolean(),
});

const EXPECTED = new Set<number>([
  Errors.NONE,
  Errors.UNKNOWN_SERVER_ERROR,
  Errors.INVALID_REQUEST,
  Errors.UNKNOWN_MEMBER_ID,
  Errors.FENCED_MEMBER_EPOCH,
  Errors.GROUP_ID_NOT_FOUND,
  Errors.STREAMS_INVALID_TOPOLOGY,
]);

const runs = propertyRuns(150);

describe('Streams groups and unruly members', function () {
  this.timeout(Math.max(180_000, runs.numRuns * 500));

  it('answer, and stay whole', async () => {
    const faults: string[] = [];
    const logger: Logger = {
      log: (_level, message, fields) => void faults.push(`${message} ${String(fields?.['reason'])}`),
      child: () => logger,
    };
    await fc.assert(
      fc.asyncProperty(fc.array(heartbeat, { minLength: 1, maxLength: 12 }), async (requests) => {
        const bench = new StreamsBench({}, logger);
        bench.createTopic('input', 2);
        bench.createTopic('other', 3);
        faults.length = 0;
        for (const { memberId, memberEpoch, ...request } of requests) {
          const { errorCode } = await bench.beat(memberId, memberEpoch, request);
          expect(EXPECTED.has(errorCode), `error ${errorCode}`).to.equal(true);
          for (const topic of bench.toCreate) {
            if (topic.name !== '' && bench.metadata.image.topics.byName.get(topic.name) === undefined) {
              bench.createTopic(topic.name, topic.partitions);
            }
          }
        }
        const living = await bench.describe();
        await bench.restart();
        const loaded = await bench.describe();
        expect([loaded.groupState, loaded.groupEpoch]).to.deep.equal([living.groupState, living.groupEpoch]);
        expect(faults.filter((line) => !line.startsWith('a coordinator partition is loaded '))).to.deep.equal([]);
        expect(faults.filter((line) => line.startsWith('a coordinator partition is loaded again'))).to.deep.equal([]);
      }),
      runs,
    );
  });
});
