// The controller (Kafka: QuorumController): it alone decides what is written to the metadata log. An operation reads the
// state, returns records and an answer; the records are replayed at once, so that the next operation sees them, appended,
// and the answer is given when they are committed and the publishers of this node have them. The state is an image: when
// leadership is lost, it is simply the loader's image again.
//
// Who watches the brokers does it together with the node around us:
// - `registerBroker` and `brokerHeartbeat` may come with the connection over which they were sent (ControllerRequestContext).
//   When the last one of an unfenced broker closes, `onBrokerCutOff` is told. Nothing else happens: a closed connection alone
//   is no death.
// - Whoever then finds that the broker's port refuses calls `brokerGone`, which fences it without waiting for its session.
// - A new incarnation of a broker is accepted at once when the old one has said that it stops, or its connection is closed, or
//   it has not been heard by this controller and the new one listens where it did. Otherwise it waits for the session's end.
import type { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/messages/19-create-topics.ts';
import type { DeleteTopicsRequest, DeleteTopicsResponse } from '../../protocol/messages/20-delete-topics.ts';
import type { AlterConfigsRequest, AlterConfigsResponse } from '../../protocol/messages/33-alter-configs.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../protocol/messages/37-create-partitions.ts';
import type { ElectLeadersRequest, ElectLeadersResponse } from '../../protocol/messages/43-elect-leaders.ts';
import type {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../protocol/messages/44-incremental-alter-configs.ts';
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../protocol/messages/45-alter-partition-reassignments.ts';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/messages/46-list-partition-reassignments.ts';
import type { AlterPartitionRequest, AlterPartitionResponse } from '../../protocol/messages/56-alter-partition.ts';
import type { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../protocol/messages/57-update-features.ts';
import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
} from '../../protocol/messages/62-broker-registration.ts';
import type { BrokerHeartbeatRequest, BrokerHeartbeatResponse } from '../../protocol/messages/63-broker-heartbeat.ts';
import type {
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
} from '../../protocol/messages/64-unregister-broker.ts';
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponse,
} from '../../protocol/messages/67-allocate-producer-ids.ts';
import type {
  ControllerRegistrationRequest,
  ControllerRegistrationResponse,
} from '../../protocol/messages/70-controller-registration.ts';
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import type { BrokerRegistration, MetadataImage, MetadataRecord } from '../metadata/index.ts';
import type { Leadership, RaftListener } from '../raft/index.ts';
import { type AccessOperations, accessOperations } from './access/access-operations.ts';
import { activationRecords } from './activation.ts';
import { brokerHeartbeat, checkBrokerEpoch, fenceBroker } from './cluster/broker-heartbeat.ts';
import { unregisterBroker } from './cluster/broker-removal.ts';
import { BrokerSessions } from './cluster/broker-sessions.ts';
import { isAtSamePlace, registerBroker, registerController } from './cluster/cluster-control.ts';
import { assignReplicasToDirs } from './cluster/directories-control.ts';
import { updateFeatures } from './cluster/features-control.ts';
import type { ConfigPolicy } from './configs/config-policy.ts';
import { allocateProducerIds } from './cluster/producer-ids-control.ts';
import { alterConfigs, incrementalAlterConfigs } from './configs/configs-control.ts';
import type { ControllerOperations, ControllerRequestContext } from './controller-operations.ts';
import type { ControllerOptions } from './controller-options.ts';
import type { ControllerState, Outcome } from './operation.ts';
import { OperationRunner } from './operation-runner.ts';
import { type PeriodicTask, PeriodicTasks } from './periodic-tasks.ts';
import { isActive } from './placement/broker-liveness.ts';
import { balanceLeaders, electLeaders, electUncleanly } from './topics/election-control.ts';
import { alterPartitions } from './topics/isr-control.ts';
import { leadershipRecords } from './topics/leadership-control.ts';
import { createPartitions } from './topics/partition-growth.ts';
import { alterPartitionReassignments, listPartitionReassignments } from './topics/reassignment-control.ts';
import { CredentialOperations } from './security/credential-operations.ts';
import { createTopics } from './topics/topic-creation.ts';
import { deleteTopics, deletionDisabled } from './topics/topic-deletion.ts';

export class Controller implements RaftListener<MetadataRecord>, ControllerOperations {
  readonly #options: ControllerOptions;
  readonly credentials: CredentialOperations;
  readonly #runner: OperationRunner;
  readonly #sessions: BrokerSessions;
  readonly #periodic: PeriodicTasks;
  readonly #idleTask: PeriodicTask;
  readonly #electionTasks: readonly PeriodicTask[];
  /** The offsets of broker registrations that this controller has seen: a broker must have read its own to be unfenced. */
  readonly #registrationOffsets = new Map<number, number>();
  #lastIdleOffset = -1;
  readonly createAcls: AccessOperations['createAcls'];
  readonly deleteAcls: AccessOperations['deleteAcls'];
  readonly alterClientQuotas: AccessOperations['alterClientQuotas'];

  constructor(options: ControllerOptions) {
    const { clock, logger, intervals } = options;
    this.#options = options;
    this.#runner = new OperationRunner(options);
    this.credentials = new CredentialOperations(options, this.#runner);
    this.#sessions = new BrokerSessions({
      clock,
      timeoutMs: intervals.brokerSessionTimeoutMs,
      ownBrokerId: options.nodeId,
      onExpired: (brokerId) => this.#expired(brokerId),
      onCutOff: (brokerId, brokerEpoch) => this.#cutOff(brokerId, brokerEpoch),
    });
    this.#periodic = new PeriodicTasks(clock, logger);
    this.#idleTask = { name: 'no-op', intervalMs: intervals.maxIdleIntervalMs, run: () => this.#writeNoOp() };
    this.#electionTasks = [...this.#elections(), ...this.credentials.tasks];
    const access = accessOperations(this.#runner, options.random);
    this.createAcls = access.createAcls;
    this.deleteAcls = access.deleteAcls;
    this.alterClientQuotas = access.alterClientQuotas;
  }

  get isActive(): boolean {
    return this.#runner.epoch !== undefined;
  }

  /** The state that the next operation will see: committed or about to be. */
  get image(): MetadataImage {
    return this.#runner.image;
  }

  /** Comes from Raft, after the loader has everything that was committed before. */
  handleLeaderChange({ epoch, leaderId }: Leadership): void {
    const { nodeId, committed, bootstrapRecords, policy, logger } = this.#options;
    this.#resign();
    if (leaderId !== nodeId) return;
    this.#runner.activate(epoch);
    logger.log('info', 'this node is the active controller', { epoch });
    const { image, isInTransaction } = committed;
    const records = activationRecords({ image, isInTransaction, bootstrapRecords, policy });
    if (records.length > 0) this.#runner.append(records);
    for (const broker of this.image.cluster.brokers.values()) {
      if (!broker.isFenced) this.#sessions.assumeAlive(broker.id, broker.epoch);
    }
    for (const task of this.#electionTasks) this.#periodic.start(task);
    this.#startIdleTask();
    this.#finishElections();
  }

  // Every operation below rejects with KafkaError NOT_CONTROLLER when this node is not, or ceases to be, the active one.

  createTopics(request: CreateTopicsRequest): Promise<CreateTopicsResponse> {
    return this.#runner.run(({ image }) => createTopics(image, request, this.#options));
  }

  deleteTopics(request: DeleteTopicsRequest, { apiVersion }: ControllerRequestContext): Promise<DeleteTopicsResponse> {
    if (!this.#options.isTopicDeletionEnabled) return Promise.reject(deletionDisabled(apiVersion));
    return this.#runner.run(({ image }) => deleteTopics(image, request));
  }

  createPartitions(request: CreatePartitionsRequest): Promise<CreatePartitionsResponse> {
    return this.#runner.run(({ image }) => createPartitions(image, request, this.#options.random));
  }

  incrementalAlterConfigs(request: IncrementalAlterConfigsRequest): Promise<IncrementalAlterConfigsResponse> {
    return this.#runner.run(({ image }) => incrementalAlterConfigs(image, request, this.#options.policy));
  }

  /** The legacy request: what is not named is removed. */
  alterConfigs(request: AlterConfigsRequest): Promise<AlterConfigsResponse> {
    return this.#runner.run(({ image }) => alterConfigs(image, request, this.#options.policy));
  }

  electLeaders(request: ElectLeadersRequest): Promise<ElectLeadersResponse> {
    return this.#runner.run(({ image }) => electLeaders(image, this.#options.policy, request));
  }

  alterPartitionReassignments(
    request: AlterPartitionReassignmentsRequest,
  ): Promise<AlterPartitionReassignmentsResponse> {
    return this.#runner.run(({ image }) => alterPartitionReassignments(image, this.#options.policy, request));
  }

  listPartitionReassignments(request: ListPartitionReassignmentsRequest): Promise<ListPartitionReassignmentsResponse> {
    return this.#runner.run((state) => listPartitionReassignments(state, request));
  }

  /** Rejects with STALE_BROKER_EPOCH too. */
  alterPartitions(
    request: AlterPartitionRequest,
    { apiVersion }: ControllerRequestContext,
  ): Promise<AlterPartitionResponse> {
    return this.#runner.run(({ image }) => {
      const broker = checkBrokerEpoch(image, request.brokerId, request.brokerEpoch);
      return alterPartitions(image, this.#options.policy, broker, request, apiVersion);
    });
  }

  updateFeatures(
    request: UpdateFeaturesRequest,
    { apiVersion }: ControllerRequestContext,
  ): Promise<UpdateFeaturesResponse> {
    const { nodeId, policy, log } = this.#options;
    const facts = { nodeId, apiVersion, kraftVersion: log.kraftVersion };
    return this.#runner.run(({ image }) => updateFeatures(image, policy, request, facts));
  }

  /** Rejects with BROKER_ID_NOT_REGISTERED too. */
  unregisterBroker(request: UnregisterBrokerRequest): Promise<UnregisterBrokerResponse> {
    return this.#runner.run((state) => {
      const outcome = unregisterBroker(state, this.#options.policy, request);
      return { ...outcome, appended: () => this.#sessions.forget(request.brokerId) };
    });
  }

  /** A block of producer ids that no other broker gets. Rejects with STALE_BROKER_EPOCH too. */
  allocateProducerIds(request: AllocateProducerIdsRequest): Promise<AllocateProducerIdsResponse> {
    return this.#runner.run(({ image }) => allocateProducerIds(image, request));
  }

  /** The registered broker is fenced until its heartbeats say otherwise. */
  registerBroker(
    request: BrokerRegistrationRequest,
    { sharesFate, connection }: ControllerRequestContext,
  ): Promise<BrokerRegistrationResponse> {
    const { policy, clusterId, log } = this.#options;
    const { brokerId } = request;
    return this.#runner.run((state) => {
      const existing = state.image.cluster.brokers.get(brokerId);
      // Whatever was registered before in this very process is no more: it need not wait for the end of that session.
      const hasLiveSession = !sharesFate && existing !== undefined && this.#isTakenForAlive(existing, request);
      const facts = { clusterId, nextOffset: log.logEndOffset, hasLiveSession };
      const outcome = registerBroker(state, policy, request, facts);
      return {
        ...outcome,
        appended: (lastOffset) => {
          this.#registrationOffsets.set(brokerId, lastOffset);
          this.#sessions.hear(brokerId, outcome.response.brokerEpoch ?? -1, connection);
          this.#startIdleTask();
        },
      };
    });
  }

  /** Resolves when the change of state, if there is one, has reached the publishers. */
  brokerHeartbeat(
    request: BrokerHeartbeatRequest,
    { connection }: ControllerRequestContext,
  ): Promise<BrokerHeartbeatResponse> {
    const { brokerId, brokerEpoch, currentMetadataOffset: metadataOffset } = request;
    // Heard is heard, even when it has to wait for a long operation.
    if (this.image.cluster.brokers.get(brokerId)?.epoch === brokerEpoch && this.isActive) {
      this.#sessions.hear(brokerId, brokerEpoch, connection);
    }
    return this.#runner.run((state) => {
      const facts = {
        registrationOffset: this.#registrationOffsets.get(brokerId) ?? brokerEpoch,
        isLedOut: this.#sessions.isAwaitingOthers(brokerId),
        haveOthersHeard: this.#sessions.haveOthersHeard(brokerId),
      };
      const outcome = brokerHeartbeat(state, this.#options.policy, request, facts);
      const { next } = outcome;
      return {
        ...outcome,
        appended: (lastOffset) => {
          this.#sessions.note(brokerId, { isActive: next === 'unfenced', metadataOffset });
          if (next === 'controlled shutdown') this.#sessions.awaitOthers(brokerId, lastOffset);
          if (next === 'shutdown now') this.#sessions.forget(brokerId);
        },
      };
    });
  }

  /**
   * Fences a broker at once, whose process is known to be dead: its connections are broken and its port refuses. Does nothing
   * when it has registered anew since, or is connected again.
   */
  brokerGone(brokerId: number, brokerEpoch: number): Promise<void> {
    return this.#runner.run(({ image, partitions }) => {
      const isKnown = image.cluster.brokers.get(brokerId)?.epoch === brokerEpoch;
      if (!isKnown || this.#sessions.isConnected(brokerId)) return { records: [], response: undefined };
      this.#options.logger.log('info', 'fencing a broker that is gone', { brokerId, brokerEpoch });
      this.#sessions.forget(brokerId);
      return fenceBroker({ image, partitions }, this.#options.policy, brokerId);
    });
  }

  /** Rejects with STALE_BROKER_EPOCH too. */
  assignReplicasToDirs(request: AssignReplicasToDirsRequest): Promise<AssignReplicasToDirsResponse> {
    return this.#runner.run((state) => {
      const broker = checkBrokerEpoch(state.image, request.brokerId, request.brokerEpoch);
      return assignReplicasToDirs(state, this.#options.policy, broker, request);
    });
  }

  registerController(request: ControllerRegistrationRequest): Promise<ControllerRegistrationResponse> {
    return this.#runner.run(({ image }) => registerController(image, request));
  }

  /** No operation is accepted from now on; those under way end as the log does. */
  close(): void {
    this.#resign();
  }

  #resign(): void {
    this.#runner.resign();
    this.#sessions.clear();
    this.#periodic.stopAll();
    this.#registrationOffsets.clear();
  }

  #isTakenForAlive(existing: BrokerRegistration, { listeners }: BrokerRegistrationRequest): boolean {
    if (!this.#sessions.isLive(existing.id, existing.epoch)) return false;
    return this.#sessions.isHeard(existing.id, existing.epoch) || !isAtSamePlace(existing, listeners);
  }

  #cutOff(brokerId: number, brokerEpoch: number): void {
    const broker = this.image.cluster.brokers.get(brokerId);
    if (broker === undefined || broker.epoch !== brokerEpoch || broker.isFenced) return;
    this.#options.onBrokerCutOff?.(broker);
  }

  #expired(brokerId: number): void {
    if (this.image.cluster.brokers.get(brokerId)?.isFenced !== false) return;
    const { policy, logger } = this.#options;
    logger.log('info', 'fencing a broker whose session has timed out', { brokerId });
    this.#runner
      .run((state) => fenceBroker(state, policy, brokerId))
      .catch((error: unknown) => {
        logger.log('warn', 'a silent broker could not be fenced', { brokerId, reason: String(error) });
      });
  }

  #elections(): PeriodicTask[] {
    const { intervals, policy } = this.#options;
    const elect = (operation: (state: ControllerState, policy: ConfigPolicy) => Outcome<boolean>) => () =>
      this.#runner.run((state) => operation(state, policy));
    const tasks = [
      { name: 'unclean elections', intervalMs: intervals.uncleanElectionIntervalMs, run: elect(electUncleanly) },
    ];
    const intervalMs = intervals.leaderBalanceIntervalMs;
    if (intervalMs !== undefined) tasks.push({ name: 'leader balance', intervalMs, run: elect(balanceLeaders) });
    return tasks;
  }

  /** Another controller may have stopped midway when a broker came: whoever can lead what nobody leads does so now. */
  #finishElections(): void {
    const { policy, logger } = this.#options;
    if (![...this.image.cluster.brokers.keys()].some((id) => isActive(this.image, id))) return;
    this.#runner
      .run((state) => ({ records: leadershipRecords(state, policy, { kind: 'activates' }), response: undefined }))
      .catch((error: unknown) => {
        logger.log('info', 'elections on activation were not finished', { reason: String(error) });
      });
  }

  /** In a cluster of several nodes the log goes on even when nothing happens: so those who read it know that they are not behind. */
  #startIdleTask(): void {
    const { log, intervals, nodeId } = this.#options;
    const hasOthers = log.voters.ids.length > 1 || [...this.image.cluster.brokers.keys()].some((id) => id !== nodeId);
    if (hasOthers && intervals.maxIdleIntervalMs > 0) this.#periodic.start(this.#idleTask);
  }

  async #writeNoOp(): Promise<boolean> {
    const { log } = this.#options;
    if (log.logEndOffset > this.#lastIdleOffset + 1) this.#lastIdleOffset = log.logEndOffset - 1;
    else {
      await this.#runner.run(() => ({
        records: [{ type: 'NoOpRecord', version: 0 }],
        response: undefined,
        appended: (lastOffset) => {
          this.#lastIdleOffset = lastOffset;
        },
      }));
    }
    return false;
  }
}
