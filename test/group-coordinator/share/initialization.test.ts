// State of share partitions is set up once, however often it has to be asked for.
import { expect } from 'chai';
import { GroupCoordinator } from '../../../src/group-coordinator/group-coordinator.ts';
import { type ErrorCode, Errors } from '../../../src/protocol/index.ts';
import type {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from '../../../src/protocol/messages/83-initialize-share-group-state.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../../src/runtime/sim/index.ts';
import { MetadataBench } from '../../api-handlers/metadata-bench.ts';
import { MemoryWriter } from '../../coordinator-common/memory-writer.ts';
import { configOf, context } from '../coordinator-under-test.ts';

const GROUP = 'g';
const MEMBER = Buffer.alloc(16, 1).toString('base64url');
const RETRY_MS = 30_000;

/** A request to the share coordinator that is not answered yet. */
interface Put {
  readonly request: InitializeShareGroupStateRequest;
  readonly isWanted: () => Promise<boolean>;
  answer(errorCode: ErrorCode): void;
}

describe('The state of share partitions', () => {
  let clock: SimClock;
  let metadata: MetadataBench;
  let groups: GroupCoordinator;
  let puts: Put[];
  let memberEpoch: number;

  beforeEach(() => {
    clock = new SimClock({ nextTurn });
    [puts, memberEpoch] = [[], 0];
    const config = configOf({ 'group.share.initialize.retry.interval.ms': String(RETRY_MS) });
    const unused = (): Promise<never> => Promise.reject(new Error('nobody asks'));
    groups = new GroupCoordinator({
      runtime: { clock, random: new SeededRandom(1), logger: silentLogger },
      config: () => config,
      writer: new MemoryWriter(clock),
      partitionCount: () => 1,
      shareStates: {
        initializeState: (request, isWanted) =>
          new Promise((resolve) => {
            const answer = (errorCode: ErrorCode): void => resolve(answered(request, errorCode));
            puts.push({ request, isWanted: isWanted ?? (() => Promise.resolve(true)), answer });
          }),
        deleteState: unused,
        readStateSummary: unused,
        partitionEnds: () => Promise.resolve([]),
      },
    });
    metadata = new MetadataBench();
    metadata.createTopic('t', 2);
    groups.onMetadata(metadata.image, metadata.createdTopic);
    groups.onLeader(0, 0);
  });
  afterEach(() => groups.close());

  /** The partitions that the member is told, undefined where it is told nothing. */
  const beat = async (): Promise<number[] | undefined> => {
    const request = { groupId: GROUP, memberId: MEMBER, memberEpoch, rackId: null };
    const subscribedTopicNames = memberEpoch === 0 ? ['t'] : null;
    const answer = await clock.run(
      Promise.resolve(groups.shareGroupHeartbeat({ ...request, subscribedTopicNames }, context(1))),
    );
    expect(answer.errorCode).to.equal(Errors.NONE);
    memberEpoch = answer.memberEpoch;
    return answer.assignment?.topicPartitions.flatMap(({ partitions }) => partitions);
  };
  const ended = async (put: Put | undefined, errorCode: ErrorCode): Promise<void> => {
    put?.answer(errorCode);
    for (let turn = 0; turn < 20; turn++) await clock.settle();
  };
  /** Beats until the member is told of partitions, for ten seconds at most. */
  const given = async (): Promise<number[]> => {
    for (let beats = 0; beats < 20; beats++) {
      const told = await beat();
      if (told !== undefined && told.length > 0) return told;
      await clock.advance(500);
    }
    return [];
  };
  const isWanted = (put: Put | undefined): Promise<boolean> => clock.run((put as Put).isWanted());

  it('is asked for once, and again when that has failed', async () => {
    await beat();
    await beat();
    expect(puts).to.have.length(1);
    expect(await isWanted(puts[0])).to.equal(true);
    await ended(puts[0], Errors.COORDINATOR_NOT_AVAILABLE);
    expect(await isWanted(puts[0])).to.equal(false);
    await beat();
    expect(puts).to.have.length(2);
    await ended(puts[1], Errors.NONE);
    expect(await given()).to.deep.equal([0, 1]);
    expect(puts).to.have.length(2);
  });

  it('counts as set up when the last request about it has been carried out, for others would set it back', async () => {
    await beat();
    for (let waitedMs = 0; waitedMs <= RETRY_MS; waitedMs += 1_000) {
      await clock.advance(1_000);
      await beat();
    }
    expect(puts).to.have.length(2);
    expect(await isWanted(puts[0])).to.equal(false);
    await ended(puts[0], Errors.NONE);
    expect(await given()).to.deep.equal([]);
    expect(await isWanted(puts[1])).to.equal(true);
    await ended(puts[1], Errors.NONE);
    expect(await given()).to.deep.equal([0, 1]);
  });

  it('is not asked for any more by a leader that was, even where it leads again', async () => {
    await beat();
    groups.onResigned(0, 0);
    expect(await isWanted(puts[0])).to.equal(false);
    groups.onLeader(0, 1);
    await clock.settle();
    expect(await isWanted(puts[0])).to.equal(false);
    await beat();
    expect(puts).to.have.length(2);
    await ended(puts[0], Errors.NONE);
    expect(await given()).to.deep.equal([]);
    await ended(puts[1], Errors.NONE);
    expect(await given()).to.deep.equal([0, 1]);
  });

  it('is not set back to the beginning once its offset is set by hand', async () => {
    await beat();
    memberEpoch = -1;
    await beat();
    const altered = groups.alterShareGroupOffsets(
      { groupId: GROUP, topics: [{ topicName: 't', partitions: [{ partitionIndex: 1, startOffset: 7 }] }] },
      context(0),
    );
    await clock.advance(100);
    expect(
      puts.map(({ request }) => request.topics[0]?.partitions.map(({ startOffset }) => startOffset)),
    ).to.deep.equal([[-1, -1], [7]]);
    expect(await isWanted(puts[0])).to.equal(false);
    await ended(puts[1], Errors.NONE);
    const { responses } = await clock.run(Promise.resolve(altered));
    expect(responses[0]?.partitions).to.deep.equal([{ partitionIndex: 1, errorCode: Errors.NONE, errorMessage: null }]);
  });
});

function answered(
  { topics }: InitializeShareGroupStateRequest,
  errorCode: ErrorCode,
): InitializeShareGroupStateResponse {
  const results = topics.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map(({ partition }) => ({ partition, errorCode, errorMessage: null })),
  }));
  return { results };
}
