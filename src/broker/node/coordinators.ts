// The coordinators of this node. The list here is the one place to add one to: from it follow the internal topics that are
// made, what FindCoordinator answers, who hears the metadata, and who is told of the end of a transaction.
import { type AutoCreationSettings, AutoTopicCreation, type CoordinatorKind } from '../../api-handlers/index.ts';
import type { Coordinator, CurrentConfigs, InternalTopic, TransactionMarker } from '../../coordinator-common/index.ts';
import {
  consumerOffsets,
  type GroupCoordinator,
  groupCoordinatorConfig,
  makeGroupCoordinator,
  type ShareStates,
} from '../../group-coordinator/index.ts';
import type { MetadataDelta, MetadataImage, MetadataPublisher } from '../../kraft/metadata/index.ts';
import type { Peers } from '../../protocol/index.ts';
import type { ReplicaManager, TransactionVerifier } from '../../replication/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import {
  makeShareCoordinator,
  type ShareCoordinator,
  shareCoordinatorConfig,
  shareGroupState,
} from '../../share-coordinator/index.ts';
import {
  makeTransactionCoordinator,
  type MarkerWriter,
  type ProducerIds,
  type TransactionCoordinator,
  transactionConfig,
  transactionState,
} from '../../transaction-coordinator/index.ts';
import { ClusterMarkers } from './cluster-markers.ts';
import { CoordinatorHost } from './coordinator-host.ts';
import { PartitionEnds } from './partition-ends.ts';
import { PartitionMarkers } from './partition-markers.ts';
import { ReplicaPartitionWriter } from './partition-writer.ts';
import { CoordinatorVerifier } from './transaction-verification.ts';
import { ShareStatePersister } from './share-state-persister.ts';

export interface CoordinatorParts {
  readonly runtime: Runtime;
  readonly nodeId: number;
  readonly configs: CurrentConfigs;
  readonly replicas: ReplicaManager;
  readonly producerIds: ProducerIds;
  /** The other brokers of the cluster; left out where there are none. */
  readonly peers?: Peers;
  /**
   * How many brokers the cluster is known to get, registered yet or not: a topic that is made before they are all there would
   * have too few replicas for ever. Left out: those that are registered are all.
   */
  readonly leastBrokers?: number;
  /** Left out: transactions are verified with their coordinators. */
  readonly verifier?: TransactionVerifier;
  readonly createTopics: ConstructorParameters<typeof AutoTopicCreation>[1];
}

interface Entry extends CoordinatorKind {
  readonly declared: InternalTopic;
  readonly host: CoordinatorHost | undefined;
}

export class Coordinators implements MetadataPublisher {
  readonly name = 'coordinators';
  readonly groups: CoordinatorHost<GroupCoordinator>;
  readonly transactions: CoordinatorHost<TransactionCoordinator>;
  readonly verifier: TransactionVerifier;
  /** How markers come into the logs of this node. */
  readonly markers: MarkerWriter;
  readonly shares: CoordinatorHost<ShareCoordinator>;
  /** How others reach the share coordinator. */
  readonly shareStates: ShareStatePersister;
  readonly #parts: CoordinatorParts;
  readonly #verifier: CoordinatorVerifier;
  readonly #list: readonly Entry[];

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    const { runtime, nodeId, configs, replicas, producerIds, peers = nobody } = parts;
    const { clock } = runtime;
    const logger = runtime.logger.child('coordinator');
    const image = (): MetadataImage => replicas.image;
    this.markers = new PartitionMarkers({ replicas, coordinators: this, clock, logger });
    const markers = new ClusterMarkers({ nodeId, image, local: this.markers, peers, clock, logger });
    this.transactions = this.#host(transactionState, () =>
      makeTransactionCoordinator({
        runtime,
        config: () => configs.current(transactionConfig),
        writer: this.#writer(transactionState),
        partitionCount: () => replicas.image.topics.byName.get(transactionState.name)?.partitions.length,
        producerIds,
        markers,
      }),
    );
    this.#verifier = new CoordinatorVerifier({
      nodeId,
      host: this.transactions,
      image,
      peers,
      clock,
      logger,
      config: () => configs.current(transactionConfig),
    });
    this.verifier = parts.verifier ?? this.#verifier;
    this.shareStates = this.#persister();
    this.groups = this.#host(consumerOffsets, () =>
      makeGroupCoordinator({
        runtime: parts.runtime,
        config: () => parts.configs.current(groupCoordinatorConfig),
        writer: this.#writer(consumerOffsets),
        partitionCount: () => parts.replicas.image.topics.byName.get(consumerOffsets.name)?.partitions.length,
        shareStates: this.#shareStatesOfGroups(),
      }),
    );
    this.shares = this.#host(shareGroupState, () =>
      makeShareCoordinator({
        runtime: parts.runtime,
        config: () => parts.configs.current(shareCoordinatorConfig),
        writer: this.#writer(shareGroupState),
        partitionCount: () => parts.replicas.image.topics.byName.get(shareGroupState.name)?.partitions.length,
      }),
    );
    this.#list = [
      entry(0, consumerOffsets, this.groups),
      entry(1, transactionState, this.transactions),
      entry(2, shareGroupState, this.shares),
    ];
  }

  get kinds(): readonly CoordinatorKind[] {
    return this.#list;
  }

  /** How internal topics are made when somebody asks for them. */
  get internalTopics(): AutoCreationSettings['internalTopics'] {
    const { configs, replicas, leastBrokers = 1 } = this.#parts;
    return Object.fromEntries(
      this.#list.map(({ topic, declared }) => [
        topic,
        () => {
          const settings = declared.settings(configs);
          // Kafka's defaults ask for three replicas, and nothing works until there are three brokers; every container of it
          // sets them to one. Here as many as the cluster has brokers for do; until those are there the controller refuses.
          const brokers = Math.max(leastBrokers, replicas.image.cluster.brokers.size);
          return { ...settings, replicationFactor: Math.min(settings.replicationFactor, brokers) };
        },
      ]),
    );
  }

  publish(delta: MetadataDelta, image: MetadataImage): void {
    this.#verifier.metadataChanged(delta);
    for (const { host } of this.#list) host?.publish(delta, image);
  }

  /** Requests are answered: from now on there is time for what can wait. */
  serve(): void {
    for (const { host } of this.#list) host?.serve();
  }

  /**
   * Ends a transaction on a partition of an internal topic through its coordinator, which hears it. undefined: no coordinator
   * runs on that topic, and the marker goes to the log like any other. Rejects as Coordinator.endTransaction does.
   */
  endTransaction(topic: string, partition: number, marker: TransactionMarker): Promise<void> | undefined {
    const host = this.#list.find((one) => one.topic === topic)?.host;
    return host?.coordinator().then((coordinator) => coordinator.endTransaction(partition, marker));
  }

  /** Requests that wait for others and not for the log are answered: the node is about to stop. */
  endWaits(): void {
    for (const { host } of this.#list) host?.endWaits();
  }

  close(): void {
    this.shareStates.close();
    for (const { host } of this.#list) host?.close();
  }

  #persister(): ShareStatePersister {
    const { runtime, nodeId, replicas, peers = nobody, createTopics } = this.#parts;
    const { name } = shareGroupState;
    const creation = new AutoTopicCreation(
      { isEnabled: () => true, internalTopics: { [name]: () => this.internalTopics[name]?.() ?? NO_SETTINGS } },
      createTopics,
      runtime.logger.child('coordinator'),
    );
    return new ShareStatePersister({
      nodeId,
      clock: runtime.clock,
      image: () => replicas.image,
      peers,
      coordinator: () => this.shares.coordinator(),
      createTopic: () => creation.create([name]),
    });
  }

  #shareStatesOfGroups(): ShareStates {
    const { nodeId, replicas, peers = nobody } = this.#parts;
    const states = this.shareStates;
    const ends = new PartitionEnds({ nodeId, replicas, peers });
    return {
      initializeState: (request, isWanted) => states.initializeState(request, isWanted),
      deleteState: (request) => states.deleteState(request),
      readStateSummary: (request) => states.readStateSummary(request),
      partitionEnds: (asked) => ends.of(asked),
    };
  }

  #host<C extends Coordinator>({ name }: InternalTopic, make: () => Promise<C>): CoordinatorHost<C> {
    const { nodeId, runtime } = this.#parts;
    return new CoordinatorHost({ nodeId, topic: name, logger: runtime.logger.child('coordinator'), make });
  }

  #writer({ name }: InternalTopic): ReplicaPartitionWriter {
    const { replicas, runtime } = this.#parts;
    return new ReplicaPartitionWriter({ replicas, topic: name, clock: runtime.clock, verifier: this.verifier });
  }
}

const nobody: Peers = { to: () => undefined, open: () => undefined };
/** As the cluster makes topics. */
const NO_SETTINGS = { partitions: -1, replicationFactor: -1, configs: {} };

function entry(keyType: number, declared: InternalTopic, host: CoordinatorHost | undefined): Entry {
  return { keyType, topic: declared.name, isServed: host !== undefined, declared, host };
}
