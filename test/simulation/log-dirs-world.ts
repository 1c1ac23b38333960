// One seed's life of a broker with three log directories on the simulated disk: replicas are written to, read and sent from
// one directory to another while the process is killed or the machine loses power. Whatever happens, what was promised is there.
import { expect } from 'chai';
import { ReplicaAssignments, type SendAssignments } from '../../src/broker/node/replica-assignments.ts';
import { deltaFromNothing, MetadataDelta, MetadataImage, type MetadataRecord } from '../../src/kraft/metadata/index.ts';
import { defaultLogConfig, LogManager, type TopicLogConfig, topicLogConfig } from '../../src/log/index.ts';
import * as batch from '../../src/protocol/records/index.ts';
import { alterReplicaLogDir, type Partition, ReplicaManager, replicationConfig } from '../../src/replication/index.ts';
import { delay, type Durability, parseConfigs, randomInt } from '../../src/runtime/index.ts';
import type { CrashMode, SimMachine, Simulation } from '../../src/runtime/sim/index.ts';
import { checkAcknowledged, type Model, type Sent, takeSurvivors } from './log-dirs-model.ts';

const TOPIC = 'orders';
const TOPIC_ID = 'VA9A0MIcSd-qs8EYDiQibQ';
const NODE_ID = 1;
const DIRECTORY_IDS = new Map([
  ['/a', 'aaaaaaaaaaaaaaaaaaaaaw'],
  ['/b', 'bbbbbbbbbbbbbbbbbbbbbw'],
  ['/c', 'cccccccccccccccccccccw'],
]);
const PATHS = [...DIRECTORY_IDS.keys()];

export interface LogDirsWorldOptions {
  readonly durability: Durability;
  readonly crash: CrashMode;
  /** A disk that is full now and then. */
  readonly runsFull: boolean;
}

/** Until here the request has no answer: directory, metadata, their flushes, the checkpoint. */
const LAST_CHANGE_BEFORE_THE_ANSWER = 12;

export class LogDirsWorld {
  readonly #simulation: Simulation;
  readonly #machine: SimMachine;
  readonly #options: LogDirsWorldOptions;
  readonly #config: TopicLogConfig;
  readonly #models: Model[] = [];
  #image = MetadataImage.empty;
  #manager!: LogManager;
  #replicas!: ReplicaManager;
  #throttle = Number.MAX_SAFE_INTEGER;
  #nextValue = 0;
  #untilCut = -1;
  #flushedBeforeCut = -1;

  constructor(simulation: Simulation, options: LogDirsWorldOptions) {
    this.#simulation = simulation;
    this.#machine = simulation.machine();
    this.#options = options;
    this.#config = {
      ...topicLogConfig(defaultLogConfig),
      segmentBytes: randomInt(simulation.random, 2000, 20_000),
      indexIntervalBytes: randomInt(simulation.random, 0, 1000),
      fileDeleteDelayMs: randomInt(simulation.random, 0, 300),
    };
  }

  async live(steps: number): Promise<void> {
    this.#createTopic(randomInt(this.#random, 1, 4));
    await this.#open();
    for (let step = 0; step < steps; step++) await this.#step();
    await this.#crash(this.#options.crash);
    this.#throttle = Number.MAX_SAFE_INTEGER;
    await this.#simulation.clock.advance(130_000);
    for (const model of this.#models) {
      checkAcknowledged(model, this.#partition(model).log);
      const where = this.#partition(model).log.directory;
      if (model.wanted !== undefined)
        expect(where, 'the move has ended').to.equal(`${model.wanted}/${TOPIC}-${model.index}`);
      const id = this.#image.topics.byId.get(TOPIC_ID)?.partitions[model.index]?.directories[0];
      expect(id, 'what the metadata says').to.equal(DIRECTORY_IDS.get(where.slice(0, 2)));
    }
    expect([...this.#manager.futureLogs]).to.have.length(0);
    this.#checkDirectories();
  }

  /**
   * One move, produced to all the while. The machine ends in the middle of the disk's `cutAt`-th change since the move was
   * asked for; the next process must find everything, and bring the move to its end. False: the move had fewer changes.
   */
  async moveAcross(cutAt: number): Promise<boolean> {
    this.#createTopic(1);
    await this.#open();
    const model = this.#models[0] as Model;
    for (let i = 0; i < 20; i++) this.#append(model);
    await this.#simulation.clock.advance(500);
    const from = this.#partition(model).log.directory.slice(0, 2);
    const to = PATHS.find((path) => path !== from) as string;
    this.#untilCut = cutAt;
    await this.#unlessCut(() => expect(alterReplicaLogDir(this.#replicas, to, TOPIC, 0)).to.equal(0));
    for (let i = 0; i < 12; i++) {
      await this.#unlessCut(() => this.#append(model));
      await this.#unlessCut(() => this.#simulation.clock.advance(this.#random.next() * 40));
    }
    await this.#unlessCut(() => this.#simulation.clock.advance(2000));
    const isCut = this.#untilCut === 0;
    this.#untilCut = -1;
    await this.#reopenAfterCut();
    await this.#simulation.clock.advance(130_000);
    checkAcknowledged(model, this.#partition(model).log);
    const where = this.#partition(model).log.directory.slice(0, 2);
    // A cut before the future log was made durable leaves the move to be asked for again: it was not answered.
    if (isCut && where === from) expect(cutAt).to.be.at.most(LAST_CHANGE_BEFORE_THE_ANSWER);
    else expect(where).to.equal(to);
    expect([...this.#manager.futureLogs]).to.have.length(0);
    this.#checkDirectories();
    return isCut;
  }

  /** The simulation's `trace`: called with every change of a disk. */
  diskChanged(): void {
    if (this.#untilCut > 0 && --this.#untilCut === 0) this.#cutOff();
  }

  #cutOff(): void {
    this.#flushedBeforeCut = this.#partition(this.#models[0] as Model).log.recoveryPoint;
    this.#machine.crash(this.#options.crash);
  }

  /** What the dying process still tries is refused by the disk, which is nobody's concern. */
  async #unlessCut(action: () => unknown): Promise<void> {
    try {
      if (this.#untilCut !== 0) await action();
    } catch (error) {
      if (this.#untilCut !== 0) throw error;
    }
  }

  async #reopenAfterCut(): Promise<void> {
    if (this.#flushedBeforeCut < 0) return;
    const isPromised = this.#options.crash === 'kill' || this.#options.durability === 'fsync';
    this.#electAll();
    await this.#open();
    const model = this.#models[0] as Model;
    takeSurvivors(model, this.#partition(model).log, isPromised ? undefined : this.#flushedBeforeCut);
  }

  get #random() {
    return this.#simulation.random;
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  #partition({ index }: Model): Partition {
    const partition = this.#replicas.partition(TOPIC, index);
    if (partition === undefined) throw new Error(`${TOPIC}-${index} is not served`);
    return partition;
  }

  async #step(): Promise<void> {
    const model = this.#models[randomInt(this.#random, 0, this.#models.length)] as Model;
    const dice = this.#random.next();
    if (dice < 0.5) this.#append(model);
    else if (dice < 0.7) await this.#simulation.clock.advance(this.#random.next() * 20);
    else if (dice < 0.82) this.#alter(model);
    else if (dice < 0.86) checkAcknowledged(model, this.#partition(model).log);
    else if (dice < 0.89) await this.#deleteRecords(model);
    else if (dice < 0.91)
      this.#throttle = this.#chance(0.5) ? Number.MAX_SAFE_INTEGER : randomInt(this.#random, 1, 50_000);
    else if (dice < 0.93 && this.#options.runsFull) this.#fill();
    else if (dice < 0.96) await this.#simulation.clock.advance(this.#random.next() * 2000);
    else if (dice < 0.99) await this.#crash(this.#chance(0.4) ? 'kill' : this.#options.crash);
    else await this.#stopCleanly();
  }

  #append(model: Model): void {
    const partition = this.#partition(model);
    for (let i = randomInt(this.#random, 1, 6); i > 0; i--) {
      const value = Buffer.alloc(randomInt(this.#random, 0, 400), this.#nextValue);
      const record = { key: Buffer.from(`key ${this.#nextValue++}`), value, timestamp: this.#simulation.clock.nowMs() };
      const bytes = batch.buildBatch([record]);
      const { leaderEpoch } = partition;
      const now = this.#simulation.clock.nowMs();
      const info = partition.append(bytes, { origin: 'client', leaderEpoch, now, validation: 'header' });
      if (info.errorCode !== 0) return;
      const sent: Sent = { firstOffset: info.firstOffset, bytes, fate: 'pending' };
      model.sent.push(sent);
      const manager = this.#manager;
      const acknowledged = (_slot: number, code: number): void => {
        // A process that is dead answers nobody.
        if (manager === this.#manager && this.#untilCut !== 0) sent.fate = code === 0 ? 'acknowledged' : 'refused';
      };
      partition.awaitAck(info.lastOffset + 1, -1, { acknowledged }, 0);
    }
  }

  #alter(model: Model): void {
    const path = PATHS[randomInt(this.#random, 0, PATHS.length)] as string;
    const before = this.#partition(model).log.directory;
    const code = alterReplicaLogDir(this.#replicas, path, TOPIC, model.index);
    if (!this.#options.runsFull) expect(code, `${before} to ${path}`).to.equal(0);
    if (code === 0) model.wanted = path;
    // What a full disk refused may have cancelled the move before.
    else model.wanted = undefined;
  }

  async #deleteRecords(model: Model): Promise<void> {
    const { log } = this.#partition(model);
    await log.flush().catch(() => undefined);
    const offset = randomInt(this.#random, log.logStartOffset, log.highWatermark + 1);
    if (this.#partition(model).log !== log) return;
    log.deleteRecordsBefore(offset);
    // A crash may bring the records back, as in Kafka, but nobody is promised them any more.
    model.logStartOffset = Math.max(model.logStartOffset, offset);
    if (this.#chance(0.5)) this.#manager.checkRetention();
  }

  #fill(): void {
    const { disk } = this.#machine;
    disk.capacityBytes = this.#chance(0.5)
      ? Number.POSITIVE_INFINITY
      : disk.usedBytes() + randomInt(this.#random, 0, 3000);
  }

  async #crash(mode: CrashMode): Promise<void> {
    this.#machine.disk.capacityBytes = Number.POSITIVE_INFINITY;
    const isPromised = mode === 'kill' || this.#options.durability === 'fsync';
    const flushedTo = this.#models.map((model) => this.#partition(model).log.recoveryPoint);
    this.#machine.crash(mode);
    this.#electAll();
    await this.#open();
    for (const model of this.#models)
      takeSurvivors(model, this.#partition(model).log, isPromised ? undefined : flushedTo[model.index]);
  }

  async #stopCleanly(): Promise<void> {
    this.#machine.disk.capacityBytes = Number.POSITIVE_INFINITY;
    await this.#simulation.clock.advance(100);
    this.#replicas.close();
    await this.#manager.close(7);
    this.#electAll();
    await this.#open();
    for (const model of this.#models) takeSurvivors(model, this.#partition(model).log, undefined);
  }

  /** Old directories go; nothing is left half done. */
  #checkDirectories(): void {
    const names = PATHS.flatMap((path) => this.#machine.disk.listSync(path).filter(({ isDirectory }) => isDirectory));
    expect(names.map(({ name }) => name).sort()).to.deep.equal(this.#models.map(({ index }) => `${TOPIC}-${index}`));
  }

  async #open(): Promise<void> {
    const { runtime } = this.#machine;
    this.#manager = await LogManager.open({
      runtime,
      logDirs: PATHS,
      config: defaultLogConfig,
      durability: this.#options.durability,
      topicConfig: () => this.#config,
    });
    const assignments = new ReplicaAssignments({
      clock: runtime.clock,
      logger: runtime.logger,
      send: (directories) => this.#assign(replicas, directories),
    });
    const replicas: ReplicaManager = new ReplicaManager({
      runtime,
      nodeId: NODE_ID,
      config: parseConfigs(replicationConfig, new Map()),
      logManager: this.#manager,
      topicLogConfig: () => this.#config,
      directories: {
        ids: DIRECTORY_IDS,
        events: assignments,
        maxMoveBytesPerSecond: () => this.#throttle,
      },
    });
    this.#replicas = replicas;
    void replicas.publish(deltaFromNothing(this.#image), this.#image);
    void replicas.start();
    assignments.start();
  }

  /** The controller, which takes its time; what it has committed outlives every crash. */
  async #assign(replicas: ReplicaManager, asked: Parameters<SendAssignments>[0]): ReturnType<SendAssignments> {
    await delay(this.#machine.runtime.clock, this.#random.next() * 30);
    const directories = asked.map(({ id, topics }) => ({
      id,
      topics: topics.map(({ topicId, partitions }) => ({
        topicId,
        partitions: partitions.map(({ partitionIndex }) => {
          this.#replay([{ ...CHANGE, topicId, partitionId: partitionIndex, directories: [id] }], replicas);
          return { partitionIndex, errorCode: 0 };
        }),
      })),
    }));
    return { throttleTimeMs: 0, errorCode: 0, directories };
  }

  #createTopic(partitions: number): void {
    const records: MetadataRecord[] = [
      { type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: 30 },
      { type: 'TopicRecord', version: 0, name: TOPIC, topicId: TOPIC_ID },
    ];
    for (let partitionId = 0; partitionId < partitions; partitionId++) {
      this.#models.push({ index: partitionId, sent: [], wanted: undefined, logStartOffset: 0 });
      records.push({ ...PARTITION, topicId: TOPIC_ID, partitionId });
    }
    this.#replay(records);
  }

  /** Every start of the broker raises the leader epochs. */
  #electAll(): void {
    this.#replay(
      this.#models.map(({ index }) => ({ ...CHANGE, topicId: TOPIC_ID, partitionId: index, leader: NODE_ID })),
    );
  }

  #replay(records: readonly MetadataRecord[], replicas?: ReplicaManager): void {
    const delta = this.#image.offset < 0 ? deltaFromNothing(this.#image) : new MetadataDelta(this.#image);
    for (const record of records) delta.replay(record);
    const offset = this.#image.offset + records.length;
    this.#image = delta.apply({ offset, epoch: 1, appendTimeMs: 0, isBatchAligned: true });
    if (replicas === this.#replicas) void replicas?.publish(delta, this.#image);
  }
}

const PARTITION = {
  type: 'PartitionRecord',
  version: 2,
  replicas: [NODE_ID],
  isr: [NODE_ID],
  removingReplicas: [],
  addingReplicas: [],
  leader: NODE_ID,
  leaderRecoveryState: 0,
  leaderEpoch: 0,
  partitionEpoch: 0,
  directories: ['AAAAAAAAAAAAAAAAAAAAAQ'],
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
} as const satisfies Partial<MetadataRecord>;

const CHANGE = {
  type: 'PartitionChangeRecord',
  version: 2,
  isr: null,
  leader: -2,
  replicas: null,
  removingReplicas: null,
  addingReplicas: null,
  leaderRecoveryState: -1,
  directories: null,
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
} as const satisfies Partial<MetadataRecord>;
