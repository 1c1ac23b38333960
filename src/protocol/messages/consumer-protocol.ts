// What classic consumers put into the opaque bytes of JoinGroup and SyncGroup. Two bytes of version in front. A broker
// reads it to let consumer groups take in classic members (KIP-848).
import { array, bytes, int32, message, string, type ValueOf } from '../schema.ts';
import { topicName } from './fields.ts';

export const consumerProtocolSubscription = message('ConsumerProtocolSubscription', [0, 3], undefined, {
  topics: array(string),
  userData: bytes.nullable().default(null),
  ownedPartitions: array({ topic: topicName.mapKey(), partitions: array(int32) })
    .since(1)
    .ignorable(),
  generationId: int32
    .since(2)
    .default(-1)
    .ignorable()
    .doc('Generation in which the owned partitions were assigned; -1 when not known (KIP-792).'),
  rackId: string.since(3).nullable().default(null).ignorable(),
});
export interface ConsumerProtocolSubscription extends ValueOf<typeof consumerProtocolSubscription.fields> {}

export const consumerProtocolAssignment = message('ConsumerProtocolAssignment', [0, 3], undefined, {
  assignedPartitions: array({ topic: topicName.mapKey(), partitions: array(int32) }),
  userData: bytes.nullable().default(null),
});
export interface ConsumerProtocolAssignment extends ValueOf<typeof consumerProtocolAssignment.fields> {}
