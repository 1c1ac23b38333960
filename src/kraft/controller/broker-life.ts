// The brokers of the cluster as the active controller watches them: what they are registered as, when they were heard, and
// whether they are to be fenced (the heartbeat half of Kafka's ClusterControlManager and ReplicationControlManager).
//
// Who watches the brokers does it together with the node around the controller:
// - `register` and `heartbeat` may come with the connection over which they were sent (ControllerRequestContext). When the last
//   one of an unfenced broker closes, `onBrokerCutOff` is told. Nothing else happens: a closed connection alone is no death.
// - Whoever then finds that the broker's port refuses calls `gone`, which fences it without waiting for its session.
// - A new incarnation of a broker is accepted at once when the old one has said that it stops, or its connection is closed, or
//   it has not been heard by this controller and the new one listens where it did.
// - Where the connection of the old one seems to be whole its machine is asked first whether it still knows it: one that has lost
//   its power and is back does not, and the old incarnation is dead. The machine of one that is held up does, and one that is cut
//   off says nothing: then the new incarnation waits for the end of the session, as with Kafka.
import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
} from '../../protocol/messages/62-broker-registration.ts';
import type { BrokerHeartbeatRequest, BrokerHeartbeatResponse } from '../../protocol/messages/63-broker-heartbeat.ts';
import type {
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
} from '../../protocol/messages/64-unregister-broker.ts';
import type { BrokerRegistration } from '../metadata/index.ts';
import { brokerHeartbeat, fenceBroker } from './cluster/broker-heartbeat.ts';
import { unregisterBroker } from './cluster/broker-removal.ts';
import { BrokerSessions } from './cluster/broker-sessions.ts';
import { isAtSamePlace, registerBroker } from './cluster/cluster-control.ts';
import type { ControllerRequestContext } from './controller-operations.ts';
import type { ControllerOptions } from './controller-options.ts';
import type { OperationRunner } from './operation-runner.ts';

export class BrokerLife {
  readonly #options: ControllerOptions;
  readonly #runner: OperationRunner;
  readonly #sessions: BrokerSessions;
  /** The offsets of broker registrations that this controller has seen: a broker must have read its own to be unfenced. */
  readonly #registrationOffsets = new Map<number, number>();

  constructor(options: ControllerOptions, runner: OperationRunner) {
    this.#options = options;
    this.#runner = runner;
    this.#sessions = new BrokerSessions({
      clock: options.clock,
      timeoutMs: options.intervals.brokerSessionTimeoutMs,
      ownBrokerId: options.nodeId,
      onExpired: (brokerId) => this.#expired(brokerId),
      onCutOff: (brokerId, brokerEpoch) => this.#cutOff(brokerId, brokerEpoch),
    });
  }

  /** This controller is the active one from now on. */
  begin(): void {
    for (const broker of this.#brokers.values()) {
      if (!broker.isFenced) this.#sessions.assumeAlive(broker.id, broker.epoch);
    }
  }

  end(): void {
    this.#sessions.clear();
    this.#registrationOffsets.clear();
  }

  get #brokers(): ReadonlyMap<number, BrokerRegistration> {
    return this.#runner.image.cluster.brokers;
  }

  /** The registered broker is fenced until its heartbeats say otherwise. */
  register(request: BrokerRegistrationRequest, context: ControllerRequestContext): Promise<BrokerRegistrationResponse> {
    const { brokerId, incarnationId } = request;
    const existing = this.#brokers.get(brokerId);
    const isRefused =
      !context.sharesFate &&
      existing !== undefined &&
      existing.incarnationId !== incarnationId &&
      this.#isTakenForAlive(existing, request);
    if (!isRefused || !this.#sessions.isConnected(brokerId)) return this.#register(request, context);
    return this.#sessions.probe(brokerId).then(() => this.#register(request, context));
  }

  #register(
    request: BrokerRegistrationRequest,
    { sharesFate, connection }: ControllerRequestContext,
  ): Promise<BrokerRegistrationResponse> {
    const { policy, clusterId, log, logger } = this.#options;
    const { brokerId } = request;
    return this.#runner.run((state) => {
      const existing = state.image.cluster.brokers.get(brokerId);
      // Whatever was registered before in this very process is no more: it need not wait for the end of that session.
      const hasLiveSession = !sharesFate && existing !== undefined && this.#isTakenForAlive(existing, request);
      const facts = { clusterId, nextOffset: log.logEndOffset, hasLiveSession };
      const outcome = registerBroker(state, policy, request, facts);
      const { brokerEpoch = -1 } = outcome.response;
      return {
        ...outcome,
        appended: (lastOffset) => {
          this.#registrationOffsets.set(brokerId, lastOffset);
          this.#sessions.hear(brokerId, brokerEpoch, connection);
          logger.log('info', 'a broker has registered', { brokerId, brokerEpoch, before: existing?.epoch ?? -1 });
        },
      };
    });
  }

  /** Resolves when the change of state, if there is one, has reached the publishers. */
  heartbeat(
    request: BrokerHeartbeatRequest,
    { connection }: ControllerRequestContext,
  ): Promise<BrokerHeartbeatResponse> {
    const { policy, logger } = this.#options;
    const { brokerId, brokerEpoch, currentMetadataOffset: metadataOffset } = request;
    // Heard is heard, even when it has to wait for a long operation.
    if (this.#runner.epoch !== undefined && this.#brokers.get(brokerId)?.epoch === brokerEpoch) {
      this.#sessions.hear(brokerId, brokerEpoch, connection);
    }
    return this.#runner.run((state) => {
      const facts = {
        registrationOffset: this.#registrationOffsets.get(brokerId) ?? brokerEpoch,
        isLedOut: this.#sessions.isAwaitingOthers(brokerId),
        haveOthersHeard: this.#sessions.haveOthersHeard(brokerId),
      };
      const outcome = brokerHeartbeat(state, policy, request, facts);
      const { current, next } = outcome;
      return {
        ...outcome,
        appended: (lastOffset) => {
          this.#sessions.note(brokerId, { isActive: next === 'unfenced', metadataOffset });
          if (next === 'controlled shutdown') this.#sessions.awaitOthers(brokerId, lastOffset);
          if (next === 'shutdown now') this.#sessions.forget(brokerId);
          if (next !== current)
            logger.log('info', 'a broker is in another state', { brokerId, from: current, to: next });
        },
      };
    });
  }

  unregister(request: UnregisterBrokerRequest): Promise<UnregisterBrokerResponse> {
    return this.#runner.run((state) => {
      const outcome = unregisterBroker(state, this.#options.policy, request);
      return { ...outcome, appended: () => this.#sessions.forget(request.brokerId) };
    });
  }

  gone(brokerId: number, brokerEpoch: number): Promise<void> {
    return this.#runner.run((state) => {
      const isKnown = state.image.cluster.brokers.get(brokerId)?.epoch === brokerEpoch;
      if (!isKnown || this.#sessions.isConnected(brokerId)) return { records: [], response: undefined };
      this.#options.logger.log('info', 'fencing a broker that is gone', { brokerId, brokerEpoch });
      this.#sessions.forget(brokerId);
      return fenceBroker(state, this.#options.policy, brokerId);
    });
  }

  #isTakenForAlive(existing: BrokerRegistration, { listeners }: BrokerRegistrationRequest): boolean {
    if (!this.#sessions.isLive(existing.id, existing.epoch)) return false;
    return this.#sessions.isHeard(existing.id, existing.epoch) || !isAtSamePlace(existing, listeners);
  }

  #cutOff(brokerId: number, brokerEpoch: number): void {
    const broker = this.#brokers.get(brokerId);
    if (broker === undefined || broker.epoch !== brokerEpoch || broker.isFenced) return;
    this.#options.onBrokerCutOff?.(broker);
  }

  #expired(brokerId: number): void {
    if (this.#brokers.get(brokerId)?.isFenced !== false) return;
    const { policy, logger } = this.#options;
    logger.log('info', 'fencing a broker whose session has timed out', { brokerId });
    this.#runner
      .run((state) => fenceBroker(state, policy, brokerId))
      .catch((error: unknown) => {
        logger.log('warn', 'a silent broker could not be fenced', { brokerId, reason: String(error) });
      });
  }
}
