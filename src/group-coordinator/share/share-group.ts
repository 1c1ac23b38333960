// A share group (KIP-932) as its records tell of it (Kafka: ShareGroup). It has no committed offsets: what it has read stands in
// __share_group_state. Its protocol is not served.
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { GroupStateRecord } from '../group-record.ts';
import { UnservedGroup, unservedKind } from '../unserved-group.ts';
import { memberMetadata, shareRecordTypes } from './record-types.ts';

class ShareGroup extends UnservedGroup {
  readonly type = 'share';
  readonly #memberIds = new Set<string>();

  get isEmpty(): boolean {
    return this.#memberIds.size === 0;
  }
  get state(): 'Empty' | 'Stable' {
    return this.isEmpty ? 'Empty' : 'Stable';
  }

  override checkCommit(): ErrorCode {
    return Errors.GROUP_ID_NOT_FOUND;
  }
  override checkFetch(): ErrorCode {
    return Errors.GROUP_ID_NOT_FOUND;
  }
  override checkDeleteOffsets(): ErrorCode {
    return Errors.GROUP_ID_NOT_FOUND;
  }
  isSubscribedTo(): boolean {
    return false;
  }

  protected read(record: GroupStateRecord): void {
    const member = memberMetadata.read(record);
    if (member === undefined) return;
    if (member.value === null) this.#memberIds.delete(member.key.memberId);
    else this.#memberIds.add(member.key.memberId);
  }
}

export const shareKind = unservedKind('share', shareRecordTypes, (groupId) => new ShareGroup(groupId));
