// The group coordinator: classic groups and committed offsets, for the partitions of __consumer_offsets that this node leads.
import type { DeleteGroupsRequest, DeleteGroupsResponse } from '../protocol/messages/42-delete-groups.ts';
import type { DescribeGroupsRequest, DescribeGroupsResponse } from '../protocol/messages/15-describe-groups.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../protocol/messages/12-heartbeat.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/messages/11-join-group.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../protocol/messages/13-leave-group.ts';
import type { ListGroupsRequest, ListGroupsResponse } from '../protocol/messages/16-list-groups.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../protocol/messages/08-offset-commit.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../protocol/messages/47-offset-delete.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../protocol/messages/09-offset-fetch.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../protocol/messages/14-sync-group.ts';

/** What a request is, beside its body. */
export interface GroupRequestContext {
  /** Empty when the client named none. */
  readonly clientId: string;
  /** As Kafka shows it: `/127.0.0.1`. */
  readonly clientHost: string;
  readonly apiVersion: number;
}

type Answer<T> = T | Promise<T>;

/**
 * One method per API. All expected failures are told in the response: nothing is thrown or rejected for a request, however
 * wrong. Topics are known by name here: for versions with topic ids the handler fills in the `name` of the request's topics,
 * leaves out those that do not exist (UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION are its answers), and finds both `name`
 * and `topicId` of the request back in the response; in an OffsetFetch of all topics `topicId` is zero, for the handler to
 * fill in.
 */
export interface GroupCoordinator {
  joinGroup(request: JoinGroupRequest, context: GroupRequestContext): Answer<JoinGroupResponse>;
  syncGroup(request: SyncGroupRequest, context: GroupRequestContext): Answer<SyncGroupResponse>;
  heartbeat(request: HeartbeatRequest, context: GroupRequestContext): Answer<HeartbeatResponse>;
  leaveGroup(request: LeaveGroupRequest, context: GroupRequestContext): Answer<LeaveGroupResponse>;
  offsetCommit(request: OffsetCommitRequest, context: GroupRequestContext): Answer<OffsetCommitResponse>;
  offsetFetch(request: OffsetFetchRequest, context: GroupRequestContext): Answer<OffsetFetchResponse>;
  offsetDelete(request: OffsetDeleteRequest, context: GroupRequestContext): Answer<OffsetDeleteResponse>;
  deleteGroups(request: DeleteGroupsRequest, context: GroupRequestContext): Answer<DeleteGroupsResponse>;
  describeGroups(request: DescribeGroupsRequest, context: GroupRequestContext): Answer<DescribeGroupsResponse>;
  listGroups(request: ListGroupsRequest, context: GroupRequestContext): Answer<ListGroupsResponse>;

  /** The partition of __consumer_offsets that a group belongs to; undefined while the topic does not exist. */
  partitionFor(groupId: string): number | undefined;
  /** Whether this node leads that partition, loaded or loading. */
  isCoordinatorFor(groupId: string): boolean;
  /** This node leads the partition from now on, in `epoch`: it is loaded. Older epochs are ignored. */
  onLeader(partition: number, epoch: number): void;
  /** It does no longer, or the partition is gone. */
  onResigned(partition: number): void;
  /** Committed offsets of these topics go. */
  topicDeleted(names: ReadonlySet<string>): void;
  /** Ends all waits with NOT_COORDINATOR; nothing is served any more. */
  close(): void;
}
