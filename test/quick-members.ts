// Configs of a broker whose groups answer at once: what members are given they hear of with the next heartbeat.
export const QUICK_MEMBERS = {
  'group.initial.rebalance.delay.ms': '0',
  'group.consumer.assignment.interval.ms': '0',
  'group.consumer.min.heartbeat.interval.ms': '50',
  'group.consumer.heartbeat.interval.ms': '50',
  'group.share.assignment.interval.ms': '0',
  'group.share.min.heartbeat.interval.ms': '50',
  'group.share.heartbeat.interval.ms': '50',
} as const;
