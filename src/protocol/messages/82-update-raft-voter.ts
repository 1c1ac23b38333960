// UpdateRaftVoter, version 0, flexible. A voter of the KRaft quorum tells its new endpoints and versions (KIP-853).
import { api, array, int16, int32, type RequestOf, type ResponseOf, string, struct, uint16, uuid } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs } from './fields.ts';

export const UpdateRaftVoter = api({
  key: 82,
  name: 'UpdateRaftVoter',
  versions: [0, 0],
  flexible: 0,
  request: {
    clusterId: string.nullable(),
    currentLeaderEpoch: int32.doc("The voter's view."),
    voterId: int32,
    voterDirectoryId: uuid.doc('Directory of the replica that is meant (KIP-853).'),
    listeners: array({ name: string.mapKey(), host: string, port: uint16 }),
    kRaftVersionFeature: struct({ minSupportedVersion: int16, maxSupportedVersion: int16 }),
  },
  response: {
    throttleTimeMs,
    errorCode,
    currentLeader: struct({ leaderId: brokerId.default(-1), leaderEpoch: int32.default(-1), host: string, port: int32 })
      .tag(0)
      .doc('Set when the client asked the wrong broker.'),
  },
});
export interface UpdateRaftVoterRequest extends RequestOf<typeof UpdateRaftVoter> {}
export interface UpdateRaftVoterResponse extends ResponseOf<typeof UpdateRaftVoter> {}
