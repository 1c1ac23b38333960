// Which coordinator a share partition belongs to.

/** What a group does with one partition of a topic. */
export interface SharePartitionKey {
  readonly groupId: string;
  readonly topicId: string;
  readonly partition: number;
}

/** As FindCoordinator names it; the partition of __share_group_state follows from it (SharePartitionKey.asCoordinatorKey). */
export function coordinatorKeyOf({ groupId, topicId, partition }: SharePartitionKey): string {
  return `${groupId}:${topicId}:${partition}`;
}
