// CreatePartitions, versions 0 to 3. Adds partitions to topics (KIP-195).
//   v2 flexible · v3 mutation quota (KIP-599)
import { api, array, bool, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName } from './fields.ts';

export const CreatePartitions = api({
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexible: 2,
  request: {
    topics: array({
      name: topicName.mapKey(),
      count: int32.doc('Partitions wanted in all.'),
      assignments: array({ brokerIds: array(brokerId) })
        .nullable()
        .doc('One per new partition; null: the controller chooses.'),
    }),
    timeoutMs: int32.doc('How long the broker may try before it answers REQUEST_TIMED_OUT.'),
    validateOnly: bool.doc('true: only say whether it would work.'),
  },
  response: {
    throttleTimeMs,
    results: array({ name: topicName, errorCode, errorMessage: string.nullable().default(null) }),
  },
});
export interface CreatePartitionsRequest extends RequestOf<typeof CreatePartitions> {}
export interface CreatePartitionsResponse extends ResponseOf<typeof CreatePartitions> {}
