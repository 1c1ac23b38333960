// A node: its parts, all of them whole, from the first answer to the last. It is a broker, a controller, or both
// (process.roles). The ports can outlive the node and go on to one that takes its place.
import { brokerHandlers, type ControllerChannel } from '../../api-handlers/index.ts';
import { consumerOffsets } from '../../group-coordinator/index.ts';
import type { GroupSnapshot } from '../../group-coordinator/snapshots/index.ts';
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import type { Leadership } from '../../kraft/raft/index.ts';
import type { DirectoryFailure } from '../../log/index.ts';
import { errorName, Errors, KafkaError } from '../../protocol/index.ts';
import type { Partition } from '../../replication/index.ts';
import type { DescribeTransactionsResponse } from '../../protocol/messages/65-describe-transactions.ts';
import { transactionState } from '../../transaction-coordinator/index.ts';
import type { Settings } from '../configs/settings.ts';
import type { Listener } from '../network/listener.ts';
import type { SocketServer } from '../network/socket-server.ts';
import type { PushedMetrics } from '../telemetry/pushed-metrics.ts';
import { type BrokerParts, handlerParts } from './handler-parts.ts';
import type { NodeBase } from './node-base.ts';
import { type BrokerNodeOptions, type StartedNode, startNode } from './node-start.ts';
import { NodePages } from './operator-pages.ts';

export type { BrokerNodeOptions } from './node-start.ts';

const EVERY_TRANSACTION = {
  stateFilters: [],
  producerIdFilters: [],
  durationFilter: -1,
  transactionalIdPattern: null,
};

export class BrokerNode {
  readonly #base: NodeBase;
  /** undefined: the node is a controller alone. */
  readonly #broker: BrokerParts | undefined;
  readonly #onFailure: (error: Error) => void;
  /** undefined without metrics.port. */
  readonly #pages: NodePages | undefined;
  #closing: Promise<void> | undefined;

  private constructor({ base, broker }: StartedNode, pages: NodePages | undefined, onFailure: (error: Error) => void) {
    this.#base = base;
    this.#pages = pages;
    this.#broker = broker;
    this.#onFailure = onFailure;
    base.metadataFailures.listen((error) => this.#fail(error));
    base.directoryFailures.listen((failure) => this.#directoryFailed(failure));
  }

  /** Starts a node that can change its metadata and answers no client until `serve`. */
  static async open(options: BrokerNodeOptions): Promise<BrokerNode> {
    const pages = await NodePages.open(options);
    try {
      const started = await startNode(pages === undefined ? options : { ...options, meter: pages.meter });
      const node = new BrokerNode(started, pages, options.onFailure ?? (() => undefined));
      await pages?.tell(started, () => node.groups());
      return node;
    } catch (error) {
      await pages?.close();
      throw error;
    }
  }

  /** Starts a node; it serves when this resolves. */
  static async start(options: BrokerNodeOptions): Promise<BrokerNode> {
    const node = await BrokerNode.open(options);
    node.serve();
    return node;
  }

  get settings(): Settings {
    return this.#base.settings;
  }
  get socketServer(): SocketServer {
    return this.#base.socketServer;
  }
  get clusterId(): string {
    return this.#base.metadata.clusterId;
  }
  /** The address of the first listener: of a controller alone that of the controller. */
  get host(): string {
    return this.#firstListener.host;
  }
  get port(): number {
    return this.#firstListener.port;
  }
  /** All transactions of the partitions that are led here. Rejects with an Error while they are loaded. */
  async transactions(): Promise<DescribeTransactionsResponse['transactionStates']> {
    if (this.#broker === undefined || !this.image.topics.byName.has(transactionState.name)) return [];
    const coordinator = await this.#broker.coordinators.transactions.coordinator();
    const { errorCode, transactionStates } = await coordinator.listTransactions(EVERY_TRANSACTION);
    if (errorCode !== Errors.NONE) throw new Error(`transactions cannot be told now: ${errorName(errorCode)}`);
    const ids = transactionStates.map(({ transactionalId }) => transactionalId).sort();
    const described = await coordinator.describeTransactions(ids);
    // An id may have expired meanwhile.
    return described.filter(({ errorCode: code }) => code === Errors.NONE);
  }
  /** All groups of the partitions that are led here. Rejects with an Error while they are loaded. */
  async groups(): Promise<readonly GroupSnapshot[]> {
    if (this.#broker === undefined || !this.image.topics.byName.has(consumerOffsets.name)) return [];
    const coordinator = await this.#broker.coordinators.groups.coordinator();
    try {
      return await coordinator.snapshots();
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      throw new Error(`groups cannot be told now: ${errorName(error.code)}`, { cause: error });
    }
  }
  get controller(): ControllerChannel {
    return this.#base.metadata.controller;
  }
  get image(): MetadataImage {
    return this.#base.metadata.image;
  }
  /** Who leads the metadata quorum, as far as this node knows. */
  get quorumLeader(): Leadership {
    return this.#base.metadata.raft.leadership;
  }
  /** Who votes in it, as this node's log says. */
  get quorumVoters(): readonly number[] {
    return this.#base.metadata.raft.voters.ids;
  }
  /** What this node holds, for whoever looks into it. */
  get heldPartitions(): Iterable<Partition> {
    return this.#broker?.storage.replicas.partitions() ?? [];
  }
  /** The last push of metrics of each client, as far as they are kept. */
  get clientMetrics(): readonly PushedMetrics[] {
    return this.#broker?.telemetry.pushed() ?? [];
  }
  /** The port of the metrics; undefined where there is none. */
  get metricsPort(): number | undefined {
    return this.#pages?.port;
  }
  /** Memory in which requests are received, wait, or are in process. */
  get requestBytes(): number {
    return this.socketServer.buffers.usedBytes;
  }
  /** Response bytes that no client has taken yet. */
  get unsentBytes(): number {
    return this.socketServer.unsent.total;
  }
  get connectionCount(): number {
    return this.socketServer.connectionCount;
  }

  /** Requests are answered from now on, those that came early first. */
  serve(): void {
    if (this.#broker === undefined) return;
    const apis = brokerHandlers(handlerParts(this.#broker));
    this.socketServer.serve(apis, this.#base.stages, this.#base.meter);
    this.#broker.coordinators.serve();
    this.#pages?.serving(apis);
  }

  /**
   * Stops in an orderly way: what was received is answered, connections end, logs are flushed, the marker of a clean shutdown
   * is written last.
   */
  close(): Promise<void> {
    this.#pages?.stopping();
    this.#closing ??= this.#toTheEnd(this.#closeAll());
    return this.#closing;
  }

  /** Stops as `close` does, without a word to the controller: all of the cluster ends. */
  closeAtOnce(): Promise<void> {
    this.#base.metadata.stopWatching();
    this.#closing ??= this.#toTheEnd(this.socketServer.stopAccepting().then(() => this.#closeOrderly()));
    return this.#closing;
  }

  /** Stops as `close` does, but keeps the ports for the node that takes its place: connections end, new ones wait for it. */
  async leave(): Promise<SocketServer> {
    this.#closing ??= this.#closeOrderly();
    await this.#closing;
    return this.socketServer;
  }

  get #firstListener(): Listener {
    const { listeners, controllerListeners } = this.socketServer;
    return (listeners[0] ?? controllerListeners[0]) as Listener;
  }

  /** The other directories go on, as long as there are others and the metadata is not lost. */
  #directoryFailed({ path, error }: DirectoryFailure): void {
    const { directories } = this.#base;
    const { logDirs, ids, metadataLogDir } = directories;
    if (logDirs.online.length === 0 || path === metadataLogDir) return this.#fail(error);
    const failed = [...logDirs.failed.keys()].flatMap((one) => ids.get(one) ?? []);
    this.#broker?.lifecycle.directoriesFailed(failed);
  }

  /** The metadata log is lost, or every log directory, or the lock of one: nothing can be promised any more. */
  #fail(error: Error): void {
    if (this.#closing !== undefined) return;
    const { logger } = this.#base.runtime;
    logger.log('error', 'a directory that the broker cannot do without has failed; the broker stops', {
      error: error.stack ?? error.message,
    });
    this.#closing = this.#closeFailed().catch((reason: unknown) => {
      logger.log('error', 'could not stop in order', { error: String(reason) });
    });
    void this.#closing.then(() => this.#onFailure(error));
  }

  async #closeAll(): Promise<void> {
    await this.#giveLeadershipsAway();
    await this.socketServer.stopAccepting();
    await this.#closeOrderly();
  }

  /** While others can take over, clients are served to the end (controlled.shutdown.enable). */
  async #giveLeadershipsAway(): Promise<void> {
    const { settings, metadata } = this.#base;
    const lifecycle = this.#broker?.lifecycle;
    if (lifecycle === undefined || metadata.isAlone || !settings.broker.controlledShutdownEnable) return;
    // A broker that cannot reach a controller for as long is taken for dead, and goes without leave.
    await lifecycle.shutDown(metadata.sessionTimeoutMs);
  }

  /** Sockets are closed before the quorum has been told and the logs are written: they keep no process alive any more. */
  async #toTheEnd(closing: Promise<void>): Promise<void> {
    const release = this.#base.runtime.stayAwake?.();
    await closing.finally(release);
  }

  /** Ends the node after a failure, without a drain: nothing can be promised any more to requests that wait. */
  async #closeFailed(): Promise<void> {
    await this.socketServer.stopAccepting();
    await this.#closeRooms();
  }

  async #closeOrderly(): Promise<void> {
    const drained = this.socketServer.drain();
    this.#broker?.coordinators.endWaits();
    this.#broker?.storage.replicas.endWaits();
    this.#base.metadata.endWaits();
    await drained;
    await this.#closeRooms();
  }

  async #closeRooms(): Promise<void> {
    const { metadata, locks, controllerRegistration } = this.#base;
    this.#pages?.stopping();
    controllerRegistration?.close();
    this.#closeBroker();
    this.socketServer.closeConnections();
    try {
      await metadata.close();
    } finally {
      await this.#closeLogs().finally(() => locks.release());
      await this.#pages?.close();
    }
  }

  #closeBroker(): void {
    if (this.#broker === undefined) return;
    const { coordinators, shareGroups, storage, lifecycle, peers } = this.#broker;
    lifecycle.close();
    shareGroups.close();
    coordinators.close();
    storage.closeReplicas();
    peers.close();
  }

  async #closeLogs(): Promise<void> {
    await this.#broker?.storage.closeLogs(this.#broker.lifecycle.brokerEpoch);
  }
}
