// A cluster as its controllers see it: their decisions, a metadata log in memory that commits when it is told to, and what the
// brokers send. No Raft, no disk; time is virtual.
import {
  type BrokerConnection,
  type ConfigPolicy,
  Controller,
  type ControllerIntervals,
  type ControllerLog,
} from '../../../src/kraft/controller/index.ts';
import type { CommittedBatch } from '../../../src/kraft/committed/index.ts';
import {
  type BrokerRegistration,
  type MetadataImage,
  MetadataLoader,
  type MetadataRecord,
  type PartitionImage,
  RESOURCE_TOPIC,
  SUPPORTED_FEATURES,
} from '../../../src/kraft/metadata/index.ts';
import { NotLeaderError } from '../../../src/kraft/raft/index.ts';
import { runAtOnce } from '../../../src/log/sliced-work.ts';
import { randomInt, silentLogger, type Timer } from '../../../src/runtime/index.ts';
import { quickTurn } from '../../quick-turn.ts';
import { SeededRandom, SimClock } from '../../../src/runtime/sim/index.ts';
import { openPolicy } from '../node-under-test.ts';

export const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
const ADMIN = { apiVersion: 4, sharesFate: false };

/** Of one epoch after the other; whoever leads appends. */
export class ModelLog implements ControllerLog {
  readonly kraftVersion = 1;
  readonly voters: { readonly ids: readonly number[] };
  readonly batches: CommittedBatch<MetadataRecord>[] = [];
  /** Commits what is appended at the end of the turn; otherwise `commit` has to be called. */
  commitsItself = true;
  epoch = 0;
  #committedEnd = 0;
  #waiters: { readonly offset: number; resolve(): void; reject(error: Error): void }[] = [];
  readonly #clock: SimClock;
  readonly #deliver: (batches: readonly CommittedBatch<MetadataRecord>[]) => void;

  constructor(
    clock: SimClock,
    voters: readonly number[],
    deliver: (batches: readonly CommittedBatch<MetadataRecord>[]) => void,
  ) {
    this.#clock = clock;
    this.voters = { ids: voters };
    this.#deliver = deliver;
  }

  get logEndOffset(): number {
    return (this.batches.at(-1)?.lastOffset ?? -1) + 1;
  }

  append(records: readonly MetadataRecord[], epoch: number): number {
    if (epoch !== this.epoch) throw new NotLeaderError(`epoch ${epoch} is over`);
    const baseOffset = this.logEndOffset;
    const lastOffset = baseOffset + records.length - 1;
    const appendTimestamp = this.#clock.nowMs();
    this.batches.push({ baseOffset, lastOffset, epoch, appendTimestamp, sizeInBytes: 100, records });
    if (this.commitsItself) this.#clock.endOfTurn(() => this.commit());
    return lastOffset;
  }

  raiseKraftVersion(): number {
    throw new Error('the level of this log stays');
  }

  committed(offset: number): Promise<void> {
    if (offset < this.#committedEnd) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ offset, resolve, reject }));
  }

  commit(): void {
    const fresh = this.batches.filter(({ baseOffset }) => baseOffset >= this.#committedEnd);
    if (fresh.length === 0) return;
    this.#committedEnd = this.logEndOffset;
    this.#deliver(fresh);
    const ready = this.#waiters;
    this.#waiters = [];
    for (const waiter of ready) waiter.resolve();
  }

  /** A new epoch begins: what was not committed is lost. */
  failOver(): void {
    this.epoch++;
    while (this.logEndOffset > this.#committedEnd) this.batches.pop();
    const lost = this.#waiters;
    this.#waiters = [];
    for (const waiter of lost) waiter.reject(new NotLeaderError('another leads'));
  }
}

/** The clock of a process that can be held up: what was due meanwhile comes late. */
export class StallingClock extends SimClock {
  #busyUntilMs = 0;

  override schedule(delayMs: number, action: () => void): Timer {
    let timer = super.schedule(delayMs, () => {
      const leftMs = this.#busyUntilMs - this.monotonicMs();
      if (leftMs <= 0) action();
      else timer = super.schedule(leftMs, action);
    });
    return { cancel: () => timer.cancel() };
  }

  async stall(durationMs: number): Promise<void> {
    this.#busyUntilMs = this.monotonicMs() + durationMs;
    await this.advance(durationMs);
  }
}

export class ModelConnection implements BrokerConnection {
  isClosed = false;
  /** The machine of the broker has been without power, and is back. */
  isForgotten = false;
  probes = 0;
  readonly #waiters = new Set<{ connectionClosed(): void }>();
  whenClosed(waiter: { connectionClosed(): void }): void {
    if (this.isClosed) waiter.connectionClosed();
    else this.#waiters.add(waiter);
  }
  forget(waiter: { connectionClosed(): void }): void {
    this.#waiters.delete(waiter);
  }
  probe(): void {
    this.probes++;
    if (this.isForgotten) this.close();
  }
  close(): void {
    this.isClosed = true;
    for (const waiter of this.#waiters) waiter.connectionClosed();
    this.#waiters.clear();
  }
}

export interface ModelOptions {
  readonly seed?: number;
  readonly controllers?: readonly number[];
  /** By feature; left out: what a fresh cluster of Kafka 4.3 has. */
  readonly levels?: Readonly<Record<string, number>>;
  readonly intervals?: Partial<ControllerIntervals>;
  readonly policy?: ConfigPolicy;
}

const DEFAULT_LEVELS = { 'metadata.version': 30, 'eligible.leader.replicas.version': 1 };
/** Controllers have ids that no broker has. */
const CONTROLLERS = [101, 102, 103];

export class ModelCluster {
  readonly clock: StallingClock;
  readonly random: SeededRandom;
  readonly log: ModelLog;
  readonly loaders = new Map<number, MetadataLoader>();
  readonly controllers = new Map<number, Controller>();
  /** Brokers whose last connection has closed, as the node around the controller is told. */
  readonly cutOff: number[] = [];
  activeId: number;
  readonly #lagging = new Set<number>();
  readonly #levels: Readonly<Record<string, number>>;

  constructor({ seed = 1, controllers = CONTROLLERS, levels = DEFAULT_LEVELS, ...options }: ModelOptions = {}) {
    this.clock = new StallingClock({ nextTurn: quickTurn, startMs: 1_795_255_743_892 });
    this.random = new SeededRandom(seed);
    this.#levels = levels;
    this.log = new ModelLog(this.clock, controllers, (batches) => {
      for (const [id, loader] of this.loaders) if (!this.#lagging.has(id)) loader.handleCommit(batches);
    });
    for (const nodeId of controllers) this.#addController(nodeId, options);
    this.activeId = controllers[0] as number;
    this.elect(this.activeId);
  }

  #addController(nodeId: number, { intervals, policy = openPolicy }: Pick<ModelOptions, 'intervals' | 'policy'>): void {
    const loader = new MetadataLoader(silentLogger);
    this.loaders.set(nodeId, loader);
    const controller = new Controller({
      nodeId,
      clusterId: CLUSTER_ID,
      log: this.log,
      committed: loader,
      bootstrapRecords: Object.entries(this.#levels).map(([name, featureLevel]) => ({
        type: 'FeatureLevelRecord',
        version: 0,
        name,
        featureLevel,
      })),
      policy,
      defaults: { partitions: 1, replicationFactor: 1 },
      isTopicDeletionEnabled: true,
      intervals: {
        brokerSessionTimeoutMs: 9000,
        maxIdleIntervalMs: 0,
        leaderBalanceIntervalMs: undefined,
        uncleanElectionIntervalMs: 300_000,
        ...intervals,
      },
      onBrokerCutOff: ({ id }) => this.cutOff.push(id),
      clock: this.clock,
      random: this.random,
      logger: silentLogger,
    });
    this.controllers.set(nodeId, controller);
  }

  get active(): Controller {
    return this.controllers.get(this.activeId) as Controller;
  }

  /** What every broker has read. */
  get image() {
    return (this.loaders.get(this.activeId) as MetadataLoader).image;
  }

  /** Another controller leads, or the same again when that one lags; what was not committed is lost. */
  elect(wantedId: number): void {
    const nodeId = this.#lagging.has(wantedId) ? this.activeId : wantedId;
    this.log.failOver();
    const leadership = { epoch: this.log.epoch, leaderId: nodeId };
    this.activeId = nodeId;
    for (const controller of this.controllers.values()) controller.handleLeaderChange(leadership);
  }

  /** Runs what is due until the promise settles; virtual time passes only if it must. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    for (let turn = 0; turn < 1000 && !isSettled; turn++) await this.clock.settle();
    if (!isSettled) throw new Error('nothing will settle this');
    return promise;
  }

  /** Lets `ms` of virtual time pass. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Registers a new incarnation; resolves with its epoch. What seems to be connected is probed, which takes time. */
  async register(brokerId: number, change: Partial<Registration> = {}, connection?: BrokerConnection): Promise<number> {
    const { brokerEpoch = -1 } = await this.clock.run(
      this.active.registerBroker(this.registration(brokerId, change), { ...ADMIN, connection }),
    );
    return brokerEpoch;
  }

  registration(brokerId: number, change: Partial<Registration> = {}): Registration {
    return {
      brokerId,
      clusterId: CLUSTER_ID,
      incarnationId: uuidOf(randomInt(this.random, 0, 0x7fffffff)),
      listeners: [{ name: 'PLAINTEXT', host: `broker${brokerId}`, port: 9092, securityProtocol: 0 }],
      features: [...SUPPORTED_FEATURES],
      rack: null,
      isMigratingZkBroker: false,
      logDirs: [directoryOf(brokerId)],
      previousBrokerEpoch: -1,
      ...change,
    };
  }

  heartbeat(brokerId: number, change: Partial<Heartbeat> = {}, connection?: BrokerConnection) {
    return this.active.brokerHeartbeat(
      {
        brokerId,
        brokerEpoch: this.broker(brokerId)?.epoch ?? -1,
        currentMetadataOffset: this.image.offset,
        wantFence: false,
        wantShutDown: false,
        offlineLogDirs: [],
        cordonedLogDirs: null,
        ...change,
      },
      { ...ADMIN, connection },
    );
  }

  /** Registered, caught up, unfenced. */
  async join(brokerId: number, change: Partial<Registration> = {}): Promise<number> {
    const epoch = await this.register(brokerId, change);
    await this.run(this.heartbeat(brokerId));
    return epoch;
  }

  /** With these replicas of each partition; the first leads. */
  async createTopic(
    name: string,
    assignments: readonly (readonly number[])[],
    configs: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const topic = {
      name,
      numPartitions: -1,
      replicationFactor: -1,
      assignments: assignments.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds: [...brokerIds] })),
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    };
    const { topics } = await this.run(
      this.active.createTopics({ topics: [topic], timeoutMs: 1000, validateOnly: false }),
    );
    if (topics[0]?.errorCode !== 0) throw new Error(topics[0]?.errorMessage ?? 'refused');
  }

  async configure(topic: string, name: string, value: string): Promise<void> {
    const configs = [{ name, configOperation: 0, value }];
    const resources = [{ resourceType: RESOURCE_TOPIC, resourceName: topic, configs }];
    await this.run(this.active.incrementalAlterConfigs({ resources, validateOnly: false }));
  }

  /** As the leader of the partition asks, with the epochs that it has; resolves with the answer for the partition. */
  async proposeIsr(topic: string, index: number, isr: readonly number[], change: Partial<Proposal> = {}) {
    const partition = this.partition(topic, index);
    const { apiVersion = 3, sender = partition.leader, senderEpoch, memberEpochs = {}, ...asked } = change;
    const { topics } = await this.run(
      this.active.alterPartitions(
        {
          brokerId: sender,
          brokerEpoch: senderEpoch ?? this.broker(sender)?.epoch ?? -1,
          topics: [
            {
              topicId: this.image.topics.byName.get(topic)?.id ?? '',
              partitions: [
                {
                  partitionIndex: index,
                  leaderEpoch: partition.leaderEpoch,
                  partitionEpoch: partition.partitionEpoch,
                  leaderRecoveryState: 0,
                  newIsr: apiVersion < 3 ? [...isr] : [],
                  newIsrWithEpochs:
                    apiVersion < 3
                      ? []
                      : isr.map((brokerId) => ({
                          brokerId,
                          brokerEpoch: memberEpochs[brokerId] ?? this.broker(brokerId)?.epoch ?? -1,
                        })),
                  ...asked,
                },
              ],
            },
          ],
        },
        { apiVersion, sharesFate: false },
      ),
    );
    return topics[0]?.partitions[0];
  }

  broker(id: number): BrokerRegistration | undefined {
    return this.image.cluster.brokers.get(id);
  }

  partition(topic: string, index = 0): PartitionImage {
    return this.image.topics.byName.get(topic)?.partitions[index] as PartitionImage;
  }

  /** The records from `offset` on, as text: `PartitionChange …`. */
  recordsFrom(offset: number): MetadataRecord[] {
    return this.log.batches.filter(({ baseOffset }) => baseOffset >= offset).flatMap(({ records }) => records);
  }

  /** A node that has read nothing for a while gets what the others know as a snapshot. It lags again from then on. */
  catchUpBySnapshot(
    nodeId: number,
    asSnapshot: (image: MetadataImage) => Iterable<CommittedBatch<MetadataRecord>>,
  ): void {
    const known = [...this.loaders].find(([id]) => id !== nodeId)?.[1].image as MetadataImage;
    const loader = this.#lagging.has(nodeId) ? this.loaders.get(nodeId) : undefined;
    if (loader !== undefined) runAtOnce(loader.handleSnapshot(known.provenance, asSnapshot(known)));
    if (nodeId === this.activeId || this.#lagging.delete(nodeId)) return;
    this.#lagging.add(nodeId);
  }

  close(): void {
    for (const controller of this.controllers.values()) controller.close();
  }
}

type Registration = Parameters<Controller['registerBroker']>[0];
type Heartbeat = Parameters<Controller['brokerHeartbeat']>[0];
type AskedPartition = Parameters<Controller['alterPartitions']>[0]['topics'][number]['partitions'][number];

interface Proposal extends AskedPartition {
  readonly apiVersion: number;
  readonly sender: number;
  readonly senderEpoch: number;
  readonly memberEpochs: Readonly<Record<number, number>>;
}

export const uuidOf = (number: number): string => `${String(number).padStart(10, '0')}xxxxxxxxxxxA`;
export const directoryOf = (brokerId: number, index = 0): string =>
  `D${String(brokerId).padStart(5, '0')}x${index}yyyyyyyyyyyyyA`;
