// The part of the Admin that is about groups and their offsets.
import type { CallOptions } from '../connections/patience.ts';
import { AdminCalls } from './admin-calls.ts';
import type { AskedGroupOffsets, ListOffsetsOfGroupsOptions, OffsetToCommit } from './group-offsets.ts';
import type { ListGroupsOptions } from './list-groups.ts';
import type { TopicPartition } from './outcomes.ts';

export class GroupAdmin extends AdminCalls {
  /** Of all kinds, or of those asked for. */
  listGroups(how: ListGroupsOptions = {}) {
    return this.run(how, async (asking) => (await import('./list-groups.ts')).listGroups(asking, how));
  }

  listConsumerGroupOffsets(groups: readonly (string | AskedGroupOffsets)[], how: ListOffsetsOfGroupsOptions = {}) {
    const asked = groups.map((group) => (typeof group === 'string' ? { groupId: group } : group));
    return this.run(how, async (asking) => (await import('./group-offsets.ts')).listGroupOffsets(asking, asked, how));
  }

  alterConsumerGroupOffsets(groupId: string, offsets: readonly OffsetToCommit[], how: CallOptions = {}) {
    return this.run(how, async (asking) =>
      (await import('./group-offsets.ts')).alterGroupOffsets(asking, groupId, offsets),
    );
  }

  deleteConsumerGroupOffsets(groupId: string, partitions: readonly TopicPartition[], how: CallOptions = {}) {
    return this.run(how, async (asking) =>
      (await import('./group-offsets.ts')).deleteGroupOffsets(asking, groupId, partitions),
    );
  }
}
