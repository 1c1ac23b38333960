// The broker: its parts, all of them whole, from the first answer to the last. The ports can outlive the node and go on to
// one that takes its place.
import { brokerHandlers, type ControllerChannel, controllerHandlers } from '../../api-handlers/index.ts';
import { consumerOffsets } from '../../group-coordinator/index.ts';
import type { GroupSnapshot } from '../../group-coordinator/snapshots/index.ts';
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import type { DirectoryFailure } from '../../log/index.ts';
import { errorName, Errors, KafkaError } from '../../protocol/index.ts';
import type { DescribeTransactionsResponse } from '../../protocol/messages/65-describe-transactions.ts';
import { transactionState } from '../../transaction-coordinator/index.ts';
import type { Settings } from '../configs/settings.ts';
import type { Listener } from '../network/listener.ts';
import type { SocketServer } from '../network/socket-server.ts';
import type { PushedMetrics } from '../telemetry/pushed-metrics.ts';
import { handlerParts } from './handler-parts.ts';
import { type BrokerNodeOptions, type StartedParts, startParts } from './node-start.ts';

export type { BrokerNodeOptions } from './node-start.ts';

const EVERY_TRANSACTION = {
  stateFilters: [],
  producerIdFilters: [],
  durationFilter: -1,
  transactionalIdPattern: null,
};

export class BrokerNode {
  readonly #parts: StartedParts;
  readonly #onFailure: (error: Error) => void;
  #closing: Promise<void> | undefined;

  private constructor(parts: StartedParts, onFailure: (error: Error) => void) {
    this.#parts = parts;
    this.#onFailure = onFailure;
    parts.metadataFailures.listen((error) => this.#fail(error));
    parts.directoryFailures.listen((failure) => this.#directoryFailed(failure));
  }

  /** Starts a broker that can change its metadata and answers no client until `serve`. */
  static async open(options: BrokerNodeOptions): Promise<BrokerNode> {
    return new BrokerNode(await startParts(options), options.onFailure ?? (() => undefined));
  }

  /** Starts a broker; it serves when this resolves. */
  static async start(options: BrokerNodeOptions): Promise<BrokerNode> {
    const node = await BrokerNode.open(options);
    node.serve();
    return node;
  }

  get settings(): Settings {
    return this.#parts.settings;
  }
  get socketServer(): SocketServer {
    return this.#parts.socketServer;
  }
  get clusterId(): string {
    return this.#parts.metadata.clusterId;
  }
  /** The address of the first listener. */
  get host(): string {
    return this.#firstListener.host;
  }
  get port(): number {
    return this.#firstListener.port;
  }
  /** All transactions of the partitions that are led here. Rejects with an Error while they are loaded. */
  async transactions(): Promise<DescribeTransactionsResponse['transactionStates']> {
    if (!this.image.topics.byName.has(transactionState.name)) return [];
    const coordinator = await this.#parts.coordinators.transactions.coordinator();
    const { errorCode, transactionStates } = await coordinator.listTransactions(EVERY_TRANSACTION);
    if (errorCode !== Errors.NONE) throw new Error(`transactions cannot be told now: ${errorName(errorCode)}`);
    const ids = transactionStates.map(({ transactionalId }) => transactionalId).sort();
    const described = await coordinator.describeTransactions(ids);
    // An id may have expired meanwhile.
    return described.filter(({ errorCode: code }) => code === Errors.NONE);
  }
  /** All groups of the partitions that are led here. Rejects with an Error while they are loaded. */
  async groups(): Promise<readonly GroupSnapshot[]> {
    if (!this.image.topics.byName.has(consumerOffsets.name)) return [];
    const coordinator = await this.#parts.coordinators.groups.coordinator();
    try {
      return await coordinator.snapshots();
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      throw new Error(`groups cannot be told now: ${errorName(error.code)}`, { cause: error });
    }
  }
  get controller(): ControllerChannel {
    return this.#parts.metadata.controller;
  }
  get image(): MetadataImage {
    return this.#parts.metadata.image;
  }
  /** The last push of metrics of each client, as far as they are kept. */
  get clientMetrics(): readonly PushedMetrics[] {
    return this.#parts.telemetry.pushed();
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
    const parts = handlerParts(this.#parts);
    this.socketServer.serve(brokerHandlers(parts), controllerHandlers(parts), this.#parts.stages);
    this.#parts.coordinators.serve();
  }

  /**
   * Stops in an orderly way: what was received is answered, connections end, logs are flushed, the marker of a clean shutdown
   * is written last.
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  /** Stops as `close` does, but keeps the ports for the node that takes its place: connections end, new ones wait for it. */
  async leave(): Promise<SocketServer> {
    this.#closing ??= this.#closeOrderly();
    await this.#closing;
    return this.socketServer;
  }

  get #firstListener(): Listener {
    return this.socketServer.listeners[0] as Listener;
  }

  /** The other directories go on, as long as there are others and the metadata is not lost. */
  #directoryFailed({ path, error }: DirectoryFailure): void {
    const { runtime, directories, metadata } = this.#parts;
    const { logDirs, ids, metadataLogDir } = directories;
    if (logDirs.online.length === 0 || path === metadataLogDir) return this.#fail(error);
    const failed = [...logDirs.failed.keys()].flatMap((one) => ids.get(one) ?? []);
    metadata.registration.directoriesFailed(failed).catch((reason: unknown) => {
      runtime.logger.log('error', 'the controller could not be told of a failed log directory', {
        path,
        reason: String(reason),
      });
    });
  }

  /** The metadata log is lost, or every log directory, or the lock of one: nothing can be promised any more. */
  #fail(error: Error): void {
    if (this.#closing !== undefined) return;
    const { logger } = this.#parts.runtime;
    logger.log('error', 'a directory that the broker cannot do without has failed; the broker stops', {
      error: error.stack ?? error.message,
    });
    this.#closing = this.#closeFailed().catch((reason: unknown) => {
      logger.log('error', 'could not stop in order', { error: String(reason) });
    });
    void this.#closing.then(() => this.#onFailure(error));
  }

  async #closeAll(): Promise<void> {
    await this.socketServer.stopAccepting();
    await this.#closeOrderly();
  }

  /** Ends the node after a failure, without a drain: nothing can be promised any more to requests that wait. */
  async #closeFailed(): Promise<void> {
    await this.socketServer.stopAccepting();
    await this.#closeRooms();
  }

  async #closeOrderly(): Promise<void> {
    const { coordinators, storage } = this.#parts;
    const drained = this.socketServer.drain();
    coordinators.endWaits();
    storage.replicas.endWaits();
    await drained;
    await this.#closeRooms();
  }

  async #closeRooms(): Promise<void> {
    const { coordinators, shareGroups, storage, metadata, locks } = this.#parts;
    shareGroups.close();
    coordinators.close();
    storage.closeReplicas();
    this.socketServer.closeConnections();
    try {
      await metadata.close();
    } finally {
      await storage.closeLogs(metadata.brokerEpoch).finally(() => locks.release());
    }
  }
}
