// The APIs that groups of every kind share: ListGroups, DescribeGroups, DeleteGroups (Kafka: GroupCoordinatorService, listGroups
// to deleteGroups).
import { type ErrorCode, Errors } from '../protocol/index.ts';
import type { DescribeGroupsRequest, DescribeGroupsResponse } from '../protocol/messages/15-describe-groups.ts';
import type { ListGroupsRequest, ListGroupsResponse } from '../protocol/messages/16-list-groups.ts';
import type { DeleteGroupsRequest, DeleteGroupsResponse } from '../protocol/messages/42-delete-groups.ts';
import { answering, eachOnce, followedBy, together } from './answers.ts';
import type { DescribedGroup, Group, GroupsById, ListedGroup } from './group.ts';
import type { GroupEffects } from './group-effects.ts';
import type { Answer, GroupRequestContext, GroupShards } from './shards.ts';

/** What the APIs need of a shard. */
export interface AdminShard {
  readonly groups: GroupsById;
  deleteGroup(groupId: string, effects: GroupEffects): ErrorCode;
}

const NOT_FOUND_SINCE = 6;

export class GroupAdmin {
  readonly #shards: GroupShards<AdminShard>;
  readonly #deleteElsewhere: (groupId: string) => Answer<ErrorCode>;

  /** `deleteElsewhere`: deletes what others keep for a group that is about to be deleted; NONE when nothing is left there. */
  constructor(shards: GroupShards<AdminShard>, deleteElsewhere: (groupId: string) => Answer<ErrorCode>) {
    this.#shards = shards;
    this.#deleteElsewhere = deleteElsewhere;
  }

  /** The groups of all partitions that are led here; the error of one that is being loaded is that of the whole answer. */
  listGroups(request: ListGroupsRequest): Answer<ListGroupsResponse> {
    const lists: Answer<readonly ListedGroup[] | ErrorCode>[] = [];
    for (const partition of this.#shards.partitions) {
      lists.push(
        answering<readonly ListedGroup[] | ErrorCode>(
          () => this.#shards.askPartition(partition, ({ groups }) => listed(groups, request)),
          (errorCode) => (errorCode === Errors.NOT_COORDINATOR ? [] : errorCode),
        ),
      );
    }
    return together(lists, (all) => {
      const groups: ListedGroup[] = [];
      for (const one of all) {
        if (typeof one === 'number') return { errorCode: one, groups: [] };
        groups.push(...one);
      }
      return { errorCode: Errors.NONE, groups };
    });
  }

  describeGroups(request: DescribeGroupsRequest, { apiVersion }: GroupRequestContext): Answer<DescribeGroupsResponse> {
    const groups = eachOnce(request.groups, (groupId) =>
      answering(
        () => this.#shards.ask(groupId, (shard) => describe(groupId, shard.groups.get(groupId), apiVersion)),
        (errorCode) => undescribed(groupId, errorCode),
      ),
    );
    return together(groups, (all) => ({ groups: all }));
  }

  deleteGroups(request: DeleteGroupsRequest): Answer<DeleteGroupsResponse> {
    const results = [...new Set(request.groupsNames)].map((groupId) =>
      answering<DeleteGroupsResponse['results'][number]>(
        () =>
          followedBy(this.#deleteElsewhere(groupId), (errorCode) =>
            errorCode === Errors.NONE
              ? this.#shards.ask(groupId, (shard, effects) => ({
                  groupId,
                  errorCode: shard.deleteGroup(groupId, effects),
                }))
              : { groupId, errorCode },
          ),
        (errorCode) => ({ groupId, errorCode }),
      ),
    );
    return together(results, (all) => ({ throttleTimeMs: 0, results: all }));
  }
}

function listed(groups: GroupsById, { statesFilter, typesFilter }: ListGroupsRequest): ListedGroup[] {
  const states = new Set(statesFilter.map((state) => state.toLowerCase()));
  const types = new Set(typesFilter.map((type) => type.toLowerCase()));
  const found: ListedGroup[] = [];
  for (const group of groups.all()) {
    const row = group.listed();
    if (states.size > 0 && !states.has((row.groupState ?? '').toLowerCase())) continue;
    if (types.size > 0 && !types.has((row.groupType ?? '').toLowerCase())) continue;
    found.push(row);
  }
  return found;
}

function describe(groupId: string, group: Group | undefined, apiVersion: number): DescribedGroup {
  const described = group?.described();
  if (described !== undefined) return described;
  const message = group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`;
  // KIP-1043: before, a group that is not there is a dead one.
  const isTold = apiVersion >= NOT_FOUND_SINCE;
  const errorCode = isTold ? Errors.GROUP_ID_NOT_FOUND : Errors.NONE;
  return { ...undescribed(groupId, errorCode), errorMessage: isTold ? message : null, groupState: 'Dead' };
}

function undescribed(groupId: string, errorCode: DescribedGroup['errorCode']): DescribedGroup {
  return { errorCode, errorMessage: null, groupId, groupState: '', protocolType: '', protocolData: '', members: [] };
}
