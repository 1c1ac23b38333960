// Records of classic groups in __consumer_offsets. A key has its type in front, a value its version, two bytes each.
import { array, bytes, exactInt64, int32, message, string, type ValueOf } from '../schema.ts';

export const groupMetadataKey = message('GroupMetadataKey', [0, 0], undefined, { group: string });
export interface GroupMetadataKey extends ValueOf<typeof groupMetadataKey.fields> {}

const memberMetadata = {
  memberId: string,
  groupInstanceId: string.since(3).nullable().default(null).ignorable(),
  clientId: string,
  clientHost: string,
  rebalanceTimeout: int32.since(1).default(-1).ignorable(),
  sessionTimeout: int32,
  subscription: bytes,
  assignment: bytes,
};

export const groupMetadataValue = message('GroupMetadataValue', [0, 4], 4, {
  protocolType: string,
  generation: int32,
  protocol: string.nullable(),
  leader: string.nullable(),
  currentStateTimestamp: exactInt64.since(2).default(-1).ignorable(),
  members: array(memberMetadata),
});
export interface GroupMetadataValue extends ValueOf<typeof groupMetadataValue.fields> {}
