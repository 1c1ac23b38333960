// `ottla log dump`: batches of segment files, held against their checksums. Nothing is changed.
import { recordsOf } from '../../../protocol/index.ts';
import { shownTime } from '../times.ts';
import { type CommandContext, type Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { recordJson } from '../records/record-json.ts';
import { flow } from '../stdout-flow.ts';
import { type FoundBatch, segmentBatches } from './segment-batches.ts';

interface DumpOptions {
  readonly records?: boolean;
  readonly num?: number;
  readonly from?: number;
}

export const dumpLog: Work<DumpOptions> = async (context, paths, options) => {
  let left = options.num ?? Number.POSITIVE_INFINITY;
  let code = 0;
  for (const path of paths.flatMap((one) => segmentsAt(context, one))) {
    if (context.output.isText) context.output.text(`${path}\n`);
    for (const batch of segmentBatches(context.io.runtime.disk, path)) {
      if (left <= 0 || context.io.signal.aborted) return code;
      if (batch.lastOffset < (options.from ?? 0)) continue;
      left -= 1;
      if (batch.fault !== undefined) code = 1;
      await tell(context, batch, options.records === true);
    }
  }
  return code;
};

/** A segment, or those of a directory in order. */
function segmentsAt({ io }: CommandContext, path: string): string[] {
  const { disk } = io.runtime;
  const info = disk.infoSync(path);
  if (info === undefined) throw new Failure(`${path}: there is no such file`);
  if (!info.isDirectory) return [path];
  const names = disk.listSync(path).map(({ name }) => name);
  const segments = names.filter((name) => /^\d{20}\.log$/.test(name)).sort();
  if (segments.length === 0)
    throw new Failure(`${path}: there is no segment (NNNNNNNNNNNNNNNNNNNN.log) in this directory`);
  return segments.map((name) => `${path}/${name}`);
}

async function tell(context: CommandContext, batch: FoundBatch, hasRecords: boolean): Promise<void> {
  const { bytes, fault, ...shown } = batch;
  const records =
    hasRecords && fault === undefined && bytes !== undefined ? [...recordsOf(bytes, { at: 0 })] : undefined;
  if (!context.output.isText) {
    const data = records?.map(
      (record) => JSON.parse(recordJson({ ...PLACE, ...record, headers: headersOf(record) }, JSON_SHAPE)) as object,
    );
    context.output.data({
      ...shown,
      ...(fault !== undefined && { fault }),
      ...(data !== undefined && { records: data }),
    });
    return;
  }
  await flow(context.io, batchText(batch));
  for (const record of records ?? []) {
    const text = recordJson({ ...PLACE, ...record, headers: headersOf(record) }, JSON_SHAPE);
    await flow(context.io, `    ${text}\n`);
  }
}

const PLACE = { topic: '', partition: 0, leaderEpoch: -1, timestampType: 'CreateTime' } as const;
const JSON_SHAPE = { isPretty: false, isMetaOnly: false };

type Headers = readonly { readonly key: string; readonly value: Uint8Array | null }[];

const headersOf = (record: { readonly headers?: Headers }): Headers => record.headers ?? [];

function batchText(batch: FoundBatch): string {
  const { position, baseOffset, lastOffset, count, sizeBytes, codec, leaderEpoch, maxTimestamp } = batch;
  const marks = [
    ...(batch.isTransactional ? ['transactional'] : []),
    ...(batch.isControl ? ['control'] : []),
    ...(batch.producerId >= 0
      ? [`producer ${batch.producerId} epoch ${batch.producerEpoch} sequence ${batch.baseSequence}`]
      : []),
    ...(batch.fault === undefined ? [] : [`BROKEN: ${batch.fault}`]),
  ];
  const what = `${baseOffset}..${lastOffset}  ${count} records  ${sizeBytes} bytes  ${codec}  epoch ${leaderEpoch}`;
  return `  @${position}  ${what}  ${shownTime(maxTimestamp)}${marks.map((mark) => `  ${mark}`).join('')}\n`;
}
