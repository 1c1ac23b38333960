// What share groups are configured with beside their members (Kafka: ShareGroupConfig): the defaults of all groups, which the
// configs of one group replace.
import { config, type ConfigOf } from '../runtime/index.ts';

const { int } = config;

export const sharePartitionsConfig = {
  groupShareDeliveryCountLimit: int('group.share.delivery.count.limit', 5)
    .between(2, 10)
    .doc('How often a record is delivered to a share group before it is given up.'),
  groupShareRecordLockDurationMs: int('group.share.record.lock.duration.ms', 30_000)
    .between(1_000, 3_600_000)
    .doc('How long a record stays with a member of a share group before it is offered again.'),
  groupSharePartitionMaxRecordLocks: int('group.share.partition.max.record.locks', 2_000)
    .between(100, 10_000)
    .doc('Records of a partition that may be on their way to a share group.'),
  groupShareMinDeliveryCountLimit: int('group.share.min.delivery.count.limit', 2)
    .between(2, 5)
    .doc('The least share.delivery.count.limit that a group may have.'),
  groupShareMaxDeliveryCountLimit: int('group.share.max.delivery.count.limit', 10)
    .between(5, 25)
    .doc('The greatest share.delivery.count.limit that a group may have.'),
  groupShareMinRecordLockDurationMs: int('group.share.min.record.lock.duration.ms', 15_000)
    .between(1_000, 30_000)
    .doc('The least share.record.lock.duration.ms that a group may have.'),
  groupShareMaxRecordLockDurationMs: int('group.share.max.record.lock.duration.ms', 60_000)
    .between(30_000, 3_600_000)
    .doc('The greatest share.record.lock.duration.ms that a group may have.'),
  groupShareMinPartitionMaxRecordLocks: int('group.share.min.partition.max.record.locks', 100)
    .between(100, 2_000)
    .doc('The least share.partition.max.record.locks that a group may have.'),
  groupShareMaxPartitionMaxRecordLocks: int('group.share.max.partition.max.record.locks', 4_000)
    .between(2_000, 10_000)
    .doc('The greatest share.partition.max.record.locks that a group may have.'),
  groupShareMaxShareSessions: int('group.share.max.share.sessions', 2_000)
    .atLeast(1)
    .doc('The most share sessions of this broker.'),
} as const;

export type SharePartitionsConfig = ConfigOf<typeof sharePartitionsConfig>;
