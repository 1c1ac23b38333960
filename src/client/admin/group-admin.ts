// The part of the Admin that is about groups and their offsets.
import type { CallOptions } from '../connections/patience.ts';
import { AdminCalls } from './admin-calls.ts';
import type { DescribeGroupsOptions } from './describe-groups.ts';
import type { AskedGroupOffsets, ListOffsetsOfGroupsOptions, OffsetToCommit } from './group-offsets.ts';
import type { RemoveMembersOptions } from './groups.ts';
import type { ListGroupsOptions } from './list-groups.ts';
import type { TopicPartition } from './outcomes.ts';
import type { AskedShareOffsets, NewShareOffset } from './share-groups.ts';

const describing = () => import('./describe-groups.ts');
const offsetsOfGroups = () => import('./group-offsets.ts');
const shareGroups = () => import('./share-groups.ts');

export class GroupAdmin extends AdminCalls {
  /** Of all kinds, or of those asked for. */
  listGroups(how: ListGroupsOptions = {}) {
    return this.run(how, async (asking) => (await import('./list-groups.ts')).listGroups(asking, how));
  }

  /** Of KIP-848 and classic ones. */
  describeConsumerGroups(groupIds: readonly string[], how: DescribeGroupsOptions = {}) {
    return this.run(how, async (asking) => (await describing()).describeConsumerGroups(asking, groupIds, how));
  }

  /** Of consumers, Connect workers and others: whatever joins by the classic protocol. */
  describeClassicGroups(groupIds: readonly string[], how: DescribeGroupsOptions = {}) {
    return this.run(how, async (asking) => (await describing()).describeClassicGroups(asking, groupIds, how));
  }

  /** Of groups without members. */
  deleteConsumerGroups(groupIds: readonly string[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./groups.ts')).deleteGroups(asking, groupIds));
  }

  /** Answers by instance id, or by member id. */
  removeMembersFromConsumerGroup(groupId: string, how: RemoveMembersOptions = {}) {
    return this.run(how, async (asking) => (await import('./groups.ts')).removeMembers(asking, groupId, how));
  }

  listConsumerGroupOffsets(groups: readonly (string | AskedGroupOffsets)[], how: ListOffsetsOfGroupsOptions = {}) {
    return this.run(how, async (asking) => (await offsetsOfGroups()).listGroupOffsets(asking, named(groups), how));
  }

  alterConsumerGroupOffsets(groupId: string, offsets: readonly OffsetToCommit[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await offsetsOfGroups()).alterGroupOffsets(asking, groupId, offsets));
  }

  deleteConsumerGroupOffsets(groupId: string, partitions: readonly TopicPartition[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await offsetsOfGroups()).deleteGroupOffsets(asking, groupId, partitions));
  }

  describeShareGroups(groupIds: readonly string[], how: DescribeGroupsOptions = {}) {
    return this.run(how, async (asking) => (await shareGroups()).describeShareGroups(asking, groupIds, how));
  }

  deleteShareGroups(groupIds: readonly string[], how: CallOptions = {}) {
    return this.deleteConsumerGroups(groupIds, how);
  }

  listShareGroupOffsets(groups: readonly (string | AskedShareOffsets)[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await shareGroups()).listShareGroupOffsets(asking, named(groups)));
  }

  /** Of groups without members. */
  alterShareGroupOffsets(groupId: string, offsets: readonly NewShareOffset[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await shareGroups()).alterShareGroupOffsets(asking, groupId, offsets));
  }

  /** Of whole topics. */
  deleteShareGroupOffsets(groupId: string, topics: readonly string[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await shareGroups()).deleteShareGroupOffsets(asking, groupId, topics));
  }

  describeStreamsGroups(groupIds: readonly string[], how: DescribeGroupsOptions = {}) {
    return this.run(how, async (asking) =>
      (await import('./streams-groups.ts')).describeStreamsGroups(asking, groupIds, how),
    );
  }

  deleteStreamsGroups(groupIds: readonly string[], how: CallOptions = {}) {
    return this.deleteConsumerGroups(groupIds, how);
  }

  listStreamsGroupOffsets(groups: readonly (string | AskedGroupOffsets)[], how: ListOffsetsOfGroupsOptions = {}) {
    return this.listConsumerGroupOffsets(groups, how);
  }

  alterStreamsGroupOffsets(groupId: string, offsets: readonly OffsetToCommit[], how: CallOptions = {}) {
    return this.alterConsumerGroupOffsets(groupId, offsets, how);
  }

  deleteStreamsGroupOffsets(groupId: string, partitions: readonly TopicPartition[], how: CallOptions = {}) {
    return this.deleteConsumerGroupOffsets(groupId, partitions, how);
  }
}

function named<G extends { readonly groupId: string }>(
  groups: readonly (string | G)[],
): (G | { readonly groupId: string })[] {
  return groups.map((group) => (typeof group === 'string' ? { groupId: group } : group));
}
