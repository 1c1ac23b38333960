// The controller (Kafka: QuorumController): it alone decides what is written to the metadata log. An operation reads the
// state, returns records and an answer; the records are replayed at once, so that the next operation sees them, appended,
// and the answer is given when they are committed and the publishers of this node have them. The state is an image: when
// leadership is lost, it is simply the loader's image again.
import { assert, type Clock, type Logger, type Random, type Timer } from '../../runtime/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/messages/19-create-topics.ts';
import type { DeleteTopicsRequest, DeleteTopicsResponse } from '../../protocol/messages/20-delete-topics.ts';
import type { AlterConfigsRequest, AlterConfigsResponse } from '../../protocol/messages/33-alter-configs.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../protocol/messages/37-create-partitions.ts';
import type {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from '../../protocol/messages/38-create-delegation-token.ts';
import type {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../protocol/messages/39-renew-delegation-token.ts';
import type {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from '../../protocol/messages/40-expire-delegation-token.ts';
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
import type {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../protocol/messages/51-alter-user-scram-credentials.ts';
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
import { MetadataDelta, type MetadataImage, type MetadataRecord, randomUuid } from '../metadata/index.ts';
import { type Leadership, NotLeaderError, type RaftListener } from '../raft/index.ts';
import { activationRecords } from './activation.ts';
import { unregisterBroker } from './cluster/broker-removal.ts';
import { BrokerSessions } from './cluster/broker-sessions.ts';
import {
  brokerHeartbeat,
  checkBrokerEpoch,
  fenceBroker,
  registerBroker,
  registerController,
} from './cluster/cluster-control.ts';
import type { ConfigPolicy } from './configs/config-policy.ts';
import { alterConfigs, incrementalAlterConfigs } from './configs/configs-control.ts';
import { assignReplicasToDirs } from './cluster/directories-control.ts';
import { electLeaders } from './topics/election-control.ts';
import { updateFeatures } from './cluster/features-control.ts';
import type { ControllerOperations, ControllerRequestContext } from './controller-operations.ts';
import type { Outcome } from './operation.ts';
import { createPartitions } from './topics/partition-growth.ts';
import { allocateProducerIds } from './cluster/producer-ids-control.ts';
import { alterPartitionReassignments, listPartitionReassignments } from './topics/reassignment-control.ts';
import { deleteTopics, deletionDisabled } from './topics/topic-deletion.ts';
import type { TokenContext, TokenRules } from './security/tokens-control.ts';
import { createTopics, type TopicDefaults } from './topics/topic-creation.ts';

/** What the controller asks of the metadata log (RaftDriver). */
export interface ControllerLog {
  readonly logEndOffset: number;
  /** The level of the feature kraft.version. */
  readonly kraftVersion: number;
  append(records: readonly MetadataRecord[], epoch: number): number;
  /** Raises kraft.version to `version`; as `append` otherwise. */
  raiseKraftVersion(version: number, epoch: number): number;
  committed(offset: number): Promise<void>;
}

/** What the controller asks of the loader of its node (MetadataLoader). */
export interface CommittedMetadata {
  readonly image: MetadataImage;
  readonly isInTransaction: boolean;
  published(offset: number): Promise<void>;
}

export interface ControllerOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly log: ControllerLog;
  readonly committed: CommittedMetadata;
  readonly bootstrapRecords: readonly MetadataRecord[];
  readonly policy: ConfigPolicy;
  readonly defaults: TopicDefaults;
  /** delete.topic.enable */
  readonly isTopicDeletionEnabled: boolean;
  /** broker.session.timeout.ms */
  readonly brokerSessionTimeoutMs: number;
  /** Left out: there are no delegation tokens. */
  readonly tokens?: TokenRules | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const NO_TOKENS: TokenRules = { secret: null, maxLifetimeMs: 0, renewMs: 0, sweepEveryMs: 0 };

export class Controller implements RaftListener<MetadataRecord>, ControllerOperations {
  readonly #options: ControllerOptions;
  readonly #sessions: BrokerSessions;
  /** The offsets of broker registrations that this controller has seen: a broker must have read its own to be unfenced. */
  readonly #registrationOffsets = new Map<number, number>();
  #tokenSweep: Timer | undefined;
  /** undefined: another node is the active controller, or nobody. */
  #epoch: number | undefined;
  #image: MetadataImage;

  constructor(options: ControllerOptions) {
    const { clock, brokerSessionTimeoutMs, committed } = options;
    this.#options = options;
    this.#sessions = new BrokerSessions({
      clock,
      timeoutMs: brokerSessionTimeoutMs,
      ownBrokerId: options.nodeId,
      onExpired: (brokerId) => this.#fence(brokerId),
    });
    this.#image = committed.image;
    this.#planTokenSweep();
  }

  get isActive(): boolean {
    return this.#epoch !== undefined;
  }

  /** The state that the next operation will see: committed or about to be. */
  get image(): MetadataImage {
    return this.#image;
  }

  /** Comes from Raft, after the loader has everything that was committed before. */
  handleLeaderChange({ epoch, leaderId }: Leadership): void {
    const { nodeId, committed, bootstrapRecords, policy, logger } = this.#options;
    this.#epoch = undefined;
    this.#sessions.clear();
    this.#registrationOffsets.clear();
    if (leaderId !== nodeId) return;
    this.#image = committed.image;
    this.#epoch = epoch;
    logger.log('info', 'this node is the active controller', { epoch });
    const { image, isInTransaction } = committed;
    const records = activationRecords({ image, isInTransaction, bootstrapRecords, policy });
    if (records.length > 0) this.#append(records);
    for (const broker of this.#image.cluster.brokers.values()) {
      if (!broker.isFenced) this.#sessions.touch(broker.id, broker.epoch);
    }
  }

  // Every operation below rejects with KafkaError NOT_CONTROLLER when this node is not, or ceases to be, the active one.

  createTopics(request: CreateTopicsRequest): Promise<CreateTopicsResponse> {
    return this.#run((image) => createTopics(image, request, this.#options));
  }

  deleteTopics(request: DeleteTopicsRequest, { apiVersion }: ControllerRequestContext): Promise<DeleteTopicsResponse> {
    if (!this.#options.isTopicDeletionEnabled) return Promise.reject(deletionDisabled(apiVersion));
    return this.#run((image) => deleteTopics(image, request));
  }

  createPartitions(request: CreatePartitionsRequest): Promise<CreatePartitionsResponse> {
    return this.#run((image) => createPartitions(image, request, this.#options.random));
  }

  incrementalAlterConfigs(request: IncrementalAlterConfigsRequest): Promise<IncrementalAlterConfigsResponse> {
    return this.#run((image) => incrementalAlterConfigs(image, request, this.#options.policy));
  }

  /** The legacy request: what is not named is removed. */
  alterConfigs(request: AlterConfigsRequest): Promise<AlterConfigsResponse> {
    return this.#run((image) => alterConfigs(image, request, this.#options.policy));
  }

  electLeaders(request: ElectLeadersRequest): Promise<ElectLeadersResponse> {
    return this.#run((image) => electLeaders(image, this.#options.policy, request));
  }

  alterPartitionReassignments(
    request: AlterPartitionReassignmentsRequest,
  ): Promise<AlterPartitionReassignmentsResponse> {
    return this.#run((image) => alterPartitionReassignments(image, this.#options.policy, request));
  }

  listPartitionReassignments(request: ListPartitionReassignmentsRequest): Promise<ListPartitionReassignmentsResponse> {
    return this.#run((image) => listPartitionReassignments(image, request));
  }

  updateFeatures(
    request: UpdateFeaturesRequest,
    { apiVersion }: ControllerRequestContext,
  ): Promise<UpdateFeaturesResponse> {
    const { nodeId, policy, log } = this.#options;
    const facts = { nodeId, apiVersion, kraftVersion: log.kraftVersion };
    return this.#run((image) => updateFeatures(image, policy, request, facts));
  }

  /** Rejects with BROKER_ID_NOT_REGISTERED too. */
  unregisterBroker(request: UnregisterBrokerRequest): Promise<UnregisterBrokerResponse> {
    return this.#run((image) => unregisterBroker(image, this.#options.policy, request));
  }

  /** A block of producer ids that no other broker gets. Rejects with STALE_BROKER_EPOCH too. */
  allocateProducerIds(request: AllocateProducerIdsRequest): Promise<AllocateProducerIdsResponse> {
    return this.#run((image) => allocateProducerIds(image, request));
  }

  /** The registered broker is fenced until its heartbeats say otherwise. */
  registerBroker(
    request: BrokerRegistrationRequest,
    { sharesFate }: ControllerRequestContext,
  ): Promise<BrokerRegistrationResponse> {
    const { policy, clusterId } = this.#options;
    return this.#run((image) => {
      const { brokerId } = request;
      const existing = image.cluster.brokers.get(brokerId);
      // Whatever was registered before in this very process is no more: it need not wait for the end of that session.
      const hasLiveSession = !sharesFate && existing !== undefined && this.#sessions.isLive(brokerId, existing.epoch);
      const nextOffset = this.#options.log.logEndOffset;
      const outcome = registerBroker(image, policy, request, { clusterId, nextOffset, hasLiveSession });
      this.#registrationOffsets.set(brokerId, nextOffset + outcome.records.length - 1);
      this.#sessions.forget(brokerId);
      return outcome;
    });
  }

  /** Resolves when the change of state, if there is one, has reached the publishers. */
  brokerHeartbeat(request: BrokerHeartbeatRequest): Promise<BrokerHeartbeatResponse> {
    return this.#run((image) => {
      const { brokerId, brokerEpoch } = request;
      const registrationOffset = this.#registrationOffsets.get(brokerId) ?? brokerEpoch;
      const outcome = brokerHeartbeat(image, this.#options.policy, request, registrationOffset);
      if (outcome.response.isFenced === true) this.#sessions.forget(brokerId);
      else this.#sessions.touch(brokerId, brokerEpoch);
      return outcome;
    });
  }

  /** Rejects with STALE_BROKER_EPOCH too. */
  assignReplicasToDirs(request: AssignReplicasToDirsRequest): Promise<AssignReplicasToDirsResponse> {
    return this.#run((image) => {
      const broker = checkBrokerEpoch(image, request.brokerId, request.brokerEpoch);
      return assignReplicasToDirs(image, this.#options.policy, broker, request);
    });
  }

  registerController(request: ControllerRegistrationRequest): Promise<ControllerRegistrationResponse> {
    return this.#run((image) => registerController(image, request));
  }

  async alterUserScramCredentials(
    request: AlterUserScramCredentialsRequest,
  ): Promise<AlterUserScramCredentialsResponse> {
    const { alterUserScramCredentials } = await import('./security/scram-control.ts');
    return this.#run((image) => alterUserScramCredentials(image, request));
  }

  /** Rejects with DELEGATION_TOKEN_AUTH_DISABLED too. */
  async createDelegationToken(
    request: CreateDelegationTokenRequest,
    context: ControllerRequestContext,
  ): Promise<CreateDelegationTokenResponse> {
    const { createDelegationToken } = await import('./security/tokens-control.ts');
    return this.#run((image) => createDelegationToken(image, request, this.#tokenContext(context)));
  }

  /** Rejects with DELEGATION_TOKEN_NOT_FOUND, _EXPIRED, _OWNER_MISMATCH too. */
  async renewDelegationToken(
    request: RenewDelegationTokenRequest,
    context: ControllerRequestContext,
  ): Promise<RenewDelegationTokenResponse> {
    const { renewDelegationToken } = await import('./security/tokens-control.ts');
    return this.#run((image) => renewDelegationToken(image, request, this.#tokenContext(context)));
  }

  /** Rejects as renewDelegationToken does. */
  async expireDelegationToken(
    request: ExpireDelegationTokenRequest,
    context: ControllerRequestContext,
  ): Promise<ExpireDelegationTokenResponse> {
    const { expireDelegationToken } = await import('./security/tokens-control.ts');
    return this.#run((image) => expireDelegationToken(image, request, this.#tokenContext(context)));
  }

  #tokenContext({ principal = 'User:ANONYMOUS' }: ControllerRequestContext): TokenContext {
    const { clock, random, tokens: rules = NO_TOKENS } = this.#options;
    return { rules, nowMs: clock.nowMs(), principal, newTokenId: () => randomUuid(random) };
  }

  /** Where there are tokens, those that have expired are taken out from time to time. */
  #planTokenSweep(): void {
    const { clock, tokens } = this.#options;
    if (tokens === undefined || tokens.secret === null) return;
    this.#tokenSweep = clock.schedule(tokens.sweepEveryMs, () => {
      this.#planTokenSweep();
      if (this.isActive && this.#image.delegationTokens.size > 0) void this.#sweepTokens();
    });
  }

  async #sweepTokens(): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      const { sweepDelegationTokens } = await import('./security/tokens-control.ts');
      await this.#run((image) => sweepDelegationTokens(image, clock.nowMs()));
    } catch (error) {
      logger.log('warn', 'expired delegation tokens could not be taken out', { reason: String(error) });
    }
  }

  /** No operation is accepted from now on; those under way end as the log does. */
  close(): void {
    this.#tokenSweep?.cancel();
    this.#epoch = undefined;
    this.#sessions.clear();
  }

  #fence(brokerId: number): void {
    const { policy, logger } = this.#options;
    logger.log('info', 'fencing a broker whose session has timed out', { brokerId });
    this.#run((image) => fenceBroker(image, policy, brokerId)).catch((error: unknown) => {
      logger.log('warn', 'a silent broker could not be fenced', { brokerId, reason: String(error) });
    });
  }

  async #run<R>(operation: (image: MetadataImage) => Outcome<R>): Promise<R> {
    if (this.#epoch === undefined) throw new KafkaError(Errors.NOT_CONTROLLER);
    const { records, response, kraftVersion } = operation(this.#image);
    const log = this.#options.log;
    try {
      if (kraftVersion !== undefined) log.raiseKraftVersion(kraftVersion, this.#epoch);
      if (records.length > 0) this.#append(records);
      // Without records the answer still rests on what is not committed yet: it waits for that.
      const offset = log.logEndOffset - 1;
      await log.committed(offset);
      if (records.length > 0 || kraftVersion !== undefined) await this.#options.committed.published(offset);
    } catch (error) {
      if (error instanceof NotLeaderError) throw new KafkaError(Errors.NOT_CONTROLLER);
      throw error;
    }
    return response;
  }

  /** Replays, then appends; the state changes only if both succeed. Throws NotLeaderError. */
  #append(records: readonly MetadataRecord[]): void {
    const epoch = this.#epoch;
    assert(epoch !== undefined, 'only the active controller appends');
    const delta = new MetadataDelta(this.#image);
    for (const record of records) delta.replay(record);
    const offset = this.#options.log.append(records, epoch);
    this.#image = delta.apply({
      offset,
      epoch,
      appendTimeMs: this.#options.clock.nowMs(),
      isBatchAligned: false,
    });
  }
}
