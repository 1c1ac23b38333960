// Produce, versions 3 to 13. A producer appends record batches to partitions.
//   v3 batches of magic 2, transactional id (KIP-98) · v5 log start offset in the answer (KIP-107)
//   v7 zstd (KIP-110) · v8 which records were refused, and why (KIP-467) · v9 flexible
//   v10 the current leader in the answer (KIP-951)
//   v12 partitions join the transaction by being written to (KIP-890) · v13 topic ids (KIP-516)
import {
  api,
  array,
  exactInt64,
  int16,
  int32,
  int64,
  records,
  type RequestOf,
  type ResponseOf,
  string,
  struct,
  uuid,
} from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName, transactionalId } from './fields.ts';

export const Produce = api({
  key: 0,
  name: 'Produce',
  versions: [3, 13],
  flexible: 9,
  request: {
    transactionalId: transactionalId.nullable().default(null),
    acks: int16.doc('0: no answer, 1: the leader has it, -1: all of the ISR have it.'),
    timeoutMs: int32.doc('How long the broker may wait for the ISR.'),
    topicData: array({
      name: topicName.until(12).ignorable().mapKey(),
      topicId: uuid.since(13).ignorable().mapKey(),
      partitionData: array({ index: int32, records: records.nullable() }),
    }),
  },
  response: {
    responses: array({
      name: topicName.until(12).ignorable().mapKey(),
      topicId: uuid.since(13).ignorable().mapKey(),
      partitionResponses: array({
        index: int32,
        errorCode,
        baseOffset: int64,
        logAppendTimeMs: exactInt64.default(-1).doc("The topic's timestamps are LogAppendTime: that time; else -1."),
        logStartOffset: int64.since(5).default(-1).ignorable(),
        recordErrors: array({
          batchIndex: int32.doc('Index of the record in its batch.'),
          batchIndexErrorMessage: string.nullable().default(null),
        })
          .since(8)
          .ignorable()
          .doc('Which records made the broker refuse the batch.'),
        errorMessage: string.since(8).nullable().default(null).ignorable(),
        currentLeader: struct({ leaderId: brokerId.default(-1), leaderEpoch: int32.default(-1) })
          .since(10)
          .tag(0)
          .doc('Set when the client asked the wrong broker.'),
      }),
    }),
    throttleTimeMs,
    nodeEndpoints: array({
      nodeId: brokerId.mapKey(),
      host: string,
      port: int32,
      rack: string.nullable().default(null),
    })
      .since(10)
      .tag(0)
      .doc('Where the leaders named above are.'),
  },
});
export interface ProduceRequest extends RequestOf<typeof Produce> {}
export interface ProduceResponse extends ResponseOf<typeof Produce> {}
