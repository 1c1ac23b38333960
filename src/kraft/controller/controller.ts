// The controller (Kafka: QuorumController): it alone decides what is written to the metadata log. An operation reads the
// state, returns records and an answer; the records are replayed at once, so that the next operation sees them, appended,
// and the answer is given when they are committed and the publishers of this node have them. The state is an image: when
// leadership is lost, it is simply the loader's image again.
import { Errors } from '../../protocol/index.ts';
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
import type { MetadataImage, MetadataRecord } from '../metadata/index.ts';
import type { Leadership, RaftListener } from '../raft/index.ts';
import { type AccessOperations, accessOperations } from './access/access-operations.ts';
import { activationRecords } from './activation.ts';
import { BrokerLife } from './broker-life.ts';
import { checkBrokerEpoch } from './cluster/broker-heartbeat.ts';
import { registerController } from './cluster/cluster-control.ts';
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
  readonly #brokers: BrokerLife;
  readonly #periodic: PeriodicTasks;
  readonly #idleTask: PeriodicTask;
  readonly #electionTasks: readonly PeriodicTask[];
  #lastIdleOffset = -1;
  readonly createAcls: AccessOperations['createAcls'];
  readonly deleteAcls: AccessOperations['deleteAcls'];
  readonly alterClientQuotas: AccessOperations['alterClientQuotas'];

  constructor(options: ControllerOptions) {
    const { clock, logger, intervals } = options;
    this.#options = options;
    this.#runner = new OperationRunner(options);
    this.credentials = new CredentialOperations(options, this.#runner);
    this.#brokers = new BrokerLife(options, this.#runner);
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
    this.#brokers.begin();
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
    // Who asks for nothing is told so, whoever it is, as by Kafka.
    if (request.topics.length === 0) return Promise.resolve({ errorCode: Errors.NONE, topics: [] });
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
    return this.#brokers.unregister(request);
  }

  /** A block of producer ids that no other broker gets. Rejects with STALE_BROKER_EPOCH too. */
  allocateProducerIds(request: AllocateProducerIdsRequest): Promise<AllocateProducerIdsResponse> {
    return this.#runner.run(({ image }) => allocateProducerIds(image, request));
  }

  async registerBroker(
    request: BrokerRegistrationRequest,
    context: ControllerRequestContext,
  ): Promise<BrokerRegistrationResponse> {
    const response = await this.#brokers.register(request, context);
    this.#startIdleTask();
    return response;
  }

  brokerHeartbeat(
    request: BrokerHeartbeatRequest,
    context: ControllerRequestContext,
  ): Promise<BrokerHeartbeatResponse> {
    return this.#brokers.heartbeat(request, context);
  }

  /**
   * Fences a broker at once, whose process is known to be dead: its connections are broken and its port refuses. Does nothing
   * when it has registered anew since, or is connected again.
   */
  brokerGone(brokerId: number, brokerEpoch: number): Promise<void> {
    return this.#brokers.gone(brokerId, brokerEpoch);
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
    this.#brokers.end();
    this.#periodic.stopAll();
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
    if (!this.isActive) return;
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
