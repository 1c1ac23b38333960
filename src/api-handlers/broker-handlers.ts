// The APIs of a broker listener, in key order: which are served, and how each handler is made, from just the things that it
// takes. A handler's file is loaded when its API is first asked for.
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import type { StreamsTopics } from './streams-topics.ts';
import type { ReplicaManager, TransactionVerifier } from '../replication/index.ts';
import type { AuditLog } from './access.ts';
import { audited } from './audited.ts';
import { charged } from './charged.ts';
import type { AutoTopicCreation } from './auto-topic-creation.ts';
import type { TelemetryAccess } from './client-telemetry.ts';
import type { ConfigDescriber, ConfigGate } from './config-entries.ts';
import type { QuorumState } from './controller-requests.ts';
import type { CoordinatorKind } from './10-find-coordinator.ts';
import { credentialDescriptions, credentialHandlers, type CredentialParts } from './credential-handlers.ts';
import type { Features } from './18-api-versions.ts';
import type { MarkerWriter, ProducerIds, TransactionCoordinator } from '../transaction-coordinator/index.ts';
import type { ShareCoordinator } from '../share-coordinator/index.ts';
import type { SharePartitionManager } from '../share-partitions/index.ts';
import { guarded } from './guards/index.ts';
import type { Quotas } from './quotas.ts';
import { serve, type ServedApi } from './served-api.ts';
import { checkTokensAllowed } from './token-requests.ts';
import { ShareFeature } from './share-feature.ts';

/** All that handlers take, by what it is to them. */
export interface HandlerParts extends CredentialParts {
  readonly replicas: ReplicaManager;
  readonly autoCreation: AutoTopicCreation;
  readonly streamsTopics: StreamsTopics;
  readonly telemetry: TelemetryAccess;
  readonly configDescriber: ConfigDescriber;
  readonly configGate: ConfigGate;
  readonly features: () => Features;
  readonly quorum: () => QuorumState;
  /** Made when it is first asked for; always the same one. */
  readonly groups: () => Promise<GroupCoordinator>;
  /** Made when it is first asked for; always the same one. */
  readonly shareStates: () => Promise<ShareCoordinator>;
  /** Made when it is first asked for; always the same one. */
  readonly sharePartitions: () => Promise<SharePartitionManager>;
  readonly producerIds: ProducerIds;
  readonly coordinators: readonly CoordinatorKind[];
  readonly verifier: TransactionVerifier;
  /** Made when it is first asked for; always the same one. */
  readonly transactions: () => Promise<TransactionCoordinator>;
  /** How markers come into the logs of this node. */
  readonly markers: MarkerWriter;
  readonly audit: AuditLog;
  readonly quotas: Quotas;
  /** num.partitions */
  readonly defaultPartitions: number;
  /** max.request.partition.size.limit */
  readonly maxPartitionsDescribed: number;
}

export function brokerHandlers(parts: HandlerParts): ServedApi[] {
  const { replicas, identity, controller, configDescriber, configGate, autoCreation, access } = parts;
  const hasAuthorizer = access !== undefined;
  const list: ServedApi[] = [
    serve(0, async () => (await import('./00-produce.ts')).produce(replicas, identity, parts.verifier)),
    serve(1, async () => (await import('./01-fetch.ts')).fetch(replicas, identity, access, parts.quotas)),
    serve(2, async () => (await import('./02-list-offsets.ts')).listOffsets(replicas)),
    serve(3, async () => (await import('./03-metadata.ts')).metadata(identity, autoCreation, parts.quotas)),
    ...groupHandlers(parts),
    ...transactionHandlers(parts),
    ...shareStateHandlers(parts),
    ...shareGroupHandlers(parts),
    ...credentialHandlers(parts, checkTokensAllowed),
    ...credentialDescriptions(parts),
    serve(18, async () =>
      (await import('./18-api-versions.ts')).apiVersions(() => announcedKeys(list), parts.features),
    ),
    serve(19, async () => (await import('./19-create-topics.ts')).createTopics(controller)),
    serve(20, async () => (await import('./20-delete-topics.ts')).deleteTopics(controller)),
    serve(21, async () => (await import('./21-delete-records.ts')).deleteRecords(replicas)),
    serve(23, async () => (await import('./23-offset-for-leader-epoch.ts')).offsetForLeaderEpoch(replicas)),
    serve(27, async () => (await import('./27-write-txn-markers.ts')).writeTxnMarkers(parts.markers)),
    serve(29, async () => (await import('./29-describe-acls.ts')).describeAcls(identity, hasAuthorizer)),
    serve(30, async () => (await import('./30-create-acls.ts')).createAcls(controller, hasAuthorizer)),
    serve(31, async () => (await import('./31-delete-acls.ts')).deleteAcls(controller, hasAuthorizer)),
    serve(32, async () => (await import('./32-describe-configs.ts')).describeConfigs(configDescriber)),
    serve(33, async () => (await import('./33-alter-configs.ts')).alterConfigs(configGate, controller, access)),
    serve(34, async () => (await import('./34-alter-replica-log-dirs.ts')).alterReplicaLogDirs(replicas)),
    serve(35, async () => (await import('./35-describe-log-dirs.ts')).describeLogDirs(replicas)),
    serve(37, async () => (await import('./37-create-partitions.ts')).createPartitions(controller)),
    serve(43, async () => (await import('./43-elect-leaders.ts')).electLeaders(controller)),
    serve(44, async () =>
      (await import('./44-incremental-alter-configs.ts')).incrementalAlterConfigs(configGate, controller, access),
    ),
    serve(45, async () =>
      (await import('./45-alter-partition-reassignments.ts')).alterPartitionReassignments(controller),
    ),
    serve(46, async () =>
      (await import('./46-list-partition-reassignments.ts')).listPartitionReassignments(controller),
    ),
    serve(48, async () => (await import('./48-describe-client-quotas.ts')).describeClientQuotas(identity)),
    serve(49, async () => (await import('./49-alter-client-quotas.ts')).alterClientQuotas(controller)),
    serve(55, async () => (await import('./55-describe-quorum.ts')).describeQuorumOfLeader(controller)),
    serve(57, async () => (await import('./57-update-features.ts')).updateFeatures(controller)),
    serve(60, async () => (await import('./60-describe-cluster.ts')).describeCluster(identity)),
    serve(61, async () => (await import('./61-describe-producers.ts')).describeProducers(replicas)),
    serve(64, async () => (await import('./64-unregister-broker.ts')).unregisterBroker(controller)),
    ...telemetryHandlers(parts),
    serve(74, async () => (await import('./74-list-config-resources.ts')).listConfigResources(identity)),
    serve(75, async () =>
      (await import('./75-describe-topic-partitions.ts')).describeTopicPartitions(
        identity,
        parts.maxPartitionsDescribed,
      ),
    ),
    serve(80, async () => (await import('./80-add-raft-voter.ts')).forwardAddRaftVoter(controller)),
    serve(81, async () => (await import('./81-remove-raft-voter.ts')).forwardRemoveRaftVoter(controller)),
  ];
  return guardedBy(
    parts,
    audited(
      charged(
        list.sort((one, other) => one.key - other.key),
        { ...parts, isChargedHere: () => parts.quorum().leaderId === identity.brokerId },
      ),
      parts.audit,
    ),
  );
}

/** With guards around the handlers, where there is an authorizer. */
export function guardedBy(
  {
    access,
    identity,
    autoCreation,
  }: Pick<HandlerParts, 'access' | 'identity'> & Partial<Pick<HandlerParts, 'autoCreation'>>,
  list: readonly ServedApi[],
): ServedApi[] {
  if (access === undefined) return [...list];
  return guarded(list, { access, identity, isAutoCreationEnabled: () => autoCreation?.isEnabled === true });
}

/** FindCoordinator looks at the metadata alone; the others bring the coordinator with them. */
function groupHandlers({
  groups,
  identity,
  autoCreation,
  streamsTopics,
  coordinators,
  access,
}: HandlerParts): ServedApi[] {
  return [
    serve(8, async () => (await import('./08-offset-commit.ts')).offsetCommit(await groups(), identity)),
    serve(9, async () => (await import('./09-offset-fetch.ts')).offsetFetch(await groups(), identity)),
    serve(10, async () =>
      (await import('./10-find-coordinator.ts')).findCoordinator(identity, autoCreation, coordinators),
    ),
    serve(11, async () => (await import('./11-join-group.ts')).joinGroup(await groups())),
    serve(12, async () => (await import('./12-heartbeat.ts')).heartbeat(await groups())),
    serve(13, async () => (await import('./13-leave-group.ts')).leaveGroup(await groups())),
    serve(14, async () => (await import('./14-sync-group.ts')).syncGroup(await groups())),
    serve(15, async () => (await import('./15-describe-groups.ts')).describeGroups(await groups())),
    serve(16, async () => (await import('./16-list-groups.ts')).listGroups(await groups())),
    serve(28, async () => (await import('./28-txn-offset-commit.ts')).txnOffsetCommit(await groups(), identity)),
    serve(42, async () => (await import('./42-delete-groups.ts')).deleteGroups(await groups())),
    serve(47, async () => (await import('./47-offset-delete.ts')).offsetDelete(await groups(), identity)),
    serve(68, async () =>
      (await import('./68-consumer-group-heartbeat.ts')).consumerGroupHeartbeat(await groups(), identity, access),
    ),
    serve(69, async () =>
      (await import('./69-consumer-group-describe.ts')).consumerGroupDescribe(await groups(), identity),
    ),
    serve(88, async () =>
      (await import('./88-streams-group-heartbeat.ts')).streamsGroupHeartbeat(
        await groups(),
        identity,
        streamsTopics,
        access,
      ),
    ),
    serve(89, async () =>
      (await import('./89-streams-group-describe.ts')).streamsGroupDescribe(await groups(), identity),
    ),
  ];
}

function transactionHandlers({ transactions, identity, autoCreation, producerIds }: HandlerParts): ServedApi[] {
  return [
    serve(22, async () => (await import('./22-init-producer-id.ts')).initProducerId(producerIds, transactions)),
    serve(24, async () =>
      (await import('./24-add-partitions-to-txn.ts')).addPartitionsToTxn(await transactions(), identity),
    ),
    serve(25, async () =>
      (await import('./25-add-offsets-to-txn.ts')).addOffsetsToTxn(await transactions(), identity, autoCreation),
    ),
    serve(26, async () => (await import('./26-end-txn.ts')).endTxn(await transactions())),
    serve(65, async () => (await import('./65-describe-transactions.ts')).describeTransactions(await transactions())),
    serve(66, async () => (await import('./66-list-transactions.ts')).listTransactions(await transactions())),
  ];
}

function shareGroupHandlers({
  groups,
  sharePartitions,
  replicas,
  identity,
  features,
  access,
}: HandlerParts): ServedApi[] {
  const feature = new ShareFeature(features);
  return [
    serve(76, async () => (await import('./76-share-group-heartbeat.ts')).shareGroupHeartbeat(await groups(), feature)),
    serve(77, async () => (await import('./77-share-group-describe.ts')).shareGroupDescribe(await groups(), feature)),
    serve(78, async () =>
      (await import('./78-share-fetch.ts')).shareFetch(await sharePartitions(), replicas, identity, feature, access),
    ),
    serve(79, async () =>
      (await import('./79-share-acknowledge.ts')).shareAcknowledge(
        await sharePartitions(),
        replicas,
        identity,
        feature,
        access,
      ),
    ),
    serve(90, async () =>
      (await import('./90-describe-share-group-offsets.ts')).describeShareGroupOffsets(await groups(), feature),
    ),
    serve(91, async () =>
      (await import('./91-alter-share-group-offsets.ts')).alterShareGroupOffsets(await groups(), feature),
    ),
    serve(92, async () =>
      (await import('./92-delete-share-group-offsets.ts')).deleteShareGroupOffsets(await groups(), feature),
    ),
  ];
}

/** What brokers ask one another about share groups. */
function shareStateHandlers({ shareStates }: HandlerParts): ServedApi[] {
  return [
    serve(83, async () =>
      (await import('./83-initialize-share-group-state.ts')).initializeShareGroupState(await shareStates()),
    ),
    serve(84, async () => (await import('./84-read-share-group-state.ts')).readShareGroupState(await shareStates())),
    serve(85, async () => (await import('./85-write-share-group-state.ts')).writeShareGroupState(await shareStates())),
    serve(86, async () =>
      (await import('./86-delete-share-group-state.ts')).deleteShareGroupState(await shareStates()),
    ),
    serve(87, async () =>
      (await import('./87-read-share-group-state-summary.ts')).readShareGroupStateSummary(await shareStates()),
    ),
  ];
}

/** Answered all the same, but announced only where somebody takes what clients push. */
function telemetryHandlers(parts: HandlerParts): ServedApi[] {
  const isAnnounced = (): boolean => parts.telemetry.isReceived;
  const open: TelemetryAccess['open'] = () => parts.telemetry.open();
  const list = [
    serve(71, async () => (await import('./71-get-telemetry-subscriptions.ts')).getTelemetrySubscriptions(open)),
    serve(72, async () => (await import('./72-push-telemetry.ts')).pushTelemetry(open)),
  ];
  return list.map((api) => ({ ...api, isAnnounced }));
}

function announcedKeys(list: readonly ServedApi[]): number[] {
  return list.filter(({ isAnnounced }) => isAnnounced === undefined || isAnnounced()).map(({ key }) => key);
}
