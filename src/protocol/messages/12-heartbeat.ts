// Heartbeat, versions 0 to 4. A classic group member shows that it lives, and hears whether to join again.
//   v3 static members (KIP-345) · v4 flexible
import { api, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs } from './fields.ts';

export const Heartbeat = api({
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexible: 4,
  request: {
    groupId,
    generationId: int32,
    memberId: string,
    groupInstanceId: string.since(3).nullable().default(null).doc('Set for static members (KIP-345).'),
  },
  response: { throttleTimeMs: throttleTimeMs.since(1).ignorable(), errorCode },
});
export interface HeartbeatRequest extends RequestOf<typeof Heartbeat> {}
export interface HeartbeatResponse extends ResponseOf<typeof Heartbeat> {}
