// RemoveRaftVoter, version 0, flexible. Removes a voter from the KRaft quorum (KIP-853).
import { api, int32, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const RemoveRaftVoter = api({
  key: 81,
  name: 'RemoveRaftVoter',
  versions: [0, 0],
  flexible: 0,
  request: {
    clusterId: string.nullable(),
    voterId: int32,
    voterDirectoryId: uuid.doc('Directory of the replica that is meant (KIP-853).'),
  },
  response: { throttleTimeMs, errorCode, errorMessage: string.nullable() },
});
export interface RemoveRaftVoterRequest extends RequestOf<typeof RemoveRaftVoter> {}
export interface RemoveRaftVoterResponse extends ResponseOf<typeof RemoveRaftVoter> {}
