// The file `bootstrap.checkpoint`: the records with which the first controller of a fresh cluster begins. Written to every
// log directory by formatting, read once, when the metadata log is empty (Kafka: BootstrapDirectory).
import type { Disk } from '../../runtime/index.ts';
import { DiskError, replaceFileSync } from '../../runtime/index.ts';
import {
  decodeMetadataRecord,
  ELIGIBLE_LEADER_REPLICAS_VERSION,
  encodeMetadataRecord,
  GROUP_VERSION,
  LATEST_METADATA_VERSION,
  METADATA_VERSION,
  type MetadataRecord,
  SHARE_VERSION,
  TRANSACTION_VERSION,
  STREAMS_VERSION,
} from '../metadata/index.ts';
import { CorruptBatchError, controlBatch, dataBatch, readBatches } from '../raft/index.ts';
import { FormatError } from './meta-properties.ts';

const fileOf = (directory: string): string => `${directory}/bootstrap.checkpoint`;

/** Levels of a fresh format: what we serve, at the highest level; the rest is left out, which means 0. */
export const DEFAULT_FEATURE_LEVELS: ReadonlyMap<string, number> = new Map([
  [METADATA_VERSION, LATEST_METADATA_VERSION],
  [ELIGIBLE_LEADER_REPLICAS_VERSION, 1],
  [STREAMS_VERSION, 1],
  [GROUP_VERSION, 1],
  [SHARE_VERSION, 1],
  [TRANSACTION_VERSION, 2],
]);

/** metadata.version first, the others by name. */
export function featureLevelRecords(levels: ReadonlyMap<string, number>): MetadataRecord[] {
  const names = [...levels.keys()].filter((name) => name !== METADATA_VERSION).sort();
  return [METADATA_VERSION, ...names].flatMap((name) => {
    const featureLevel = levels.get(name) ?? 0;
    return featureLevel === 0 ? [] : [{ type: 'FeatureLevelRecord' as const, version: 0, name, featureLevel }];
  });
}

export function writeBootstrap(disk: Disk, directory: string, records: readonly MetadataRecord[], nowMs: number): void {
  const at = (baseOffset: number) => ({ baseOffset, epoch: 0, timestamp: nowMs });
  const header = { type: 'SnapshotHeader', value: { version: 0, lastContainedLogTimestamp: 0 } } as const;
  const footer = { type: 'SnapshotFooter', value: { version: 0 } } as const;
  const content = Buffer.concat([
    controlBatch(at(0), [header]),
    dataBatch(at(1), records.map(encodeMetadataRecord)),
    controlBatch(at(1 + records.length), [footer]),
  ]);
  replaceFileSync(disk, fileOf(directory), content);
}

/** The records of the file; without one, the latest metadata version alone. Throws FormatError when it is damaged. */
export function readBootstrap(disk: Disk, directory: string): MetadataRecord[] {
  const path = fileOf(directory);
  if (!disk.existsSync(path)) {
    return featureLevelRecords(new Map([[METADATA_VERSION, LATEST_METADATA_VERSION]]));
  }
  try {
    return recordsOf(disk.readFileSync(path));
  } catch (error) {
    if (error instanceof DiskError) throw error;
    const remedy =
      'it is needed at the first start only: put it back from a copy, or remove it if this broker has run before';
    throw new FormatError(`${path} is damaged (${error instanceof Error ? error.message : String(error)}); ${remedy}`);
  }
}

function recordsOf(bytes: Uint8Array): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  let hasFooter = false;
  for (const batch of readBatches(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    hasFooter = batch.controlRecords.some((record) => record.type === 'SnapshotFooter');
    for (const value of batch.values) records.push(decodeMetadataRecord(value));
  }
  if (!hasFooter) throw new CorruptBatchError('it has no footer');
  const hasLevel = records.some((record) => record.type === 'FeatureLevelRecord' && record.name === METADATA_VERSION);
  if (!hasLevel) throw new CorruptBatchError(`it has no level of ${METADATA_VERSION}`);
  return records;
}
