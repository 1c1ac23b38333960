// A group coordinator with topics, in virtual time, and shorthands for streams groups.
import { expect } from 'chai';
import type { GroupCoordinator } from '../../../src/group-coordinator/group-coordinator.ts';
import type { GroupRecord } from '../../../src/group-coordinator/group-record.ts';
import { groupKinds } from '../../../src/group-coordinator/groups.ts';
import { groupRecordSerdeOf } from '../../../src/group-coordinator/record-types.ts';
import { type MetadataDelta, RESOURCE_GROUP } from '../../../src/kraft/metadata/index.ts';
import type { DecodedResponseOf } from '../../../src/protocol/index.ts';
import type {
  StreamsGroupHeartbeat,
  StreamsGroupHeartbeatRequest,
} from '../../../src/protocol/messages/88-streams-group-heartbeat.ts';
import type { StreamsGroupDescribe } from '../../../src/protocol/messages/89-streams-group-describe.ts';
import { recordsOf } from '../../../src/protocol/records/index.ts';
import { type Logger, silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../../src/runtime/sim/index.ts';
import { MetadataBench } from '../../api-handlers/metadata-bench.ts';
import { MemoryWriter } from '../../coordinator-common/memory-writer.ts';
import { context, coordinatorOver, decoded } from '../coordinator-under-test.ts';

export type HeartbeatResponse = DecodedResponseOf<typeof StreamsGroupHeartbeat>;
export type DescribedStreamsGroup = DecodedResponseOf<typeof StreamsGroupDescribe>['groups'][number];
type Topology = NonNullable<StreamsGroupHeartbeatRequest['topology']>;
type Subtopology = Topology['subtopologies'][number];

export const topic = (name: string, partitions = 0, topicConfigs: { key: string; value: string }[] = []) => ({
  name,
  partitions,
  replicationFactor: 0,
  topicConfigs,
});

export function subtopology(subtopologyId: string, change: Partial<Subtopology>): Subtopology {
  return {
    subtopologyId,
    sourceTopics: [],
    sourceTopicRegex: [],
    stateChangelogTopics: [],
    repartitionSinkTopics: [],
    repartitionSourceTopics: [],
    copartitionGroups: [],
    ...change,
  };
}

export const topologyOf = (...subtopologies: Subtopology[]): Topology => ({ epoch: 0, subtopologies });

/** One subtopology that counts words of `input`. */
export const WORD_COUNT = topologyOf(
  subtopology('0', { sourceTopics: ['input'], stateChangelogTopics: [topic('g-store-changelog')] }),
);

const GROUP = 'g';

export class StreamsBench {
  readonly clock = new SimClock({ nextTurn });
  readonly writer = new MemoryWriter(this.clock);
  readonly metadata = new MetadataBench();
  coordinator: GroupCoordinator;
  /** What the broker was asked to create, in the last heartbeat. */
  toCreate: readonly { readonly name: string; readonly partitions: number }[] = [];
  readonly #configs: Readonly<Record<string, string>>;
  readonly #logger: Logger;

  constructor(configs: Readonly<Record<string, string>> = {}, logger: Logger = silentLogger) {
    this.#logger = logger;
    this.#configs = {
      'group.streams.initial.rebalance.delay.ms': '0',
      'group.streams.assignment.interval.ms': '0',
      'group.streams.min.session.timeout.ms': '1000',
      'group.streams.min.heartbeat.interval.ms': '100',
      ...configs,
    };
    this.coordinator = this.#start();
  }

  #start(): GroupCoordinator {
    const coordinator = coordinatorOver(this.writer, this.clock, new SeededRandom(1), {
      configs: this.#configs,
      logger: this.#logger,
    });
    coordinator.onMetadata(this.metadata.image, this.metadata.createdTopic);
    return coordinator;
  }

  /** Another coordinator finds what the log holds. */
  async restart(): Promise<void> {
    this.coordinator.close();
    this.coordinator = this.#start();
    await this.clock.settle();
  }

  tell(delta: MetadataDelta): void {
    this.coordinator.onMetadata(this.metadata.image, delta);
  }
  createTopic(name: string, partitions: number): void {
    this.metadata.createTopic(name, partitions);
    this.tell(this.metadata.createdTopic);
  }
  deleteTopic(name: string): void {
    const topicId = this.metadata.image.topics.byName.get(name)?.id ?? '';
    this.tell(this.metadata.replay([{ type: 'RemoveTopicRecord', version: 0, topicId }]));
  }
  setGroupConfig(name: string, value: string | null): void {
    this.tell(this.metadata.setConfig(RESOURCE_GROUP, GROUP, name, value));
  }
  /** The broker creates what the last heartbeat asked for. */
  createAsked(): void {
    for (const { name, partitions } of this.toCreate) this.createTopic(name, partitions);
  }

  async beat(
    memberId: string,
    memberEpoch: number,
    change: Partial<StreamsGroupHeartbeatRequest> = {},
    clientId = 'test',
  ): Promise<HeartbeatResponse> {
    const request: StreamsGroupHeartbeatRequest = {
      groupId: GROUP,
      memberId,
      memberEpoch,
      endpointInformationEpoch: 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      topology: null,
      activeTasks: null,
      standbyTasks: null,
      warmupTasks: null,
      processId: null,
      userEndpoint: null,
      clientTags: null,
      taskOffsets: null,
      taskEndOffsets: null,
      shutdownApplication: false,
      ...change,
    };
    const outcome = await this.answered(this.coordinator.streamsGroupHeartbeat(request, context(0, clientId)));
    this.toCreate = outcome.topicsToCreate;
    return decoded(outcome.response);
  }

  join(
    memberId: string,
    processId: string,
    topology: Topology = WORD_COUNT,
    change: Partial<StreamsGroupHeartbeatRequest> = {},
  ): Promise<HeartbeatResponse> {
    return this.beat(memberId, 0, {
      rebalanceTimeoutMs: 30_000,
      topology,
      ...tasks({}),
      processId,
      clientTags: [],
      ...change,
    });
  }

  /** A member that is alone and has all of its tasks. */
  async settled(memberId = 'a', processId = 'pa', topology: Topology = WORD_COUNT): Promise<HeartbeatResponse> {
    await this.join(memberId, processId, topology);
    this.createAsked();
    const got = await this.beat(memberId, 2);
    return this.beat(memberId, got.memberEpoch, owning(got));
  }

  async describe(groupId = GROUP): Promise<DescribedStreamsGroup> {
    const request = { groupIds: [groupId], includeAuthorizedOperations: false };
    const answer = await this.answered(this.coordinator.streamsGroupDescribe(request, context(0)));
    const [group] = answer.groups;
    expect(group).not.to.equal(undefined);
    return decoded(group);
  }

  /** No more time passes than a commit takes. */
  async answered<T>(answer: T | Promise<T>): Promise<T> {
    return answer instanceof Promise ? this.clock.run(answer) : answer;
  }

  wait(ms: number): Promise<void> {
    return this.clock.run(new Promise<void>((resolve) => this.clock.schedule(ms, resolve)));
  }

  /** Every record of the log since `from`, decoded. */
  records(from = 0): GroupRecord[] {
    const serde = groupRecordSerdeOf(groupKinds);
    const records: GroupRecord[] = [];
    for (const { bytes } of this.writer.log(0).batches) {
      for (const { key, value } of recordsOf(bytes)) {
        const record = key === null ? undefined : serde.decode(key, value);
        if (record !== undefined) records.push(record);
      }
    }
    return records.slice(from);
  }
}

/** Active tasks by subtopology, as a heartbeat reports them. */
export function tasks(
  active: Readonly<Record<string, number[]>>,
  standby: Readonly<Record<string, number[]>> = {},
): Pick<StreamsGroupHeartbeatRequest, 'activeTasks' | 'standbyTasks' | 'warmupTasks'> {
  const rows = (some: Readonly<Record<string, number[]>>) =>
    Object.entries(some).map(([subtopologyId, partitions]) => ({ subtopologyId, partitions }));
  return { activeTasks: rows(active), standbyTasks: rows(standby), warmupTasks: [] };
}

/** What the answer has given, as the member reports it once it has it. */
export const owning = ({ activeTasks, standbyTasks, warmupTasks }: HeartbeatResponse) => ({
  activeTasks,
  standbyTasks,
  warmupTasks,
});

/** `0_1 0_2` */
export const names = (rows: HeartbeatResponse['activeTasks']): string | null =>
  rows === null
    ? null
    : rows.flatMap(({ subtopologyId, partitions }) => partitions.map((one) => `${subtopologyId}_${one}`)).join(' ');
