// The forms of the tools that work on files of a node: kafka-storage and kafka-dump-log.
import type { Form } from './forms.ts';
import { form } from './making-forms.ts';

const CONFIG = { 'node.properties': 'process.roles=controller\nnode.id=3\nlog.dirs=$D/none\n' };
export const STORAGE_FORMS: readonly Form[] = [
  form('storage', 'version-mapping'),
  ...['3.3', '3.9', '4.0', '4.1', '4.2', '4.2-IV0', 'x'].map((release) =>
    form('storage', `version-mapping -r ${release}`),
  ),
  form('storage', 'feature-dependencies -f group.version=1 -f transaction.version=2 -f metadata.version=29'),
  form('storage', 'feature-dependencies -f eligible.leader.replicas.version=1 --feature share.version=1'),
  form('storage', 'feature-dependencies -f eligible.leader.replicas.version=0'),
  form('storage', 'feature-dependencies -f nothing=1'),
  form('storage', 'feature-dependencies -f group.version=7'),
  form('storage', 'feature-dependencies -f group.version=x'),
  form('storage', 'feature-dependencies -f group.version'),
  form('storage', 'feature-dependencies'),
  form('storage', 'format --help'),
  form('storage', 'info --help'),
  form('storage', 'version-mapping --help'),
  form('storage', 'feature-dependencies --help'),
  form('storage', 'random-uuid --help'),
  form('storage', 'format --standalone -N -t x -c $D/node.properties', { files: CONFIG }),
  form('storage', 'format'),
  form('storage', 'info'),
];

/** On a data directory that Apache Kafka wrote (test/fixtures). */
const dump = (files: string, args = ''): Form => {
  const paths = files.split(',').map((file) => `$K/${file}`);
  return form('dump-log', `--files ${paths.join(',')} ${args}`);
};
const FIRST = '00000000000000000000';
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'mixed'].map((codec) => `codec-${codec}-0/${FIRST}.log`);
const offsetsOf = (...partitions: readonly number[]): string =>
  partitions.map((partition) => `__consumer_offsets-${partition}/${FIRST}.log`).join(',');

export const DUMP_FORMS: readonly Form[] = [
  ...CODECS.map((file) => dump(file)),
  ...CODECS.map((file) => dump(file, '--print-data-log')),
  dump(CODECS[0] as string, '--deep-iteration'),
  dump(CODECS[0] as string, '--deep-iteration --skip-record-metadata'),
  dump(CODECS[0] as string, '--print-data-log --skip-record-metadata'),
  dump(CODECS[0] as string, '--max-bytes 1000'),
  dump(CODECS[0] as string, '--value-decoder-class org.apache.kafka.tools.api.StringDecoder'),
  dump(CODECS[0] as string, '--key-decoder-class no.such.Decoder'),
  dump(`compacted-transactions-0/${FIRST}.txnindex,__consumer_offsets-14/${FIRST}.txnindex`),
  dump('idempotent-0/00000000000000000024.snapshot,idempotent-0/00000000000000000008.snapshot'),
  dump(`large-segments-0/${FIRST}.log`),
  dump(`large-segments-0/${FIRST}.index,large-segments-0/${FIRST}.timeindex`),
  dump(`large-segments-0/${FIRST}.index,large-segments-0/${FIRST}.timeindex`, '--verify-index-only'),
  dump(`large-segments-0/${FIRST}.index,large-segments-0/${FIRST}.timeindex`, '--index-sanity-check'),
  dump(`codec-none-0/${FIRST}.index`),
  dump(offsetsOf(8, 14, 24, 26), '--offsets-decoder'),
  dump(offsetsOf(30, 32, 40, 45), '--offsets-decoder'),
  dump(offsetsOf(24), '--offsets-decoder --skip-record-metadata'),
  dump(`__transaction_state-33/${FIRST}.log`, '--transaction-log-decoder'),
  dump(`__share_group_state-30/${FIRST}.log,__share_group_state-31/${FIRST}.log`, '--share-group-state-decoder'),
  dump(`__cluster_metadata-0/${FIRST}.log`, '--cluster-metadata-decoder'),
  dump(`__cluster_metadata-0/${FIRST}-0000000000.checkpoint`, '--cluster-metadata-decoder'),
  dump('__cluster_metadata-0/00000000000000000639-0000000001.checkpoint', '--cluster-metadata-decoder'),
  dump(`codec-none-0/${FIRST}.log`, '--remote-log-metadata-decoder'),
  dump('codec-none-0/leader-epoch-checkpoint'),
];
