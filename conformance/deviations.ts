// Where Ottla knowingly does something else than Kafka 4.3.1. Every line a check lets pass for this reason is named here,
// with the reason; both lists want to be empty.

/** A golden line that may fail: `id` is what the golden runner prints in front of a failure. */
export interface GoldenDeviation {
  readonly id: RegExp;
  readonly reason: string;
}

/** Recorded exchanges that are answered differently, and how: a body, or how the connection ends. */
export interface TranscriptDeviation {
  readonly ids: readonly string[];
  readonly answer: unknown;
  readonly reason: string;
}

const NEW_CLIENT_AT_LEVEL_0 =
  'a client of transaction.version 2 where the level is 0: Apache Kafka fails when it writes the record, and the transactional id waits for that for ever; here it is UNSUPPORTED_VERSION, and nothing is changed';

export const deviations: {
  readonly golden: readonly GoldenDeviation[];
  readonly transcripts: readonly TranscriptDeviation[];
} = {
  golden: [
    {
      id: /^\(\(a\{100\}\)\{10\}\)\{10\}$/,
      reason: 'RE2J 1.8 unrolls counted repetitions without a bound; here, as in RE2 itself, 1,000 in all are the most',
    },
    {
      id: /\{[*+?]/,
      reason:
        'RE2J 1.8 takes a `{` that begins no count for a repetition, which may not be repeated; here it is a brace',
    },
  ],
  transcripts: [
    {
      ids: ['ShareFetch@admin'],
      reason: 'Apache Kafka fails on a share partition that it has only begun to set up; here it is waited for',
      answer: { errorCode: 0 },
    },
    {
      ids: ['produce.null.v9', 'produce.null.v3'],
      reason:
        'null records: Apache Kafka fails inside and never answers; here they are what empty records are, INVALID_RECORD',
      answer: { responses: [{ name: 'prod', partitionResponses: [{ index: 0, errorCode: 87, baseOffset: -1 }] }] },
    },
    {
      ids: ['initpid.first'],
      reason: 'Apache Kafka sends the first asker away while it fetches a block of ids; here it waits for the block',
      answer: { errorCode: 0, producerId: 0, producerEpoch: 0 },
    },
    {
      ids: ['coord.group.v4'],
      reason:
        'the second asker comes while Apache Kafka still makes the internal topic; here it is there once the first one is answered',
      answer: {
        coordinators: [
          { key: 'g0', nodeId: 1, errorCode: 0 },
          { key: 'g1', nodeId: 1, errorCode: 0 },
          { key: '', nodeId: 1, errorCode: 0 },
        ],
      },
    },
    {
      ids: ['txv0.new.offsets'],
      reason: NEW_CLIENT_AT_LEVEL_0,
      answer: { topics: [{ name: 'tx-v', partitions: [{ partitionIndex: 0, errorCode: 35 }] }] },
    },
    {
      ids: ['txv0.new.commit', 'txv0.new.commit-again'],
      reason: NEW_CLIENT_AT_LEVEL_0,
      answer: { errorCode: 48, producerId: -1, producerEpoch: -1 },
    },
    {
      ids: ['txv0.new.next'],
      reason: NEW_CLIENT_AT_LEVEL_0,
      answer: { responses: [{ name: 'tx-v', partitionResponses: [{ index: 0, errorCode: 35, baseOffset: -1 }] }] },
    },
    {
      ids: ['txv0.new.abort'],
      reason: NEW_CLIENT_AT_LEVEL_0,
      answer: { errorCode: 35, producerId: -1, producerEpoch: -1 },
    },
    {
      ids: ['shs.badmember'],
      reason:
        'of a session with a topic that is unknown Apache Kafka first acquires records, then fails: a delivery that nobody sees counts; here nothing is acquired (shs.two-next)',
      answer: {
        errorCode: 0,
        responses: [{ partitions: [{ acquiredRecords: [{ firstOffset: 0, lastOffset: 2, deliveryCount: 2 }] }] }],
      },
    },
    {
      ids: ['join.opaque-consumer'],
      reason:
        'over a subscription that it cannot read Apache Kafka fails inside and never answers; here the member joins, and is subscribed to nothing that is known',
      answer: { errorCode: 0, generationId: 1, protocolName: 'p1', skipAssignment: false },
    },
    {
      ids: ['incremental.op9'],
      reason:
        'over an unknown operation the controller of Apache Kafka fails inside and resigns; here it says what is wrong',
      answer: {
        responses: [
          { errorCode: 42, errorMessage: 'Unknown config operation 9', resourceType: 2, resourceName: 'op9' },
        ],
      },
    },
  ],
};
