// AddRaftVoter, versions 0 to 1, flexible. Adds a voter to the KRaft quorum (KIP-853).
//   v1 may answer before the commit (KIP-1186)
import { api, array, bool, int32, type RequestOf, type ResponseOf, string, uint16, uuid } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const AddRaftVoter = api({
  key: 80,
  name: 'AddRaftVoter',
  versions: [0, 1],
  flexible: 0,
  request: {
    clusterId: string.nullable(),
    timeoutMs: int32,
    voterId: int32,
    voterDirectoryId: uuid.doc('Directory of the replica that is meant (KIP-853).'),
    listeners: array({ name: string.mapKey(), host: string, port: uint16 }),
    ackWhenCommitted: bool.since(1).default(true).doc('true: answer when the new voter set is committed.'),
  },
  response: { throttleTimeMs, errorCode, errorMessage: string.nullable() },
});
export interface AddRaftVoterRequest extends RequestOf<typeof AddRaftVoter> {}
export interface AddRaftVoterResponse extends ResponseOf<typeof AddRaftVoter> {}
