// DescribeLogDirs, versions 1 to 5. Log directories of a broker and the replicas in them (KIP-113).
//   v2 flexible · v3 error for the whole answer (KIP-784) · v4 size of the volume (KIP-827)
//   v5 cordoned directories (KIP-1066)
import { api, array, bool, int32, int64, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs, topicName } from './fields.ts';

export const DescribeLogDirs = api({
  key: 35,
  name: 'DescribeLogDirs',
  versions: [1, 5],
  flexible: 2,
  request: {
    topics: array({ topic: topicName.mapKey(), partitions: array(int32) })
      .nullable()
      .doc('null: all.'),
  },
  response: {
    throttleTimeMs,
    errorCode: errorCode.since(3).ignorable(),
    results: array({
      errorCode,
      logDir: string,
      topics: array({
        name: topicName,
        partitions: array({
          partitionIndex: int32,
          partitionSize: int64,
          offsetLag: int64.doc('How far behind the high watermark; for a future replica, behind the current one.'),
          isFutureKey: bool.doc('true: the replica is on its way to this directory.'),
        }),
      }),
      totalBytes: int64.since(4).default(-1).ignorable().doc('Of the volume; -1 when not known.'),
      usableBytes: int64.since(4).default(-1).ignorable().doc('Of the volume; -1 when not known.'),
      isCordoned: bool.since(5).default(false).ignorable().doc('true: no new replicas come here (KIP-1066).'),
    }),
  },
});
export interface DescribeLogDirsRequest extends RequestOf<typeof DescribeLogDirs> {}
export interface DescribeLogDirsResponse extends ResponseOf<typeof DescribeLogDirs> {}
