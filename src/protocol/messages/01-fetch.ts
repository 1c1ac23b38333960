// Fetch, versions 4 to 18. A consumer or follower reads batches, waiting a while for some to come. With a session,
// requests and answers hold only what has changed.
//   v4 isolation level, aborted transactions (KIP-98) · v5 log start offset (KIP-107) · v7 sessions (KIP-227)
//   v9 current leader epoch (KIP-320) · v10 zstd (KIP-110) · v11 reading from the nearest replica (KIP-392)
//   v12 flexible; truncation found by the leader (KIP-595) · v13 topic ids (KIP-516)
//   v15 replica id and epoch in one tag (KIP-903) · v16 where the leader is (KIP-951)
//   v17 directory id of the replica (KIP-853) · v18 the follower's high watermark (KIP-1166)
import {
  api,
  array,
  int32,
  int64,
  int8,
  records,
  type RequestOf,
  type ResponseOf,
  string,
  struct,
  uuid,
} from '../schema.ts';
import { brokerId, errorCode, producerId, throttleTimeMs, topicName } from './fields.ts';

export const Fetch = api({
  key: 1,
  name: 'Fetch',
  versions: [4, 18],
  flexible: 12,
  request: {
    clusterId: string.since(12).nullable().tag(0).default(null).ignorable(),
    replicaId: brokerId.until(14).default(-1).doc('-1 for consumers, -2 for debugging tools, else a broker id.'),
    replicaState: struct({
      replicaId: brokerId.default(-1).doc('-1 for consumers, -2 for debugging tools, else a broker id.'),
      replicaEpoch: int64.default(-1).doc('Broker epoch of the follower; -1 when not known.'),
    })
      .since(15)
      .tag(1)
      .doc('In place of replicaId (KIP-903).'),
    maxWaitMs: int32.doc('How long the broker may wait for minBytes.'),
    minBytes: int32,
    maxBytes: int32.default(0x7fffffff).doc('A soft limit: the first batch comes whole however large it is.'),
    isolationLevel: int8.default(0).doc('0 read uncommitted, 1 read committed.'),
    sessionId: int32.since(7).default(0).ignorable().doc('0: no session yet, or none.'),
    sessionEpoch: int32.since(7).default(-1).ignorable().doc('-1: no session; 0: begin one; else counts its requests.'),
    topics: array({
      topic: topicName.until(12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array({
        partition: int32,
        currentLeaderEpoch: int32
          .since(9)
          .default(-1)
          .ignorable()
          .doc("The client's view; -1: do not check (KIP-320)."),
        fetchOffset: int64,
        lastFetchedEpoch: int32
          .since(12)
          .default(-1)
          .doc('Epoch of the last record in the log of the follower; -1 when there is none.'),
        logStartOffset: int64.since(5).default(-1).ignorable().doc('Of the follower; -1 for consumers.'),
        partitionMaxBytes: int32.doc('A soft limit: the first batch comes whole however large it is.'),
        replicaDirectoryId: uuid.since(17).tag(0).ignorable().doc('Directory of the replica (KIP-853).'),
        highWatermark: int64
          .since(18)
          .tag(1)
          .default(9223372036854775807n)
          .ignorable()
          .doc('Of the replica that asks; the largest int64 when it does not say.'),
      }),
    }),
    forgottenTopicsData: array({
      topic: topicName.until(12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array(int32),
    })
      .since(7)
      .doc('Partitions to drop from the session.'),
    rackId: string.since(11).default('').ignorable().doc('Where the consumer is (KIP-392).'),
  },
  response: {
    throttleTimeMs,
    errorCode: errorCode.since(7).ignorable(),
    sessionId: int32.since(7).default(0).doc('0: no session yet, or none.'),
    responses: array({
      topic: topicName.until(12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array({
        partitionIndex: int32,
        errorCode,
        highWatermark: int64,
        lastStableOffset: int64.default(-1).doc('Below it every transaction has ended.'),
        logStartOffset: int64.since(5).default(-1).ignorable(),
        divergingEpoch: struct({ epoch: int32.default(-1), endOffset: int64.default(-1) })
          .since(12)
          .tag(0)
          .doc('Set when the log of the follower has to be cut.'),
        currentLeader: struct({ leaderId: brokerId.default(-1), leaderEpoch: int32.default(-1) })
          .since(12)
          .tag(1)
          .doc('Set when the client asked the wrong broker.'),
        snapshotId: struct({ endOffset: int64.default(-1), epoch: int32.default(-1) })
          .since(12)
          .tag(2)
          .doc('Set when the follower must fetch a snapshot instead.'),
        abortedTransactions: array({ producerId, firstOffset: int64 })
          .nullable()
          .doc('For read committed; null otherwise.'),
        preferredReadReplica: brokerId.since(11).default(-1).doc('Where a consumer had better read; -1: here.'),
        records: records.nullable(),
      }),
    }),
    nodeEndpoints: array({
      nodeId: brokerId.mapKey(),
      host: string,
      port: int32,
      rack: string.nullable().default(null),
    })
      .since(16)
      .tag(0)
      .doc('Where the leaders named above are.'),
  },
});
export interface FetchRequest extends RequestOf<typeof Fetch> {}
export interface FetchResponse extends ResponseOf<typeof Fetch> {}
