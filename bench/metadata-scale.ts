// What changes of the metadata cost with 1,000, 10,000 and 100,000 partitions on three nodes: time of the operation, the longest
// hold of the event loop, and memory. The controller and its loader alone: no log, no network, the clock is real.
//   node --expose-gc --import=tsx bench/metadata-scale.ts [partitions …]
import { setImmediate as turn } from 'node:timers/promises';
import { Controller, type ControllerLog } from '../src/kraft/controller/index.ts';
import { MetadataLoader, type MetadataRecord, SUPPORTED_FEATURES } from '../src/kraft/metadata/index.ts';
import { silentLogger } from '../src/runtime/index.ts';
import { nodeRuntime } from '../src/runtime/node/index.ts';
import { openPolicy } from '../test/kraft/node-under-test.ts';

const NODE_ID = 101;
const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
const PARTITIONS_PER_TOPIC = 100;
const TOPICS_PER_REQUEST = 50;
const ASKER = { apiVersion: 3, sharesFate: false };
const { clock, random } = nodeRuntime({ logger: silentLogger });

/** Commits at the end of the turn. */
class MemoryLog implements ControllerLog {
  readonly kraftVersion = 1;
  readonly voters = { ids: [NODE_ID] };
  readonly loader: MetadataLoader;
  logEndOffset = 0;
  largestBatch = 0;
  #committed: Promise<void> = Promise.resolve();

  constructor(loader: MetadataLoader) {
    this.loader = loader;
  }
  append(records: readonly MetadataRecord[], epoch: number): number {
    const baseOffset = this.logEndOffset;
    this.logEndOffset += records.length;
    this.largestBatch = Math.max(this.largestBatch, records.length);
    const lastOffset = this.logEndOffset - 1;
    const appendTimestamp = clock.nowMs();
    this.#committed = turn().then(() =>
      this.loader.handleCommit([{ baseOffset, lastOffset, epoch, appendTimestamp, sizeInBytes: 100, records }]),
    );
    return lastOffset;
  }
  raiseKraftVersion(): number {
    throw new Error('it stays');
  }
  committed(): Promise<void> {
    return this.#committed;
  }
}

interface Row {
  readonly what: string;
  readonly ms: number;
  readonly cpuMs: number;
  readonly holdMs: number;
  readonly records: number;
  readonly batch: number;
}

class Cluster {
  readonly loader = new MetadataLoader(silentLogger);
  readonly log = new MemoryLog(this.loader);
  readonly controller: Controller;
  readonly rows: Row[] = [];

  constructor() {
    this.controller = new Controller({
      nodeId: NODE_ID,
      clusterId: CLUSTER_ID,
      log: this.log,
      committed: this.loader,
      bootstrapRecords: [
        { type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: 30 },
        { type: 'FeatureLevelRecord', version: 0, name: 'eligible.leader.replicas.version', featureLevel: 1 },
      ],
      policy: openPolicy,
      defaults: { partitions: 1, replicationFactor: 3 },
      isTopicDeletionEnabled: true,
      intervals: {
        brokerSessionTimeoutMs: 900_000,
        maxIdleIntervalMs: 0,
        leaderBalanceIntervalMs: undefined,
        uncleanElectionIntervalMs: 900_000,
      },
      clock,
      random,
      logger: silentLogger,
    });
    this.controller.handleLeaderChange({ epoch: 1, leaderId: NODE_ID });
  }

  /** Runs the action; measures it and the longest time for which nothing else could run. */
  async measure<T>(what: string, action: () => Promise<T>): Promise<T> {
    const before = this.log.logEndOffset;
    this.log.largestBatch = 0;
    let isOver = false;
    let holdMs = 0;
    const watching = (async () => {
      for (let last = clock.monotonicMs(); !isOver; ) {
        await turn();
        const now = clock.monotonicMs();
        holdMs = Math.max(holdMs, now - last);
        last = now;
      }
    })();
    await turn();
    const startMs = clock.monotonicMs();
    const cpu = process.cpuUsage();
    const answer = await action();
    const ms = clock.monotonicMs() - startMs;
    const { user, system } = process.cpuUsage(cpu);
    isOver = true;
    await watching;
    this.rows.push({
      what,
      ms,
      cpuMs: (user + system) / 1000,
      holdMs,
      records: this.log.logEndOffset - before,
      batch: this.log.largestBatch,
    });
    return answer;
  }

  async join(brokerId: number, previousBrokerEpoch = -1): Promise<void> {
    const { brokerEpoch = -1 } = await this.controller.registerBroker(
      {
        brokerId,
        clusterId: CLUSTER_ID,
        incarnationId: Buffer.from(random.bytes(16)).toString('base64url'),
        listeners: [{ name: 'PLAINTEXT', host: `broker${brokerId}`, port: 9092, securityProtocol: 0 }],
        features: [...SUPPORTED_FEATURES],
        rack: null,
        isMigratingZkBroker: false,
        logDirs: [`D0000${brokerId}xxxxxxxxxxxxxxxA`],
        previousBrokerEpoch,
      },
      { ...ASKER, sharesFate: true },
    );
    await this.heartbeat(brokerId, brokerEpoch, false);
  }

  heartbeat(brokerId: number, brokerEpoch: number, wantShutDown: boolean) {
    return this.controller.brokerHeartbeat(
      {
        brokerId,
        brokerEpoch,
        currentMetadataOffset: this.log.logEndOffset,
        wantFence: false,
        wantShutDown,
        offlineLogDirs: [],
        cordonedLogDirs: null,
      },
      ASKER,
    );
  }

  epochOf(brokerId: number): number {
    return this.loader.image.cluster.brokers.get(brokerId)?.epoch ?? -1;
  }

  async createTopics(first: number, count: number): Promise<void> {
    const topics = Array.from({ length: count }, (_, at) => ({
      name: `t${first + at}`,
      numPartitions: PARTITIONS_PER_TOPIC,
      replicationFactor: 3,
      assignments: [],
      configs: [],
    }));
    await this.controller.createTopics({ topics, timeoutMs: 1, validateOnly: false });
  }

  /** The leader of all partitions that `leader` leads takes `broker` back into their ISR. */
  async expand(what: string, leader: number, broker: number, most: number): Promise<void> {
    let left = most;
    const topics = [...this.loader.image.topics.byId.values()].flatMap(({ id: topicId, partitions }) => {
      const asked = partitions.filter((one) => one.leader === leader && !one.isr.includes(broker)).slice(0, left);
      left -= asked.length;
      const members = [leader, ...[1, 2, 3].filter((id) => id !== leader)];
      return asked.length === 0
        ? []
        : [
            {
              topicId,
              partitions: asked.map(({ partition: partitionIndex, leaderEpoch, partitionEpoch }) => ({
                partitionIndex,
                leaderEpoch,
                partitionEpoch,
                leaderRecoveryState: 0,
                newIsr: [],
                newIsrWithEpochs: members.map((brokerId) => ({ brokerId, brokerEpoch: this.epochOf(brokerId) })),
              })),
            },
          ];
    });
    const request = { brokerId: leader, brokerEpoch: this.epochOf(leader), topics };
    await this.measure(what, () => this.controller.alterPartitions(request, ASKER));
  }
}

const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function run(partitionCount: number): Promise<void> {
  const before = heapUsed();
  const cluster = new Cluster();
  for (const id of [1, 2, 3]) await cluster.join(id);
  const topicCount = partitionCount / PARTITIONS_PER_TOPIC;
  await cluster.measure('create all, 50 topics a request', async () => {
    for (let first = 0; first < topicCount; first += TOPICS_PER_REQUEST) {
      await cluster.createTopics(first, Math.min(TOPICS_PER_REQUEST, topicCount - first));
    }
  });
  const loaded = heapUsed();
  await cluster.measure('create one topic of 100 partitions', () => cluster.createTopics(topicCount, 1));
  await cluster.measure('heartbeat', () => cluster.heartbeat(1, cluster.epochOf(1), false));
  await cluster.measure('broker 1 gone: fenced, led by others', () =>
    cluster.controller.brokerGone(1, cluster.epochOf(1)),
  );
  await cluster.measure('broker 1 registers and is unfenced', () => cluster.join(1, cluster.epochOf(1)));
  await cluster.expand('one partition takes it back', 2, 1, 1);
  await cluster.expand('all partitions of leader 2 take it back', 2, 1, Number.POSITIVE_INFINITY);
  await cluster.expand('all partitions of leader 3 take it back', 3, 1, Number.POSITIVE_INFINITY);
  await cluster.measure('preferred election in all partitions', () =>
    cluster.controller.electLeaders({ electionType: 0, topicPartitions: null, timeoutMs: 1 }),
  );
  await cluster.measure('broker 2 wants to stop: led out', () => cluster.heartbeat(2, cluster.epochOf(2), true));
  await cluster.measure('reassignments under way, listed', () =>
    cluster.controller.listPartitionReassignments({ timeoutMs: 1, topics: null }),
  );
  await cluster.measure('another activation', async () => {
    cluster.controller.handleLeaderChange({ epoch: 2, leaderId: NODE_ID });
  });
  cluster.controller.close();
  console.log(
    `\n${partitionCount} partitions of 3 replicas: ${mib(loaded - before)} MiB of heap when created, ` +
      `${mib(heapUsed() - before)} MiB in the end`,
  );
  console.table(
    cluster.rows.map(({ what, ms, cpuMs, holdMs, records, batch }) => ({
      what,
      ms: Number(ms.toFixed(1)),
      'CPU ms': Number(cpuMs.toFixed(1)),
      'longest hold, ms': Number(holdMs.toFixed(1)),
      records,
      'largest batch': batch,
    })),
  );
}

const asked = process.argv.slice(2).map(Number);
for (const count of asked.length > 0 ? asked : [1000, 10_000, 100_000]) await run(count);
