// What consumer and share groups have in common.
export { TopicHashes } from './metadata-hash.ts';
export { ModernGroup, type ModernGroupState } from './modern-group.ts';
export {
  isReconciledTo,
  JOIN_EPOCH,
  LEAVE_EPOCH,
  LEAVE_STATIC_EPOCH,
  type MemberState,
  memberStateOf,
  MemberStates,
  type ModernMember,
  sameNames,
} from './modern-member.ts';
export { SubscribedTopics } from './subscribed-topics.ts';
export {
  computeTargetAssignment,
  isAssignmentDue,
  type TargetAssignment,
  type TargetAssignmentParts,
  topicIdsOf,
} from './target-assignment.ts';
export {
  NO_PARTITIONS,
  sameTopicPartitions,
  type TopicPartitions,
  topicPartitionsOf,
  type TopicPartitionsRow,
  topicPartitionsRows,
} from './topic-partitions.ts';
