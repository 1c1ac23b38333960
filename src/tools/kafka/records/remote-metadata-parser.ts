// Records of __remote_log_metadata as Java prints the objects that they stand for (KIP-405).
import { codecOf, type MessageSchema, Reader, type ValueOf } from '../../../protocol/index.ts';
import * as tiered from '../../../protocol/messages/tiered-storage-records.ts';
import { frameFault, type LogParser } from './log-parsers.ts';

const SEGMENT_STATES = [
  'COPY_SEGMENT_STARTED',
  'COPY_SEGMENT_FINISHED',
  'DELETE_SEGMENT_STARTED',
  'DELETE_SEGMENT_FINISHED',
];
const PARTITION_STATES = ['DELETE_PARTITION_MARKED', 'DELETE_PARTITION_STARTED', 'DELETE_PARTITION_FINISHED'];

type Segment = ValueOf<typeof tiered.remoteLogSegmentMetadataRecord.fields>;
type Update = ValueOf<typeof tiered.remoteLogSegmentMetadataUpdateRecord.fields>;
type Deletion = ValueOf<typeof tiered.remotePartitionDeleteMetadataRecord.fields>;
type Place = Deletion['topicIdPartition'];

const TYPES: ReadonlyMap<number, readonly [MessageSchema, (value: never) => string]> = new Map<
  number,
  readonly [MessageSchema, (value: never) => string]
>([
  [0, [tiered.remoteLogSegmentMetadataRecord, segmentText]],
  [1, [tiered.remoteLogSegmentMetadataUpdateRecord, updateText]],
  [2, [tiered.remotePartitionDeleteMetadataRecord, deletionText]],
]);

export const remoteMetadataParser: LogParser = ({ value, offset }) => {
  try {
    const fault = frameFault(value);
    if (fault !== undefined) return { payload: `Error at offset ${offset}, skipping. ${fault}` };
    const reader = new Reader(value ?? new Uint8Array());
    reader.uvarint();
    const [type, version] = [reader.uvarint(), reader.uvarint()];
    const found = TYPES.get(type);
    if (found === undefined) return { payload: `Error at offset ${offset}, skipping. unknown type ${type}` };
    const [schema, textOf] = found;
    return { payload: textOf(codecOf(schema, version).decode(reader) as never) };
  } catch (error) {
    return { payload: `Error at offset ${offset}, skipping. ${(error as Error).message}` };
  }
};

const placeText = ({ id, name, partition }: Place): string => `${id}:${name}-${partition}`;

const idText = ({ topicIdPartition, id }: Segment['remoteLogSegmentId']): string =>
  `RemoteLogSegmentId{topicIdPartition=${placeText(topicIdPartition)}, id=${id}}`;

const customText = (bytes: Uint8Array | null): string =>
  bytes === null ? 'Optional.empty' : `Optional[CustomMetadata{${bytes.length} bytes}]`;

function segmentText(segment: Segment): string {
  const epochs = segment.segmentLeaderEpochs.map(({ leaderEpoch, offset }) => `${leaderEpoch}=${offset}`).join(', ');
  return [
    `RemoteLogSegmentMetadata{remoteLogSegmentId=${idText(segment.remoteLogSegmentId)}`,
    `startOffset=${segment.startOffset}`,
    `endOffset=${segment.endOffset}`,
    `brokerId=${segment.brokerId}`,
    `maxTimestampMs=${segment.maxTimestampMs}`,
    `eventTimestampMs=${segment.eventTimestampMs}`,
    `segmentLeaderEpochs={${epochs}}`,
    `segmentSizeInBytes=${segment.segmentSizeInBytes}`,
    `customMetadata=${customText(segment.customMetadata)}`,
    `state=${SEGMENT_STATES[segment.remoteLogSegmentState]}`,
    `txnIdxEmpty=${segment.txnIndexEmpty}}`,
  ].join(', ');
}

function updateText(update: Update): string {
  return [
    `RemoteLogSegmentMetadataUpdate{remoteLogSegmentId=${idText(update.remoteLogSegmentId)}`,
    `customMetadata=${customText(update.customMetadata)}`,
    `state=${SEGMENT_STATES[update.remoteLogSegmentState]}`,
    `eventTimestampMs=${update.eventTimestampMs}`,
    `brokerId=${update.brokerId}}`,
  ].join(', ');
}

function deletionText(deletion: Deletion): string {
  return [
    `RemotePartitionDeleteMetadata{topicPartition=${placeText(deletion.topicIdPartition)}`,
    `state=${PARTITION_STATES[deletion.remotePartitionDeleteState]}`,
    `eventTimestampMs=${deletion.eventTimestampMs}`,
    `brokerId=${deletion.brokerId}}`,
  ].join(', ');
}
