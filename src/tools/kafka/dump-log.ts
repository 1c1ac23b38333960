// kafka-dump-log: what stands in the files of a partition (org.apache.kafka.tools.DumpLogSegments).
import { basename, resolve } from 'node:path';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { dumpBatches, type LogDumpOptions } from './dump-log-batches.ts';
import {
  dumpOffsetIndex,
  dumpProducers,
  dumpTimeIndex,
  dumpTransactionIndex,
  type IndexDumpOptions,
  type Mismatches,
  TimeIndexErrors,
} from './dump-log-indexes.ts';
import { JavaError } from './java-error.ts';
import { hashOrderOfEntries } from './java-order.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, INTEGER, type Option, valued } from './options/option.ts';
import {
  type LogParser,
  metadataParser,
  offsetsParser,
  shareStateParser,
  textParser,
  transactionLogParser,
} from './records/log-parsers.ts';
import { tool } from './run-tool.ts';

const OPTIONS = {
  print: flag(
    'print-data-log',
    'If set, printing the messages content when dumping data logs. Automatically set if any decoder option is specified.',
  ),
  verify: flag('verify-index-only', 'If set, just verify the index log without printing its content.'),
  indexSanity: flag(
    'index-sanity-check',
    'If set, just checks the index sanity without printing its content. This is the same check that is executed on broker startup to determine if an index needs rebuilding or not.',
  ),
  files: valued('files', 'REQUIRED: The comma separated list of data and index log files to be dumped.', {
    name: 'file1, file2, ...',
  }),
  maxMessageSize: valued('max-message-size', 'Size of largest message.', {
    name: 'size',
    type: INTEGER,
    defaults: [5242880],
  }),
  maxBytes: valued(
    'max-bytes',
    'Limit the amount of total batches read in bytes avoiding reading the whole .log file(s).',
    { name: 'size', type: INTEGER, defaults: [2147483647] },
  ),
  deepIteration: flag(
    'deep-iteration',
    'If set, uses deep instead of shallow iteration. Automatically set if print-data-log is enabled.',
  ),
  valueDecoder: valued(
    'value-decoder-class',
    'If set, used to deserialize the messages. This class should implement org.apache.kafka.tools.api.Decoder trait. Custom jar should be available in kafka/libs directory.',
    { defaults: ['org.apache.kafka.tools.api.StringDecoder'], isOptional: true },
  ),
  keyDecoder: valued(
    'key-decoder-class',
    'If set, used to deserialize the keys. This class should implement org.apache.kafka.tools.api.Decoder trait. Custom jar should be available in kafka/libs directory.',
    { defaults: ['org.apache.kafka.tools.api.StringDecoder'], isOptional: true },
  ),
  offsets: flag('offsets-decoder', 'If set, log data will be parsed as offset data from the __consumer_offsets topic.'),
  transactionLog: flag(
    'transaction-log-decoder',
    'If set, log data will be parsed as transaction metadata from the __transaction_state topic.',
  ),
  clusterMetadata: flag('cluster-metadata-decoder', 'If set, log data will be parsed as cluster metadata records.'),
  remoteMetadata: flag(
    'remote-log-metadata-decoder',
    'If set, log data will be parsed as TopicBasedRemoteLogMetadataManager (RLMM) metadata records. Instead, the value-decoder-class option can be used if a custom RLMM implementation is configured.',
  ),
  shareState: flag(
    'share-group-state-decoder',
    'If set, log data will be parsed as share group state data from the __share_group_state topic.',
  ),
  skipRecordMetadata: flag(
    'skip-record-metadata',
    'Skip metadata when printing records. This flag also skips control records.',
  ),
};

const DECODER = 'org.apache.kafka.tools.api.StringDecoder';
/** Options with which the contents are printed without --print-data-log. */
const PRINTING: readonly Option[] = [
  OPTIONS.print,
  OPTIONS.offsets,
  OPTIONS.transactionLog,
  OPTIONS.clusterMetadata,
  OPTIONS.remoteMetadata,
  OPTIONS.valueDecoder,
  OPTIONS.keyDecoder,
  OPTIONS.shareState,
];

/** What is told of all files together when they have been read. */
interface Findings {
  readonly indexes: Mismatches;
  readonly times: TimeIndexErrors;
  readonly gaps: Map<string, [number, number][]>;
}

export const dumpLog = tool(async (args, io) => {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion(
    'This tool helps to parse a log file and dump its contents to the console, useful for debugging a seemingly corrupt log segment.',
  );
  options.checkRequired(OPTIONS.files);
  const findings: Findings = { indexes: new Map(), times: new TimeIndexErrors(), gaps: new Map() };
  const files = options.required(OPTIONS.files).split(',');
  for (const path of files) await dumpFile(io, options, path, findings);
  for (const [path, pairs] of hashOrderOfEntries(findings.indexes)) {
    complain(io, `Mismatches in :${path}`);
    for (const [index, log] of pairs) complain(io, `  Index offset: ${index}, log offset: ${log}`);
  }
  findings.times.print(io);
  for (const [path, pairs] of hashOrderOfEntries(findings.gaps)) {
    complain(io, `Non-consecutive offsets in ${path}`);
    for (const [first, second] of pairs) complain(io, `  ${first} is followed by ${second}`);
  }
});

async function dumpFile(io: ToolIo, options: CommandOptions, path: string, findings: Findings): Promise<void> {
  print(io, `Dumping ${path}`);
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  switch (dot < 0 ? '' : name.slice(dot)) {
    case '.log':
    case '.checkpoint':
      return dumpRecords(io, options, path, findings);
    case '.index':
      return dumpOffsetIndex(io, path, indexOptions(options), findings.indexes);
    case '.timeindex':
      return dumpTimeIndex(io, path, indexOptions(options), findings.times);
    case '.snapshot':
      return dumpProducers(io, path);
    case '.txnindex':
      return dumpTransactionIndex(io, path);
    default:
      return complain(io, `Ignoring unknown file ${path}`);
  }
}

function indexOptions(options: CommandOptions): IndexDumpOptions {
  return {
    onlySanity: options.has(OPTIONS.indexSanity),
    onlyVerify: options.has(OPTIONS.verify),
    maxMessageSize: options.required(OPTIONS.maxMessageSize),
  };
}

async function dumpRecords(io: ToolIo, options: CommandOptions, path: string, findings: Findings): Promise<void> {
  const name = basename(path);
  const parser = await parserOf(options);
  print(io, heading(name));
  const printsContents = PRINTING.some((option) => options.has(option));
  const how: LogDumpOptions = {
    printsContents,
    isDeep: printsContents || options.has(OPTIONS.deepIteration),
    skipsRecordMetadata: options.has(OPTIONS.skipRecordMetadata),
    maxBytes: options.required(OPTIONS.maxBytes),
    parser,
  };
  const file = io.runtime.disk.openSync(path, 'read');
  try {
    const gaps = await dumpBatches(io, file, name, how);
    if (gaps.length > 0) findings.gaps.set(resolve(path), gaps);
  } finally {
    file.closeSync();
  }
}

function heading(name: string): string {
  if (name.endsWith('.log')) return `Log starting offset: ${BigInt(name.split('.')[0] as string)}`;
  if (name === 'bootstrap.checkpoint') return 'KRaft bootstrap snapshot';
  const found = /^(\d{20})-(\d{10})/.exec(name);
  if (found === null) throw new JavaError('java.util.NoSuchElementException', 'No value present');
  return `Snapshot end offset: ${BigInt(found[1] as string)}, epoch: ${Number(found[2])}`;
}

/** Throws JavaError for a decoder that is none of Kafka's own. */
async function parserOf(options: CommandOptions): Promise<LogParser> {
  if (options.has(OPTIONS.offsets)) return offsetsParser;
  if (options.has(OPTIONS.transactionLog)) return transactionLogParser;
  if (options.has(OPTIONS.clusterMetadata)) return metadataParser();
  if (options.has(OPTIONS.remoteMetadata)) {
    const { remoteMetadataParser } = await import('./records/remote-metadata-parser.ts');
    return remoteMetadataParser;
  }
  if (options.has(OPTIONS.shareState)) return shareStateParser;
  for (const option of [OPTIONS.keyDecoder, OPTIONS.valueDecoder]) {
    if (options.required(option) !== DECODER) {
      throw new JavaError('java.lang.RuntimeException', 'Failed to load decoder class');
    }
  }
  return textParser;
}
