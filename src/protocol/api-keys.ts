// The APIs of Kafka 4.3 as a light table: what a dispatcher must know before it loads a definition, and what ApiVersions
// answers. Keys 4 to 7 (ZooKeeper's time) are gone. test/protocol keeps the table equal to the definitions in messages/.

export interface ApiFacts {
  readonly key: number;
  /** Kafka's name, as in messages/: `Produce`. */
  readonly name: string;
  /** Versions that can be read and written, an unstable one included. */
  readonly minVersion: number;
  readonly maxVersion: number;
  /** The versions that ApiVersions announces. */
  readonly advertisedMinVersion: number;
  readonly advertisedMaxVersion: number;
  /** The first flexible version (KIP-482): compact lengths, tagged fields, request header 2. undefined: none is. */
  readonly flexibleSince: number | undefined;
  /** maxVersion is still in the making and neither announced nor served. */
  readonly latestVersionUnstable: boolean;
  readonly brokerListener: boolean;
  readonly controllerListener: boolean;
}

const NEVER = undefined;
const BROKER = { brokerListener: true, controllerListener: false };
const CONTROLLER = { brokerListener: false, controllerListener: true };
const BOTH = { brokerListener: true, controllerListener: true };

function api(
  key: number,
  name: string,
  minVersion: number,
  maxVersion: number,
  flexibleSince: number | undefined,
  listeners: { readonly brokerListener: boolean; readonly controllerListener: boolean },
  exception?: { readonly latestVersionUnstable?: true; readonly advertisedMinVersion?: number },
): ApiFacts {
  const latestVersionUnstable = exception?.latestVersionUnstable ?? false;
  return {
    key,
    name,
    minVersion,
    maxVersion,
    advertisedMinVersion: exception?.advertisedMinVersion ?? minVersion,
    advertisedMaxVersion: latestVersionUnstable ? maxVersion - 1 : maxVersion,
    flexibleSince,
    latestVersionUnstable,
    ...listeners,
  };
}

// Produce is announced from 0 although 3 is the lowest that is read: librdkafka before 2.6 takes the compression types
// it may use from that number (KIP-896).
/** Every API, in the order of the keys. */
export const apiKeys: readonly ApiFacts[] = [
  api(0, 'Produce', 3, 13, 9, BROKER, { advertisedMinVersion: 0 }),
  api(1, 'Fetch', 4, 18, 12, BOTH),
  api(2, 'ListOffsets', 1, 11, 6, BROKER),
  api(3, 'Metadata', 0, 13, 9, BROKER),
  api(8, 'OffsetCommit', 2, 10, 8, BROKER),
  api(9, 'OffsetFetch', 1, 10, 6, BROKER),
  api(10, 'FindCoordinator', 0, 6, 3, BROKER),
  api(11, 'JoinGroup', 0, 9, 6, BROKER),
  api(12, 'Heartbeat', 0, 4, 4, BROKER),
  api(13, 'LeaveGroup', 0, 5, 4, BROKER),
  api(14, 'SyncGroup', 0, 5, 4, BROKER),
  api(15, 'DescribeGroups', 0, 6, 5, BROKER),
  api(16, 'ListGroups', 0, 5, 3, BROKER),
  api(17, 'SaslHandshake', 0, 1, NEVER, BOTH),
  api(18, 'ApiVersions', 0, 4, 3, BOTH),
  api(19, 'CreateTopics', 2, 7, 5, BOTH),
  api(20, 'DeleteTopics', 1, 6, 4, BOTH),
  api(21, 'DeleteRecords', 0, 2, 2, BROKER),
  api(22, 'InitProducerId', 0, 6, 2, BROKER, { latestVersionUnstable: true }),
  api(23, 'OffsetForLeaderEpoch', 2, 4, 4, BROKER),
  api(24, 'AddPartitionsToTxn', 0, 5, 3, BROKER),
  api(25, 'AddOffsetsToTxn', 0, 4, 3, BROKER),
  api(26, 'EndTxn', 0, 5, 3, BROKER),
  api(27, 'WriteTxnMarkers', 1, 2, 1, BROKER),
  api(28, 'TxnOffsetCommit', 0, 5, 3, BROKER),
  api(29, 'DescribeAcls', 1, 3, 2, BOTH),
  api(30, 'CreateAcls', 1, 3, 2, BOTH),
  api(31, 'DeleteAcls', 1, 3, 2, BOTH),
  api(32, 'DescribeConfigs', 1, 4, 4, BOTH),
  api(33, 'AlterConfigs', 0, 2, 2, BOTH),
  api(34, 'AlterReplicaLogDirs', 1, 2, 2, BROKER),
  api(35, 'DescribeLogDirs', 1, 5, 2, BROKER),
  api(36, 'SaslAuthenticate', 0, 2, 2, BOTH),
  api(37, 'CreatePartitions', 0, 3, 2, BOTH),
  api(38, 'CreateDelegationToken', 1, 3, 2, BOTH),
  api(39, 'RenewDelegationToken', 1, 2, 2, BOTH),
  api(40, 'ExpireDelegationToken', 1, 2, 2, BOTH),
  api(41, 'DescribeDelegationToken', 1, 3, 2, BOTH),
  api(42, 'DeleteGroups', 0, 2, 2, BROKER),
  api(43, 'ElectLeaders', 0, 2, 2, BOTH),
  api(44, 'IncrementalAlterConfigs', 0, 1, 1, BOTH),
  api(45, 'AlterPartitionReassignments', 0, 1, 0, BOTH),
  api(46, 'ListPartitionReassignments', 0, 0, 0, BOTH),
  api(47, 'OffsetDelete', 0, 0, NEVER, BROKER),
  api(48, 'DescribeClientQuotas', 0, 1, 1, BROKER),
  api(49, 'AlterClientQuotas', 0, 1, 1, BOTH),
  api(50, 'DescribeUserScramCredentials', 0, 0, 0, BOTH),
  api(51, 'AlterUserScramCredentials', 0, 0, 0, BOTH),
  api(52, 'Vote', 0, 2, 0, CONTROLLER),
  api(53, 'BeginQuorumEpoch', 0, 1, 1, CONTROLLER),
  api(54, 'EndQuorumEpoch', 0, 1, 1, CONTROLLER),
  api(55, 'DescribeQuorum', 0, 2, 0, BOTH),
  api(56, 'AlterPartition', 2, 3, 0, CONTROLLER),
  api(57, 'UpdateFeatures', 0, 2, 0, BOTH),
  api(58, 'Envelope', 0, 0, 0, CONTROLLER),
  api(59, 'FetchSnapshot', 0, 1, 0, CONTROLLER),
  api(60, 'DescribeCluster', 0, 2, 0, BOTH),
  api(61, 'DescribeProducers', 0, 0, 0, BROKER),
  api(62, 'BrokerRegistration', 0, 4, 0, CONTROLLER),
  api(63, 'BrokerHeartbeat', 0, 2, 0, CONTROLLER),
  api(64, 'UnregisterBroker', 0, 0, 0, BOTH),
  api(65, 'DescribeTransactions', 0, 0, 0, BROKER),
  api(66, 'ListTransactions', 0, 2, 0, BROKER),
  api(67, 'AllocateProducerIds', 0, 0, 0, CONTROLLER),
  api(68, 'ConsumerGroupHeartbeat', 0, 1, 0, BROKER),
  api(69, 'ConsumerGroupDescribe', 0, 1, 0, BROKER),
  api(70, 'ControllerRegistration', 0, 0, 0, CONTROLLER),
  api(71, 'GetTelemetrySubscriptions', 0, 0, 0, BROKER),
  api(72, 'PushTelemetry', 0, 0, 0, BROKER),
  api(73, 'AssignReplicasToDirs', 0, 0, 0, CONTROLLER),
  api(74, 'ListConfigResources', 0, 1, 0, BROKER),
  api(75, 'DescribeTopicPartitions', 0, 0, 0, BROKER),
  api(76, 'ShareGroupHeartbeat', 1, 1, 0, BROKER),
  api(77, 'ShareGroupDescribe', 1, 1, 0, BROKER),
  api(78, 'ShareFetch', 1, 2, 0, BROKER),
  api(79, 'ShareAcknowledge', 1, 2, 0, BROKER),
  api(80, 'AddRaftVoter', 0, 1, 0, BOTH),
  api(81, 'RemoveRaftVoter', 0, 0, 0, BOTH),
  api(82, 'UpdateRaftVoter', 0, 0, 0, CONTROLLER),
  api(83, 'InitializeShareGroupState', 0, 0, 0, BROKER),
  api(84, 'ReadShareGroupState', 0, 0, 0, BROKER),
  api(85, 'WriteShareGroupState', 0, 1, 0, BROKER),
  api(86, 'DeleteShareGroupState', 0, 0, 0, BROKER),
  api(87, 'ReadShareGroupStateSummary', 0, 1, 0, BROKER),
  api(88, 'StreamsGroupHeartbeat', 0, 0, 0, BROKER),
  api(89, 'StreamsGroupDescribe', 0, 0, 0, BROKER),
  api(90, 'DescribeShareGroupOffsets', 0, 1, 0, BROKER),
  api(91, 'AlterShareGroupOffsets', 0, 0, 0, BROKER),
  api(92, 'DeleteShareGroupOffsets', 0, 0, 0, BROKER),
];

const byKey: (ApiFacts | undefined)[] = [];
for (const facts of apiKeys) byKey[facts.key] = facts;

/** The facts of a key; undefined when Kafka has no such API (any more). */
export function apiFacts(key: number): ApiFacts | undefined {
  return byKey[key];
}
