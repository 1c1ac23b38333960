// InitializeShareGroupState, version 0, flexible. The group coordinator has the state of share partitions set up
// (KIP-932).
import { api, array, int32, int64, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode } from './fields.ts';

export const InitializeShareGroupState = api({
  key: 83,
  name: 'InitializeShareGroupState',
  versions: [0, 0],
  flexible: 0,
  request: {
    groupId: string,
    topics: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
        stateEpoch: int32.doc('Set by the group coordinator; a stale one is fenced.'),
        startOffset: int64.doc('-1: to be found out.'),
      }),
    }),
  },
  response: {
    results: array({
      topicId: uuid,
      partitions: array({ partition: int32, errorCode, errorMessage: string.nullable().default(null) }),
    }),
  },
});
export interface InitializeShareGroupStateRequest extends RequestOf<typeof InitializeShareGroupState> {}
export interface InitializeShareGroupStateResponse extends ResponseOf<typeof InitializeShareGroupState> {}
