// The change from one image to another that did not come about record by record: a node far behind gets a snapshot in place of
// the log that is gone, and its publishers have to hear what is new, what differs and what is no more (Kafka:
// MetadataDelta.finishSnapshot). Only what differs is in it.
import { MetadataDelta } from './delta/metadata-delta.ts';
import { clientQuotaRecords, quotaEntityKey } from './image/client-quotas-image.ts';
import { aclRecords } from './image/acls-image.ts';
import { brokerToRecord, controllerToRecord } from './image/cluster-image.ts';
import { RESOURCE_TOPIC } from './image/configs-image.ts';
import { tokenRecords } from './image/delegation-tokens-image.ts';
import type { MetadataImage } from './image/metadata-image.ts';
import {
  LATEST_METADATA_VERSION,
  partitionRecordVersion,
  registerBrokerRecordVersion,
} from './image/metadata-versions.ts';
import { type PartitionImage, partitionToRecord } from './image/partition-image.ts';
import { scramKey, scramRecords } from './image/scram-image.ts';
import type { TopicImage } from './image/topics-image.ts';
import { encodeMetadataRecord, type MetadataRecord } from './records/index.ts';

const PARTITION_VERSION = partitionRecordVersion(LATEST_METADATA_VERSION);
const BROKER_VERSION = registerBrokerRecordVersion(LATEST_METADATA_VERSION);

/** Partitions that are compared in one turn of the event loop. */
const PARTITIONS_PER_STEP = 10_000;

/** Yields where the event loop is to have a turn. */
export function* differenceBetween(from: MetadataImage, to: MetadataImage): Generator<void, MetadataDelta, void> {
  const delta = new MetadataDelta(from);
  for (const id of from.cluster.controllers.keys()) {
    if (!to.cluster.controllers.has(id)) delta.forgetController(id);
  }
  for (const id of from.topics.byId.keys()) {
    if (!to.topics.byId.has(id)) delta.replay({ type: 'RemoveTopicRecord', version: 0, topicId: id });
  }
  let looked = 0;
  for (const topic of to.topics.byId.values()) {
    for (const record of topicChanges(from, topic)) delta.replay(record);
    looked += topic.partitions.length;
    if (looked < PARTITIONS_PER_STEP) continue;
    looked = 0;
    yield;
  }
  const before = new Map<string, MetadataRecord>();
  for (const record of otherRecords(from)) before.set(keyOf(record), record);
  for (const record of otherRecords(to)) {
    const key = keyOf(record);
    const known = before.get(key);
    before.delete(key);
    if (known === undefined || isForgotten(delta, known) || !isSame(known, record)) delta.replay(record);
  }
  for (const record of before.values()) {
    const removal = removalOf(record);
    if (removal !== undefined) delta.replay(removal);
  }
  return delta;
}

function* topicChanges(from: MetadataImage, topic: TopicImage): Generator<MetadataRecord> {
  const known = from.topics.byId.get(topic.id);
  if (known === undefined) yield { type: 'TopicRecord', version: 0, name: topic.name, topicId: topic.id };
  for (const partition of topic.partitions) {
    const before = known?.partitions[partition.partition];
    if (before !== undefined && isSamePartition(before, partition)) continue;
    yield partitionToRecord(topic.id, partition, PARTITION_VERSION);
  }
}

/** All but topics and partitions, in the versions that say most. */
function* otherRecords(image: MetadataImage): Generator<MetadataRecord> {
  for (const [name, featureLevel] of image.features.levels) {
    yield { type: 'FeatureLevelRecord', version: 0, name, featureLevel };
  }
  for (const broker of image.cluster.brokers.values()) yield brokerToRecord(broker, BROKER_VERSION);
  for (const controller of image.cluster.controllers.values()) yield controllerToRecord(controller);
  for (const { type, name, entries } of image.configs.resources()) {
    for (const [key, value] of entries) {
      yield { type: 'ConfigRecord', version: 0, resourceType: type, resourceName: name, name: key, value };
    }
  }
  yield* clientQuotaRecords(image.clientQuotas);
  yield* aclRecords(image.acls);
  yield* scramRecords(image.scram);
  yield* tokenRecords(image.delegationTokens);
  const { nextProducerId } = image;
  yield { type: 'ProducerIdsRecord', version: 0, brokerId: -1, brokerEpoch: -1, nextProducerId };
}

/** What the record is about: a later one with the same key takes its place. */
function keyOf(record: MetadataRecord): string {
  switch (record.type) {
    case 'FeatureLevelRecord':
      return `${record.type} ${record.name}`;
    case 'RegisterBrokerRecord':
      return `${record.type} ${record.brokerId}`;
    case 'RegisterControllerRecord':
      return `${record.type} ${record.controllerId}`;
    case 'ConfigRecord':
      return `${record.type} ${record.resourceType} ${JSON.stringify([record.resourceName, record.name])}`;
    case 'ClientQuotaRecord':
      return `${record.type} ${record.key} ${quotaEntityKey(record.entity)}`;
    case 'AccessControlEntryRecord':
      return `${record.type} ${record.id}`;
    case 'UserScramCredentialRecord':
      return `${record.type} ${scramKey(record)}`;
    case 'DelegationTokenRecord':
      return `${record.type} ${record.tokenId}`;
    default:
      return record.type;
  }
}

/** undefined where nothing has to be said: producer ids only rise, controllers are forgotten otherwise. */
function removalOf(record: MetadataRecord): MetadataRecord | undefined {
  switch (record.type) {
    case 'FeatureLevelRecord':
      return { ...record, featureLevel: 0 };
    case 'RegisterBrokerRecord':
      return {
        type: 'UnregisterBrokerRecord',
        version: 0,
        brokerId: record.brokerId,
        brokerEpoch: record.brokerEpoch,
      };
    case 'ConfigRecord':
      return { ...record, value: null };
    case 'ClientQuotaRecord':
      return { ...record, remove: true };
    case 'AccessControlEntryRecord':
      return { type: 'RemoveAccessControlEntryRecord', version: 0, id: record.id };
    case 'UserScramCredentialRecord':
      return {
        type: 'RemoveUserScramCredentialRecord',
        version: 0,
        name: record.name,
        mechanism: record.mechanism,
      };
    case 'DelegationTokenRecord':
      return { type: 'RemoveDelegationTokenRecord', version: 0, tokenId: record.tokenId };
    default:
      return undefined;
  }
}

/** A topic's configs went with it; one of the same name that came since may have the same. */
function isForgotten({ base, deletedTopics }: MetadataDelta, record: MetadataRecord): boolean {
  if (record.type !== 'ConfigRecord' || record.resourceType !== RESOURCE_TOPIC) return false;
  const topic = base.topics.byName.get(record.resourceName);
  return topic !== undefined && deletedTopics.has(topic.id);
}

const isSame = (one: MetadataRecord, other: MetadataRecord): boolean =>
  encodeMetadataRecord(one).equals(encodeMetadataRecord(other));

function isSamePartition(one: PartitionImage, other: PartitionImage): boolean {
  return (
    one.partitionEpoch === other.partitionEpoch &&
    one.leaderEpoch === other.leaderEpoch &&
    one.leader === other.leader &&
    one.leaderRecoveryState === other.leaderRecoveryState &&
    isSameList(one.replicas, other.replicas) &&
    isSameList(one.isr, other.isr) &&
    isSameList(one.directories, other.directories) &&
    isSameList(one.addingReplicas, other.addingReplicas) &&
    isSameList(one.removingReplicas, other.removingReplicas) &&
    isSameList(one.elr, other.elr) &&
    isSameList(one.lastKnownElr, other.lastKnownElr)
  );
}

const isSameList = <T>(one: readonly T[], other: readonly T[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index]);
