// CreateTopics, versions 2 to 7. Creates topics.
//   v4 -1 for the broker's defaults (KIP-464) · v5 flexible; what was created comes back (KIP-525)
//   v6 mutation quota (KIP-599) · v7 topic ids (KIP-516)
import { api, array, bool, int16, int32, int8, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName } from './fields.ts';

export const CreateTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: [2, 7],
  flexible: 5,
  request: {
    topics: array({
      name: topicName.mapKey(),
      numPartitions: int32.doc('-1 for the default, and with manual assignments.'),
      replicationFactor: int16.doc('-1 for the default, and with manual assignments.'),
      assignments: array({ partitionIndex: int32.mapKey(), brokerIds: array(brokerId) }).doc(
        'Manual assignment: partition to brokers, the preferred leader first.',
      ),
      configs: array({ name: string.mapKey(), value: string.nullable() }),
    }),
    timeoutMs: int32.default(60000).doc('How long the broker may try before it answers REQUEST_TIMED_OUT.'),
    validateOnly: bool.default(false).doc('true: only say whether it would work.'),
  },
  response: {
    throttleTimeMs,
    topics: array({
      name: topicName.mapKey(),
      topicId: uuid.since(7).ignorable(),
      errorCode,
      errorMessage: string.nullable(),
      topicConfigErrorCode: int16.since(5).tag(0).ignorable().doc('Set when the caller may not see the configs.'),
      numPartitions: int32.since(5).default(-1).ignorable(),
      replicationFactor: int16.since(5).default(-1).ignorable(),
      configs: array({
        name: string,
        value: string.nullable(),
        readOnly: bool,
        configSource: int8
          .default(-1)
          .doc('1 topic, 2 broker, 3 all brokers, 4 properties file, 5 default, 6 logger, 7 client metrics, 8 group.'),
        isSensitive: bool,
      })
        .since(5)
        .nullable()
        .ignorable(),
    }),
  },
});
export interface CreateTopicsRequest extends RequestOf<typeof CreateTopics> {}
export interface CreateTopicsResponse extends ResponseOf<typeof CreateTopics> {}
