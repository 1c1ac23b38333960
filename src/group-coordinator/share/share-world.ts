// What operations on share groups need of their shard.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { InitializeShareGroupStateRequest } from '../../protocol/messages/83-initialize-share-group-state.ts';
import type { Group } from '../group.ts';
import type { TopicHashes } from '../modern/index.ts';
import type { ShareGroup } from './share-group.ts';
import type { ShareSettings } from './share-settings.ts';

export interface ShareGroupsOfShard {
  get(groupId: string): Group | undefined;
  share(groupId: string): ShareGroup | undefined;
  allShare(): Iterable<ShareGroup>;
}

export interface ShareWorld {
  readonly groups: ShareGroupsOfShard;
  readonly settings: ShareSettings;
  readonly image: MetadataImage;
  readonly hashes: TopicHashes;
  /**
   * What was last asked about state that is to be set up, by group and share partition. Not kept with the groups: one that is being
   * made is another object once its records are replayed.
   */
  readonly initializations: Map<string, StateInitialization>;
}

/** State that the share coordinator is asked to set up for the first time. */
export interface StateInitialization {
  readonly request: InitializeShareGroupStateRequest;
  readonly askedMs: number;
}

/** Throws KafkaError GROUP_ID_NOT_FOUND; `kind` says what was sought, where there is no group of that id. */
export function knownShareGroup({ groups }: ShareWorld, groupId: string, kind = 'Group'): ShareGroup {
  const group = groups.share(groupId);
  if (group !== undefined) return group;
  const isOther = groups.get(groupId) !== undefined;
  const why = isOther ? `Group ${groupId} is not a share group.` : `${kind} ${groupId} not found.`;
  throw new KafkaError(Errors.GROUP_ID_NOT_FOUND, why);
}
