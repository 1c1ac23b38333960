// LeaveGroup, versions 0 to 5. Members leave a classic group.
//   v3 several members at once, by instance id as well (KIP-345) · v4 flexible · v5 reason (KIP-800)
import { api, array, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs } from './fields.ts';

export const LeaveGroup = api({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexible: 4,
  request: {
    groupId,
    memberId: string.until(2),
    members: array({
      memberId: string,
      groupInstanceId: string.nullable().default(null).doc('Set for static members (KIP-345).'),
      reason: string.since(5).nullable().default(null).ignorable().doc('For the log of the broker.'),
    }).since(3),
  },
  response: {
    throttleTimeMs: throttleTimeMs.since(1).ignorable(),
    errorCode,
    members: array({
      memberId: string,
      groupInstanceId: string.nullable().doc('Set for static members (KIP-345).'),
      errorCode,
    }).since(3),
  },
});
export interface LeaveGroupRequest extends RequestOf<typeof LeaveGroup> {}
export interface LeaveGroupResponse extends ResponseOf<typeof LeaveGroup> {}
