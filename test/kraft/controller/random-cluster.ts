// Draws what is asked of the controllers of a model cluster, from one seed.
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { RESOURCE_BROKER, RESOURCE_TOPIC, SUPPORTED_FEATURES } from '../../../src/kraft/metadata/index.ts';
import { randomInt } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { directoryOf, ModelCluster, ModelConnection } from './model-cluster.ts';

const BROKERS = [1, 2, 3, 4, 5];
const TOPICS = ['a', 'b', 'c'];
const CONTROLLERS = [101, 102, 103];
const ANY = { apiVersion: 4, sharesFate: false };
const MIN_ISR = 'min.insync.replicas';
const UNCLEAN = 'unclean.leader.election.enable';

export class RandomCluster {
  readonly cluster: ModelCluster;
  readonly random: SeededRandom;
  /** What was asked, and what came of it. */
  readonly trace: string[] = [];
  readonly producerIds: [start: number, end: number][] = [];
  readonly #connections = new Map<number, ModelConnection>();

  constructor(seed: number) {
    this.random = new SeededRandom(seed, 'operations');
    const isOld = this.#chance(4);
    const metadataVersion = isOld ? this.#pick([7, 11, 12, 16, 17, 22, 23, 25]) : 30;
    const isElr = metadataVersion >= 23 && this.#chance(2);
    const levels = { 'metadata.version': metadataVersion, ...(isElr ? { 'eligible.leader.replicas.version': 1 } : {}) };
    this.cluster = new ModelCluster({ seed, controllers: CONTROLLERS, levels });
  }

  #chance(outOf: number): boolean {
    return randomInt(this.random, 0, outOf) === 0;
  }

  #pick<T>(items: readonly T[]): T {
    return items[randomInt(this.random, 0, items.length)] as T;
  }

  #some<T>(items: readonly T[], least: number): T[] {
    const left = [...items];
    const count = randomInt(this.random, Math.min(least, left.length), left.length + 1);
    return Array.from({ length: count }, () => left.splice(randomInt(this.random, 0, left.length), 1)[0] as T);
  }

  minIsrOf(topic: string): number {
    const { configs } = this.cluster.image;
    const text = configs.get(RESOURCE_TOPIC, topic).get(MIN_ISR) ?? configs.get(RESOURCE_BROKER, '').get(MIN_ISR);
    const replicas = this.cluster.partition(topic)?.replicas.length ?? 1;
    return Math.min(Number(text ?? '1'), replicas);
  }

  async begin(): Promise<void> {
    for (const id of BROKERS.slice(0, 3)) await this.cluster.join(id);
  }

  /** Asks one thing; a refusal is an answer like any other. */
  async step(): Promise<void> {
    const [name, action] = this.#pick(this.#actions);
    try {
      const answer = await action();
      this.trace.push(`${name} ${answer === undefined ? '' : JSON.stringify(answer)}`);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      this.trace.push(`${name} ! ${error.code}`);
    }
  }

  readonly #actions: [string, () => Promise<unknown>][] = [
    ['register', () => this.#register()],
    ['register', () => this.#register()],
    ['heartbeat', () => this.#heartbeat({})],
    ['heartbeat', () => this.#heartbeat({})],
    ['heartbeat', () => this.#heartbeat({})],
    ['lag', () => this.#heartbeat({ currentMetadataOffset: 3 })],
    ['want fence', () => this.#heartbeat({ wantFence: true })],
    ['stop', () => this.#heartbeat({ wantShutDown: true })],
    ['lose directory', () => this.#heartbeat({ offlineLogDirs: [directoryOf(this.#pick(BROKERS), 1)] })],
    ['gone', () => this.#gone()],
    ['silence', () => this.cluster.pass(this.#pick([1000, 5000, 10_000]))],
    ['create', () => this.#create()],
    ['create', () => this.#create()],
    ['delete', () => this.#delete()],
    ['grow', () => this.#grow()],
    ['isr', () => this.#proposeIsr()],
    ['isr', () => this.#proposeIsr()],
    ['isr', () => this.#proposeIsr()],
    ['isr', () => this.#proposeIsr()],
    ['reassign', () => this.#reassign()],
    ['reassign', () => this.#reassign()],
    ['cancel', () => this.#cancel()],
    ['elect', () => this.#elect()],
    ['configure', () => this.#configure()],
    ['features', () => this.#features()],
    ['unregister', () => this.cluster.run(this.cluster.active.unregisterBroker({ brokerId: this.#pick(BROKERS) }))],
    ['producer ids', () => this.#producerIds()],
    ['directories', () => this.#directories()],
    ['fail over', () => this.#failOver()],
  ];

  async #register(): Promise<number> {
    const id = this.#pick(BROKERS);
    const known = this.cluster.broker(id);
    // Many come back as soon as they are dead, some while they are not.
    if (!this.#chance(4)) this.#connections.get(id)?.close();
    const connection = new ModelConnection();
    const previousBrokerEpoch = this.#chance(2) ? (known?.epoch ?? -1) : -1;
    const features = this.#chance(8)
      ? SUPPORTED_FEATURES.map((one) => (one.name === 'metadata.version' ? { ...one, maxSupportedVersion: 25 } : one))
      : [...SUPPORTED_FEATURES];
    const logDirs = [directoryOf(id), directoryOf(id, 1)];
    const epoch = await this.cluster.register(id, { previousBrokerEpoch, features, logDirs }, connection);
    this.#connections.set(id, connection);
    return epoch;
  }

  #heartbeat(change: object): Promise<unknown> {
    const registered = [...this.cluster.image.cluster.brokers.keys()];
    const id = this.#pick(registered.length > 0 ? registered : BROKERS);
    return this.cluster.run(this.cluster.heartbeat(id, change, this.#connections.get(id)));
  }

  #gone(): Promise<void> {
    const id = this.#pick(BROKERS);
    this.#connections.get(id)?.close();
    return this.cluster.run(this.cluster.active.brokerGone(id, this.cluster.broker(id)?.epoch ?? -1));
  }

  async #create(): Promise<unknown> {
    const replicationFactor = randomInt(this.random, 1, 4);
    const replicas = this.#some(BROKERS, 1);
    const isManual = this.#chance(2);
    const { topics } = await this.cluster.run(
      this.cluster.active.createTopics({
        topics: [
          {
            name: this.#pick(TOPICS),
            numPartitions: isManual ? -1 : randomInt(this.random, 1, 4),
            replicationFactor: isManual ? -1 : replicationFactor,
            assignments: isManual ? [{ partitionIndex: 0, brokerIds: replicas }] : [],
            configs: [
              { name: MIN_ISR, value: String(randomInt(this.random, 1, 4)) },
              { name: UNCLEAN, value: String(this.#chance(4)) },
            ],
          },
        ],
        timeoutMs: 1,
        validateOnly: false,
      }),
    );
    return topics[0]?.errorCode;
  }

  async #delete(): Promise<unknown> {
    const topics = [{ name: this.#pick(TOPICS), topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }];
    const request = { topics, topicNames: [], timeoutMs: 1 };
    return (await this.cluster.run(this.cluster.active.deleteTopics(request, ANY))).responses[0]?.errorCode;
  }

  async #grow(): Promise<unknown> {
    const topics = [{ name: this.#pick(TOPICS), count: randomInt(this.random, 1, 5), assignments: null }];
    const request = { topics, timeoutMs: 1, validateOnly: false };
    return (await this.cluster.run(this.cluster.active.createPartitions(request))).results[0]?.errorCode;
  }

  #partition(): [topic: string, index: number] | undefined {
    const topics = [...this.cluster.image.topics.byName.values()].sort((one, other) =>
      one.name < other.name ? -1 : 1,
    );
    if (topics.length === 0) return undefined;
    const topic = this.#pick(topics);
    return [topic.name, randomInt(this.random, 0, topic.partitions.length)];
  }

  async #proposeIsr(): Promise<unknown> {
    const [topic, index] = this.#partition() ?? ['', -1];
    if (index < 0) return undefined;
    const { replicas, leader } = this.cluster.partition(topic, index);
    if (leader < 0) return 'nobody leads';
    const others = replicas.filter((id) => id !== leader);
    const isThere = (id: number): boolean => this.cluster.broker(id)?.isFenced === false;
    const isr = [leader, ...(this.#chance(3) ? this.#some(others, 0) : others.filter(isThere))];
    const apiVersion = this.#pick([2, 3]);
    return (await this.cluster.proposeIsr(topic, index, isr, { apiVersion }))?.errorCode;
  }

  #alter(name: string, partitionIndex: number, replicas: number[] | null) {
    return this.cluster.run(
      this.cluster.active.alterPartitionReassignments({
        timeoutMs: 1,
        allowReplicationFactorChange: true,
        topics: [{ name, partitions: [{ partitionIndex, replicas }] }],
      }),
    );
  }

  async #reassign(): Promise<unknown> {
    const [topic, index] = this.#partition() ?? ['', -1];
    if (index < 0) return undefined;
    const { replicas, addingReplicas } = this.cluster.partition(topic, index);
    const target = this.#some(BROKERS, BROKERS.length).slice(0, replicas.length - addingReplicas.length);
    return (await this.#alter(topic, index, target)).responses[0]?.partitions[0]?.errorCode;
  }

  async #cancel(): Promise<unknown> {
    const [topic, index] = this.#partition() ?? ['', -1];
    return (await this.#alter(topic, index, null)).responses[0]?.partitions[0]?.errorCode;
  }

  async #elect(): Promise<unknown> {
    const electionType = this.#pick([0, 1]);
    const request = { electionType, topicPartitions: null, timeoutMs: 1 };
    return (await this.cluster.run(this.cluster.active.electLeaders(request))).replicaElectionResults.length;
  }

  async #configure(): Promise<unknown> {
    const name = this.#pick([MIN_ISR, UNCLEAN]);
    const value = name === MIN_ISR ? String(randomInt(this.random, 1, 4)) : String(this.#chance(2));
    const isTopic = this.#chance(2);
    const resources = [
      {
        resourceType: isTopic ? RESOURCE_TOPIC : RESOURCE_BROKER,
        resourceName: isTopic ? this.#pick(TOPICS) : '',
        configs: [{ name, configOperation: 0, value }],
      },
    ];
    const request = { resources, validateOnly: false };
    return (await this.cluster.run(this.cluster.active.incrementalAlterConfigs(request))).responses[0]?.errorCode;
  }

  async #features(): Promise<unknown> {
    const feature = this.#pick(['metadata.version', 'eligible.leader.replicas.version', 'transaction.version']);
    const current = this.cluster.image.features.levels.get(feature) ?? 0;
    const maxVersionLevel = Math.max(0, current + this.#pick([-1, 1, 1, 2]));
    const upgradeType = maxVersionLevel < current ? 2 : 1;
    const featureUpdates = [{ feature, maxVersionLevel, upgradeType, allowDowngrade: false }];
    const request = { timeoutMs: 1, featureUpdates, validateOnly: false };
    const { errorCode } = await this.cluster.run(this.cluster.active.updateFeatures(request, ANY));
    return [feature, maxVersionLevel, errorCode];
  }

  async #producerIds(): Promise<unknown> {
    const brokerId = this.#pick(BROKERS);
    const brokerEpoch = this.cluster.broker(brokerId)?.epoch ?? -1;
    const answer = await this.cluster.run(this.cluster.active.allocateProducerIds({ brokerId, brokerEpoch }));
    const start = Number(answer.producerIdStart);
    this.producerIds.push([start, start + Number(answer.producerIdLen)]);
    return start;
  }

  async #directories(): Promise<unknown> {
    const [topic, partitionIndex] = this.#partition() ?? ['', -1];
    const brokerId = this.#pick(BROKERS);
    const topicId = this.cluster.image.topics.byName.get(topic)?.id ?? directoryOf(9);
    const id = directoryOf(brokerId, this.#pick([0, 1, 1, 2]));
    const request = {
      brokerId,
      brokerEpoch: this.cluster.broker(brokerId)?.epoch ?? -1,
      directories: [{ id, topics: [{ topicId, partitions: [{ partitionIndex }] }] }],
    };
    const { directories } = await this.cluster.run(this.cluster.active.assignReplicasToDirs(request));
    return directories[0]?.topics[0]?.partitions[0]?.errorCode;
  }

  /** In the middle of something: what was asked last is lost, or committed without an answer, or committed and answered. */
  async #failOver(): Promise<unknown> {
    const { cluster } = this;
    cluster.log.commitsItself = false;
    const asked = this.#gone().then(
      () => 'done',
      (error: unknown) => {
        if (error instanceof KafkaError && error.code === Errors.NOT_CONTROLLER) return 'lost';
        throw error;
      },
    );
    if (this.#chance(2)) cluster.log.commit();
    cluster.log.commitsItself = true;
    const next = this.#pick(CONTROLLERS);
    cluster.elect(next);
    return [next, await cluster.run(asked)];
  }

  /** All brokers live, and leaders take in everybody: nothing stays under way. */
  async heal(): Promise<void> {
    const { cluster } = this;
    for (const id of BROKERS) {
      const known = cluster.broker(id);
      this.#connections.get(id)?.close();
      if (known?.isFenced === false) await cluster.run(cluster.active.brokerGone(id, known.epoch));
      if (known !== undefined) await cluster.run(cluster.active.unregisterBroker({ brokerId: id }));
      const previousBrokerEpoch = known?.epoch ?? -1;
      const logDirs = [0, 1, 2].map((index) => directoryOf(id, index));
      await cluster.register(id, { previousBrokerEpoch, logDirs });
      await cluster.run(cluster.heartbeat(id));
    }
    for (const topic of cluster.image.topics.byName.values()) {
      for (const { partition: index } of topic.partitions) await this.#fill(topic.name, index);
    }
  }

  async #fill(topic: string, index: number): Promise<void> {
    if (this.cluster.partition(topic, index).leader < 0) {
      const topicPartitions = [{ topic, partitions: [index] }];
      await this.cluster.run(this.cluster.active.electLeaders({ electionType: 1, topicPartitions, timeoutMs: 1 }));
    }
    for (let round = 0; round < 3; round++) {
      const { leader, replicas } = this.cluster.partition(topic, index);
      await this.cluster.proposeIsr(topic, index, [leader, ...replicas.filter((id) => id !== leader)]);
    }
  }
}
