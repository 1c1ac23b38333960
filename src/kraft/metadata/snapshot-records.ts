// An image as the records that make it again: what a snapshot holds between its header and its footer, in Kafka's order
// (MetadataImage.write). Only states are written, never changes; versions follow the metadata version.
import { aclRecords } from './image/acls-image.ts';
import { clientQuotaRecords } from './image/client-quotas-image.ts';
import { brokerToRecord, controllerToRecord } from './image/cluster-image.ts';
import { tokenRecords } from './image/delegation-tokens-image.ts';
import { METADATA_VERSION } from './image/features-image.ts';
import {
  hasControllerRegistrations,
  hasDelegationTokens,
  hasScram,
  partitionRecordVersion,
  registerBrokerRecordVersion,
} from './image/metadata-versions.ts';
import { MetadataDelta } from './delta/metadata-delta.ts';
import { MetadataImage } from './image/metadata-image.ts';
import { partitionToRecord } from './image/partition-image.ts';
import { scramRecords } from './image/scram-image.ts';
import type { MetadataRecord } from './records/index.ts';

export function* snapshotRecords(image: MetadataImage): Generator<MetadataRecord> {
  yield* featureRecords(image);
  const { metadataVersion } = image.features;
  const brokerVersion = registerBrokerRecordVersion(metadataVersion);
  for (const broker of image.cluster.brokers.values()) yield brokerToRecord(broker, brokerVersion);
  if (hasControllerRegistrations(metadataVersion)) {
    for (const controller of image.cluster.controllers.values()) yield controllerToRecord(controller);
  }
  yield* topicRecords(image);
  for (const { type, name, entries } of image.configs.resources()) {
    for (const [key, value] of entries) {
      yield { type: 'ConfigRecord', version: 0, resourceType: type, resourceName: name, name: key, value };
    }
  }
  yield* clientQuotaRecords(image.clientQuotas);
  if (image.nextProducerId >= 0) {
    const { nextProducerId } = image;
    yield { type: 'ProducerIdsRecord', version: 0, brokerId: -1, brokerEpoch: -1, nextProducerId };
  }
  yield* aclRecords(image.acls);
  if (hasScram(metadataVersion)) yield* scramRecords(image.scram);
  if (hasDelegationTokens(metadataVersion)) yield* tokenRecords(image.delegationTokens);
}

/** The change from nothing to `image`: what a publisher sees that joins late. */
export function deltaFromNothing(image: MetadataImage): MetadataDelta {
  const delta = new MetadataDelta(MetadataImage.empty);
  for (const record of snapshotRecords(image)) delta.replay(record);
  return delta;
}

/** metadata.version comes first: it says how to read the rest. */
function* featureRecords(image: MetadataImage): Generator<MetadataRecord> {
  const { levels } = image.features;
  const metadataVersion = levels.get(METADATA_VERSION);
  if (metadataVersion !== undefined) yield featureRecord(METADATA_VERSION, metadataVersion);
  for (const [name, level] of levels) {
    if (name !== METADATA_VERSION) yield featureRecord(name, level);
  }
}

function featureRecord(name: string, featureLevel: number): MetadataRecord {
  return { type: 'FeatureLevelRecord', version: 0, name, featureLevel };
}

function* topicRecords(image: MetadataImage): Generator<MetadataRecord> {
  const version = partitionRecordVersion(image.features.metadataVersion);
  for (const topic of image.topics.byId.values()) {
    yield { type: 'TopicRecord', version: 0, name: topic.name, topicId: topic.id };
    for (const partition of topic.partitions) yield partitionToRecord(topic.id, partition, version);
  }
}
