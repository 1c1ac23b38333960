// What a fetcher asks of whom, with brokers that are functions: the nearest replica, brokers of an older time, logs that were cut.
import { expect } from 'chai';
import { Fetcher, type FetcherHooks } from '../../../src/client/consumer/fetcher.ts';
import { PartitionState } from '../../../src/client/consumer/partition-state.ts';
import { positionValidator } from '../../../src/client/consumer/validate-positions.ts';
import type { ClusterClient } from '../../../src/client/connections/cluster-client.ts';
import { TopicsView } from '../../../src/client/connections/topics-view.ts';
import { buildBatch, Errors, KafkaError, ZERO_UUID } from '../../../src/protocol/index.ts';
import { NodeClock } from '../../../src/runtime/node/index.ts';

interface Asked {
  readonly nodeId: number;
  readonly api: string;
  readonly request: { readonly rackId?: string; readonly sessionEpoch?: number; readonly topics: readonly unknown[] };
  readonly newestVersion: number | undefined;
}

type Answering = (asked: Asked, times: number) => unknown;

const options = {
  isolation: 'read_uncommitted',
  rack: 'here',
  minBytes: 1,
  maxWaitMs: 0,
  maxBytes: 1000,
  maxPartitionBytes: 1000,
  maxBufferedBytes: 1000,
  checksCrcs: true,
  tellsBatches: false,
  maxUnpackedBytes: 1000,
} as const;

const fetched = (partition: object): object => ({
  errorCode: 0,
  throttleTimeMs: 0,
  sessionId: 0,
  responses: [
    {
      topic: 't',
      topicId: ZERO_UUID,
      partitions: [
        {
          partitionIndex: 0,
          errorCode: 0,
          highWatermark: 9,
          lastStableOffset: 9,
          abortedTransactions: null,
          preferredReadReplica: -1,
          records: null,
          ...partition,
        },
      ],
    },
  ],
});

/** Runs a fetcher of one partition, led by node 1 unless `topics` says otherwise, until `count` questions were asked. */
async function run(
  state: PartitionState,
  answering: Answering,
  count: number,
  some: Partial<FetcherHooks> = {},
  topics?: TopicsView,
) {
  const asked: Asked[] = [];
  let enough: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (enough = resolve));
  const client = {
    clock: new NodeClock(),
    limits: { firstBackoffMs: 0, longestBackoffMs: 0, metadataMaxAgeMs: 60_000, requestTimeoutMs: 1000 },
    topics: topics ?? {
      sawEpoch: () => undefined,
      leaderOf: () => ({ nodeId: 1, epoch: 4, topicId: ZERO_UUID }),
      doubt: () => undefined,
      refresh: () => Promise.resolve(),
    },
    pause: () => Promise.resolve(),
    askNode: async (
      nodeId: number,
      { name }: { name: string },
      request: Asked['request'],
      how?: { newestVersion?: number },
    ) => {
      const one = { nodeId, api: name, request, newestVersion: how?.newestVersion };
      asked.push(one);
      if (asked.length >= count) enough();
      if (asked.length > count) return new Promise(() => undefined);
      return answering(one, asked.length);
    },
  } as unknown as ClusterClient;
  const hooks: FetcherHooks = {
    states: () => [state],
    isWanted: () => asked.length < count,
    news: () => undefined,
    outOfRange: () => undefined,
    fault: (error) => expect.fail(String(error)),
    validate: positionValidator(client, (one, offset, epoch) => one.moveTo(offset, epoch)),
    ...some,
  };
  const fetcher = new Fetcher(client, options, hooks);
  fetcher.advance();
  await done;
  await new Promise((resolve) => setImmediate(resolve));
  return asked;
}

function at(offset: number, epoch = -1): PartitionState {
  const state = new PartitionState('t', 0, undefined);
  state.moveTo(offset, epoch);
  return state;
}

describe('A fetcher', () => {
  it('reads from the replica that the leader names, and from the leader again when that one has not got it', async () => {
    const answers: Answering = (_, times) => {
      if (times === 1) return fetched({ preferredReadReplica: 2 });
      if (times === 2)
        return fetched({
          records: Buffer.from(buildBatch([{ key: null, value: null, timestamp: 1 }], { baseOffset: 0 })),
        });
      if (times === 3) return fetched({ errorCode: Errors.OFFSET_OUT_OF_RANGE });
      return fetched({});
    };
    const lost: number[] = [];
    const asked = await run(at(0), answers, 4, { outOfRange: ({ fetchOffset }) => void lost.push(fetchOffset) });
    // It may have asked once more by now.
    expect(asked.slice(0, 4).map(({ nodeId }) => nodeId)).to.deep.equal([1, 2, 2, 1]);
    expect(asked.every(({ request }) => request.rackId === 'here')).to.equal(true);
    expect(lost).to.deep.equal([]);
  });

  it('says so when the leader has not got it', async () => {
    const state = at(7);
    const lost: number[] = [];
    const outOfRange = (one: PartitionState): void => {
      lost.push(one.fetchOffset);
      one.moveTo(3);
    };
    await run(state, (_, times) => fetched(times === 1 ? { errorCode: Errors.OFFSET_OUT_OF_RANGE } : {}), 2, {
      outOfRange,
    });
    expect([lost, state.fetchOffset]).to.deep.equal([[7], 3]);
  });

  it('names topics to brokers that do not know ids, and asks for everything where no session is granted', async () => {
    const asked = await run(at(0), () => fetched({}), 3);
    expect(asked.map(({ newestVersion }) => newestVersion)).to.deep.equal([12, 12, 12]);
    expect(asked.map(({ request }) => [request.sessionEpoch, request.topics.length])).to.deep.equal([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  it('goes back to where the log of a new leader was cut, before it fetches', async () => {
    const cut = {
      topics: [{ topic: 't', partitions: [{ partition: 0, errorCode: 0, leaderEpoch: 2, endOffset: 5 }] }],
    };
    const state = at(8, 3);
    const asked = await run(state, ({ api }) => (api === 'Fetch' ? fetched({}) : cut), 3);
    expect(asked.map(({ api }) => api).slice(0, 2)).to.deep.equal(['OffsetForLeaderEpoch', 'OffsetForLeaderEpoch']);
    expect([state.fetchOffset, state.fetchEpoch]).to.deep.equal([5, 2]);
  });

  it('does not go to a broker that takes itself for the leader of an epoch before that of its position', async () => {
    const told = [
      { partitionIndex: 0, leaderId: 2, leaderEpoch: 0 },
      { partitionIndex: 0, leaderId: 2, leaderEpoch: 0 },
      { partitionIndex: 0, leaderId: 1, leaderEpoch: 1 },
    ];
    const topics = new TopicsView({
      clock: new NodeClock(),
      maxAgeMs: 60_000,
      ask: async () =>
        ({ topics: [{ name: 't', errorCode: 0, topicId: ZERO_UUID, partitions: [told.shift()] }] }) as never,
    });
    await topics.refresh(['t']);
    const ends = {
      topics: [{ topic: 't', partitions: [{ partition: 0, errorCode: 0, leaderEpoch: 1, endOffset: 109 }] }],
    };
    const state = at(107, 1);
    const asked = await run(state, ({ api }) => (api === 'Fetch' ? fetched({}) : ends), 2, {}, topics);
    expect(asked.map(({ nodeId, api }) => `${nodeId} ${api}`)).to.deep.equal(['1 OffsetForLeaderEpoch', '1 Fetch']);
    expect(told).to.have.length(0);
  });

  it('believes brokers that consumers may not ask where epochs end', async () => {
    const state = at(8, 3);
    const answers: Answering = ({ api }) => {
      if (api !== 'Fetch') throw new KafkaError(Errors.UNSUPPORTED_VERSION);
      return fetched({});
    };
    const asked = await run(state, answers, 2);
    expect(asked.map(({ api }) => api)).to.deep.equal(['OffsetForLeaderEpoch', 'Fetch']);
  });
});
