// One node of the world of coordinators: the coordinators of a broker, how they reach others and are reached, over replicas that
// are a model. What it knows of the cluster it is told late.
import { addPartitionsToTxn } from '../../../src/api-handlers/24-add-partitions-to-txn.ts';
import { writeTxnMarkers } from '../../../src/api-handlers/27-write-txn-markers.ts';
import { ClusterPeers } from '../../../src/broker/network/cluster-peers.ts';
import { ClusterMarkers } from '../../../src/broker/node/cluster-markers.ts';
import { CoordinatorHost } from '../../../src/broker/node/coordinator-host.ts';
import { CoordinatorVerifier } from '../../../src/broker/node/transaction-verification.ts';
import { groupCoordinatorConfig } from '../../../src/group-coordinator/index.ts';
import { GroupCoordinator } from '../../../src/group-coordinator/group-coordinator.ts';
import { deltaFromNothing, type MetadataDelta, MetadataImage } from '../../../src/kraft/metadata/index.ts';
import { type ApiSchema, codecOf, KafkaError, Errors, partitionForId } from '../../../src/protocol/index.ts';
import { AddPartitionsToTxn } from '../../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { WriteTxnMarkers } from '../../../src/protocol/messages/27-write-txn-markers.ts';
import { type Logger, parseConfigs, randomInt } from '../../../src/runtime/index.ts';
import type { SimMachine } from '../../../src/runtime/sim/index.ts';
import { type MarkerToWrite, type ProducerIds, transactionConfig } from '../../../src/transaction-coordinator/index.ts';
import { TransactionCoordinator } from '../../../src/transaction-coordinator/transaction-coordinator.ts';
import { type PeerRequest, ScriptedPeer } from '../../protocol/scripted-peer.ts';
import type { ReplicatedPartition } from './replicated-partition.ts';
import { ReplicatedWriter } from './replicated-writer.ts';

export const PORT = 9092;
export const GONE: unique symbol = Symbol('the process has ended');
export const TRANSACTIONS = '__transaction_state';
export const OFFSETS = '__consumer_offsets';

/** What a node has to do with the world. */
export interface BrokerWorld {
  readonly internal: ReadonlyMap<string, readonly ReplicatedPartition[]>;
  readonly producerIds: ProducerIds;
  readonly logger: Logger;
  appended(partition: ReplicatedPartition): void;
  /** A marker has come for a partition of the data that the node leads, or it does not. */
  mark(nodeId: number, partition: number, marker: MarkerToWrite): Promise<number>;
  /** A marker is about to be written anywhere. */
  markerSent(marker: MarkerToWrite): void;
}

const configOf = <T extends typeof transactionConfig | typeof groupCoordinatorConfig>(
  declared: T,
  entries: Readonly<Record<string, string>>,
) => parseConfigs(declared, new Map(Object.entries(entries)));

/** A process of the node: it lives from a start to a crash. */
export class SimBroker {
  readonly id: number;
  readonly machine: SimMachine;
  readonly #world: BrokerWorld;
  image = MetadataImage.empty;
  isUp = true;
  /** Resolves when the process ends. */
  readonly gone: Promise<typeof GONE>;
  #tellGone: (gone: typeof GONE) => void = () => undefined;
  readonly peers: ClusterPeers;
  readonly transactions: CoordinatorHost<TransactionCoordinator>;
  readonly groups: CoordinatorHost<GroupCoordinator>;
  readonly verifier: CoordinatorVerifier;

  constructor(id: number, machine: SimMachine, world: BrokerWorld) {
    this.gone = new Promise((resolve) => (this.#tellGone = resolve));
    this.id = id;
    this.machine = machine;
    this.#world = world;
    const { runtime } = machine;
    const { clock, random } = runtime;
    const { logger, producerIds } = world;
    const image = (): MetadataImage => this.image;
    const software = { name: 'ottla', version: '1' };
    this.peers = new ClusterPeers({ runtime, nodeId: id, software, image, listenerName: 'PLAINTEXT' });
    const local = { write: (topic: string, index: number, marker: MarkerToWrite) => this.#mark(topic, index, marker) };
    const { peers } = this;
    const markers = new ClusterMarkers({ nodeId: id, image, local, peers, clock, logger });
    const config = configOf(transactionConfig, {
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
    }) as ReturnType<typeof parseConfigs<typeof transactionConfig>>;
    this.transactions = new CoordinatorHost({
      nodeId: id,
      topic: TRANSACTIONS,
      logger,
      make: async () =>
        new TransactionCoordinator({
          runtime: { clock, logger },
          config: () => config,
          writer: this.#writer(TRANSACTIONS),
          partitionCount: () => world.internal.get(TRANSACTIONS)?.length,
          producerIds,
          markers,
        }),
    });
    this.verifier = new CoordinatorVerifier({
      nodeId: id,
      host: this.transactions,
      image,
      peers,
      clock,
      logger,
      config: () => config,
    });
    const groupConfig = configOf(groupCoordinatorConfig, {}) as ReturnType<
      typeof parseConfigs<typeof groupCoordinatorConfig>
    >;
    this.groups = new CoordinatorHost({
      nodeId: id,
      topic: OFFSETS,
      logger,
      make: async () =>
        new GroupCoordinator({
          runtime: { clock, random, logger },
          config: () => groupConfig,
          writer: this.#writer(OFFSETS),
          partitionCount: () => world.internal.get(OFFSETS)?.length,
        }),
    });
  }

  #writer(topic: string): ReplicatedWriter {
    const { clock, random } = this.machine.runtime;
    return new ReplicatedWriter({
      nodeId: this.id,
      clock,
      partitions: this.#world.internal.get(topic) ?? [],
      verifier: () => this.verifier,
      appended: (partition) => this.#world.appended(partition),
      readDelayMs: () => randomInt(random, 0, 30),
      isAlive: () => this.isUp,
    });
  }

  /** Answers other nodes from now on. */
  async start(image: MetadataImage): Promise<void> {
    const { network } = this.machine;
    const peer = new ScriptedPeer(network, PORT);
    peer.versions = [AddPartitionsToTxn, WriteTxnMarkers].map(({ key, versions }) => ({
      apiKey: key,
      minVersion: versions[0],
      maxVersion: versions[1],
    }));
    peer.script = (request) => void this.#answer(request);
    await peer.listen();
    this.hear(deltaFromNothing(image), image);
    this.transactions.serve();
    this.groups.serve();
  }

  /** In the order of a broker: its replicas first. */
  hear(delta: MetadataDelta, image: MetadataImage): void {
    this.image = image;
    for (const { name, changedPartitions } of delta.changedTopics.values()) {
      const partitions = this.#world.internal.get(name);
      for (const [index, state] of changedPartitions) partitions?.[index]?.hear(this.id, state);
    }
    this.verifier.metadataChanged(delta);
    this.transactions.publish(delta, image);
    this.groups.publish(delta, image);
  }

  crash(): void {
    this.isUp = false;
    this.#tellGone(GONE);
    this.machine.crash('kill');
    for (const partitions of this.#world.internal.values()) {
      for (const partition of partitions) partition.replica(this.id).crash();
    }
  }

  /** Who leads the partition of an internal topic, as far as this node knows. */
  coordinatorOf(topic: string, key: string): number {
    const partitions = this.image.topics.byName.get(topic)?.partitions ?? [];
    return partitions[partitionForId(key, partitions.length)]?.leader ?? -1;
  }

  async #answer(request: PeerRequest): Promise<void> {
    const [api, handler] =
      request.apiKey === AddPartitionsToTxn.key
        ? [
            AddPartitionsToTxn as ApiSchema,
            addPartitionsToTxn(await this.transactions.coordinator(), { image: () => this.image } as never),
          ]
        : [
            WriteTxnMarkers as ApiSchema,
            writeTxnMarkers({ write: (topic, index, marker) => this.#mark(topic, index, marker) }),
          ];
    const asked = codecOf(api.request, request.version).decode(request.reader);
    const context = { apiVersion: request.version } as never;
    const answer = await handler.handle(asked as never, context);
    if (this.isUp) request.connection.answer(api, request, answer as object);
  }

  async #mark(topic: string, index: number, marker: MarkerToWrite): Promise<number> {
    this.#world.markerSent(marker);
    if (topic !== OFFSETS) return this.#world.mark(this.id, index, marker);
    try {
      await (await this.groups.coordinator()).endTransaction(index, marker);
      return Errors.NONE;
    } catch (error) {
      if (error instanceof KafkaError) return error.code;
      throw error;
    }
  }
}
