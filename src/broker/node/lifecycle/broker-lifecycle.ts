// How this broker is known to the cluster: it registers, says in each interval that it lives and how far it has read the metadata,
// and gives its leaderships away before it goes (Kafka: BrokerLifecycleManager, BrokerRegistrationTracker). What is said when
// is lifecycle-state.ts; here it is said.
import type { ControllerChannel } from '../../../api-handlers/index.ts';
import {
  type BrokerRegistration as RegisteredBroker,
  hasCordonedDirectories,
  hasDirectoryAssignment,
  type MetadataDelta,
  type MetadataImage,
  type MetadataPublisher,
  SUPPORTED_FEATURES,
} from '../../../kraft/metadata/index.ts';
import { type ErrorCode, Errors, errorName, KafkaError } from '../../../protocol/index.ts';
import { BrokerRegistration } from '../../../protocol/messages/62-broker-registration.ts';
import { BrokerHeartbeat } from '../../../protocol/messages/63-broker-heartbeat.ts';
import type { Clock, Logger, Timer } from '../../../runtime/index.ts';
import { type ProtectedEndpoint, registeredEndpoint } from '../../configs/listener-security.ts';
import { LifecycleState, type LifecycleTimes, type NextWord } from './lifecycle-state.ts';
import { RegistrationError, registrationFault } from './registration-error.ts';

/** BrokerServer waits so long for the controller to let it go. */
const LONGEST_SHUTDOWN_MS = 5 * 60 * 1000;

export interface BrokerFacts {
  readonly nodeId: number;
  readonly clusterId: string;
  /** Made anew with every start. */
  readonly incarnationId: string;
  readonly listeners: readonly ProtectedEndpoint[];
  readonly rack: string | null;
  readonly previousBrokerEpoch: number;
  /** Ids of the log directories that can be used. */
  readonly logDirs: readonly string[];
}

export interface BrokerLifecycleOptions {
  readonly controller: ControllerChannel;
  readonly facts: BrokerFacts;
  readonly times: LifecycleTimes & {
    /** initial.broker.registration.timeout.ms */
    readonly registrationTimeoutMs: number;
    /** log.dir.failure.timeout.ms */
    readonly directoryFailureMs: number;
  };
  /** The controller could not be told of a failed log directory for as long: it may have this broker lead what is lost. */
  readonly untold: (error: Error) => void;
  readonly image: () => MetadataImage;
  /** The offset up to which this node has read the metadata log. */
  readonly appliedOffset: () => number;
  /** Nobody but this process decides about this broker: heartbeats are said when there is something to say. */
  readonly isAlone: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Waiter {
  readonly isMet: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class BrokerLifecycle implements MetadataPublisher {
  readonly name = 'broker lifecycle';
  readonly #options: BrokerLifecycleOptions;
  readonly #state: LifecycleState;
  #offlineLogDirs: readonly string[] = [];
  #cordonedLogDirs: readonly string[] = [];
  /** Of those that have failed: how many the controller has been told of. */
  #toldLogDirs = 0;
  #timer: Timer | undefined;
  #waiters: Waiter[] = [];
  #registrationEndMs = Number.POSITIVE_INFINITY;
  #wasFenced = true;
  /** The metadata here says that clients may be told of this broker. */
  #isShown = false;
  /** The metadata.version of when the broker last said what it can say. */
  #toldAtLevel = -1;
  /** Alone, and with nothing to say: no heartbeat is planned. */
  #isQuiet = false;

  constructor(options: BrokerLifecycleOptions) {
    this.#options = options;
    this.#state = new LifecycleState(options.times);
  }

  /** -1 until the broker is registered. */
  get brokerEpoch(): number {
    return this.#state.brokerEpoch;
  }
  get phase(): LifecycleState['phase'] {
    return this.#state.phase;
  }

  /**
   * Registers; resolves when the controller has taken the broker. Rejects with RegistrationError when it does not within
   * initial.broker.registration.timeout.ms, or will not.
   */
  register(): Promise<void> {
    if (this.#state.phase === 'shutting down') return Promise.reject(stopping());
    const nowMs = this.#now();
    this.#registrationEndMs = nowMs + this.#options.times.registrationTimeoutMs;
    this.#state.start(nowMs);
    const registered = this.#until(() => this.#state.isRegistered);
    this.#advance();
    return registered;
  }

  /**
   * Logs and image are there; resolves when the controller lets the broker lead, and the metadata here shows it: the only broker would
   * tell clients of none until then, upon which librdkafka may forget all it knows, for ever (its issue 5301).
   */
  unfence(): Promise<void> {
    if (this.#state.phase === 'shutting down') return Promise.reject(stopping());
    this.#state.readyToUnfence(this.#now());
    const unfenced = this.#until(() => this.#state.phase === 'running' && this.#isShown);
    this.#advance();
    return unfenced;
  }

  /** The controller learns which log directories have failed (KIP-858), by their ids; all since the start. */
  directoriesFailed(offlineLogDirs: readonly string[]): void {
    this.#offlineLogDirs = offlineLogDirs;
    this.#limitSilence(offlineLogDirs.length);
    if (this.#state.isRegistered) this.#speakNow();
  }

  /** The controller learns, by their ids, into which log directories no new replicas are to come (KIP-1066). */
  directoriesCordoned(cordonedLogDirs: readonly string[]): void {
    this.#cordonedLogDirs = cordonedLogDirs;
    if (this.#state.isRegistered) this.#speakNow();
  }

  /** `count`: of the directories that the controller has to know of in time (Kafka: BrokerLifecycleManager.OfflineDirEvent). */
  #limitSilence(count: number): void {
    const { clock, times, untold, facts } = this.#options;
    clock.schedule(times.directoryFailureMs, () => {
      if (this.#toldLogDirs >= count || this.#state.phase === 'shutting down') return;
      untold(
        new RegistrationError(
          `node ${facts.nodeId} could not tell the controller of a failed log directory in ${times.directoryFailureMs} ms ` +
            '(log.dir.failure.timeout.ms): it ends, so that others can lead what was there',
        ),
      );
    });
  }

  /** Another controller is the active one: it knows nothing of this broker until it hears from it. */
  controllerChanged(): void {
    if (this.#state.isRegistered && !this.#options.isAlone()) this.#speakNow();
  }

  /**
   * Gives the leaderships away (KIP-631). Resolves when the controller lets the broker go, or when it cannot be waited for any
   * longer: `longestMs` without a word of it, or Kafka's five minutes.
   */
  async shutDown(longestMs: number): Promise<void> {
    const { clock, logger } = this.#options;
    this.#state.wantShutDown(this.#now());
    const untilMs = this.#now() + LONGEST_SHUTDOWN_MS;
    let isOver = false;
    const approved = this.#until(() => this.#state.phase === 'shutting down').catch(() => undefined);
    void approved.then(() => (isOver = true));
    this.#advance();
    let silentSinceMs = this.#now();
    while (!isOver) {
      let timer: Timer | undefined;
      const pause = new Promise<void>((resolve) => (timer = clock.schedule(Math.min(longestMs, 1000), resolve)));
      await Promise.race([approved, pause]);
      timer?.cancel();
      if (this.#state.failures === 0) silentSinceMs = this.#now();
      if (!isOver && (this.#now() - silentSinceMs >= longestMs || this.#now() >= untilMs)) {
        logger.log('warn', 'the controller has not let this broker go; it goes all the same', {
          brokerId: this.#options.facts.nodeId,
        });
        break;
      }
    }
    this.close();
  }

  /** Nothing is said any more. */
  close(): void {
    this.#state.close();
    this.#timer?.cancel();
    const error = stopping();
    for (const waiter of this.#waiters.splice(0))
      if (!waiter.isMet()) waiter.reject(error);
      else waiter.resolve();
  }

  publish(delta: MetadataDelta, image: MetadataImage): void {
    const { nodeId } = this.#options.facts;
    const isFenced = image.cluster.brokers.get(nodeId)?.isFenced === true;
    if (isFenced && !this.#wasFenced && this.#state.phase === 'running') {
      this.#options.logger.log(
        'warn',
        'this broker has been fenced: it leads nothing until the controller hears of it',
      );
      // A controller that took us for dead while we were only slow learns at once that we are not.
      this.#speakNow();
    }
    this.#wasFenced = isFenced;
    this.#showsUnfenced(image.cluster.brokers.get(nodeId));
    // Others have joined a node that was alone; or one of them wants to go, and waits until all have heard of it.
    const isAsked = (this.#isQuiet && !this.#options.isAlone()) || isSomeoneWaiting(delta, image);
    if (isAsked && this.#state.phase === 'running') this.#speakNow();
    const before = this.#toldAtLevel;
    const level = image.features.metadataVersion;
    if (before === level || this.#state.brokerEpoch < 0) return;
    this.#toldAtLevel = level;
    const isNew = (has: (level: number) => boolean): boolean => has(level) && !has(before);
    if (isNew(hasDirectoryAssignment)) this.#state.registerAgain(this.#now());
    if (isNew(hasDirectoryAssignment) || isNew(hasCordonedDirectories)) this.#speakNow();
  }

  #showsUnfenced(self: RegisteredBroker | undefined): void {
    // What is said of the process before this one does not count: it is fenced as soon as this one registers.
    const isShown = self?.isFenced === false && self.incarnationId === this.#options.facts.incarnationId;
    const isNew = isShown && !this.#isShown;
    this.#isShown = isShown;
    if (isNew) this.#advance();
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }

  #speakNow(): void {
    this.#state.speakSoon(this.#now());
    this.#advance();
  }

  #until(isMet: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.push({ isMet, resolve, reject }));
  }

  #advance(): void {
    const met = this.#waiters.filter((waiter) => waiter.isMet());
    this.#waiters = this.#waiters.filter((waiter) => !waiter.isMet());
    for (const waiter of met) waiter.resolve();
    this.#timer?.cancel();
    this.#timer = undefined;
    const word = this.#state.next(this.#now());
    if (word.kind !== 'wait') return void this.#say(word);
    if (word.untilMs === Number.POSITIVE_INFINITY) return;
    this.#isQuiet = this.#state.phase === 'running' && this.#state.failures === 0 && this.#options.isAlone();
    if (!this.#isQuiet) this.#timer = this.#options.clock.schedule(word.untilMs - this.#now(), () => this.#advance());
  }

  async #say(word: Exclude<NextWord, { kind: 'wait' }>): Promise<void> {
    try {
      if (word.kind === 'register') await this.#register();
      else await this.#heartbeat(word);
    } catch (error) {
      this.#failed(word.kind, error);
    }
    this.#advance();
  }

  #failed(kind: 'register' | 'heartbeat', error: unknown): void {
    const { logger, facts } = this.#options;
    const code: ErrorCode = error instanceof KafkaError ? error.code : Errors.UNKNOWN_SERVER_ERROR;
    const reason = error instanceof KafkaError ? `${errorName(code)}: ${error.message}` : String(error);
    this.#state.failed(code, this.#now());
    if (this.#state.failures === 1 && this.#state.phase !== 'shutting down') {
      const what = kind === 'register' ? 'the controller has not taken this broker' : 'a heartbeat was not taken';
      logger.log('warn', `${what}; it is tried again`, { brokerId: facts.nodeId, reason });
    }
    const { phase } = this.#state;
    if (phase !== 'starting' && phase !== 'recovery') return;
    // Alone, the controller is in this process: it has no other disk to write to, and nobody else will come.
    const isFinal = this.#options.isAlone() && error instanceof Error;
    const isTimeOver = this.#now() >= this.#registrationEndMs;
    const fault = isFinal
      ? error
      : kind === 'register'
        ? registrationFault(code, facts, reason, isTimeOver)
        : undefined;
    if (fault === undefined) return;
    this.#state.close();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(fault);
  }

  async #register(): Promise<void> {
    const { controller, facts, image } = this.#options;
    this.#toldAtLevel = image().features.metadataVersion;
    const { brokerEpoch = -1 } = await controller.send(BrokerRegistration, {
      brokerId: facts.nodeId,
      clusterId: facts.clusterId,
      incarnationId: facts.incarnationId,
      listeners: facts.listeners.map(registeredEndpoint),
      features: [...SUPPORTED_FEATURES],
      rack: facts.rack,
      isMigratingZkBroker: false,
      logDirs: facts.logDirs.filter((id) => !this.#offlineLogDirs.includes(id)),
      previousBrokerEpoch: facts.previousBrokerEpoch,
    });
    this.#state.registered(brokerEpoch, this.#now());
  }

  async #heartbeat({ wantFence, wantShutDown }: { wantFence: boolean; wantShutDown: boolean }): Promise<void> {
    const { controller, facts, appliedOffset } = this.#options;
    const offlineLogDirs = [...this.#offlineLogDirs];
    const { isFenced = true, shouldShutDown } = await controller.send(BrokerHeartbeat, {
      brokerId: facts.nodeId,
      brokerEpoch: this.#state.brokerEpoch,
      currentMetadataOffset: appliedOffset(),
      wantFence,
      wantShutDown,
      offlineLogDirs,
      cordonedLogDirs: [...this.#cordonedLogDirs],
    });
    this.#toldLogDirs = offlineLogDirs.length;
    this.#state.heartbeatAnswered({ isFenced, shouldShutDown }, this.#now());
  }
}

function stopping(): RegistrationError {
  return new RegistrationError('the node is stopping');
}

/**
 * A broker has begun its controlled shutdown, or its partitions are on their way to others, which may take many publications: it may
 * go when all have read the last one.
 */
function isSomeoneWaiting({ base, changedTopics }: MetadataDelta, { cluster }: MetadataImage): boolean {
  if (base.cluster === cluster && changedTopics.size === 0) return false;
  for (const { id, isFenced, isInControlledShutdown } of cluster.brokers.values()) {
    if (!isInControlledShutdown || isFenced) continue;
    if (changedTopics.size > 0 || base.cluster.brokers.get(id)?.isInControlledShutdown === false) return true;
  }
  return false;
}
