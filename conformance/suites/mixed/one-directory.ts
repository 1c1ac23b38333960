// M1 and M3: Ottla and Apache Kafka on the same files. What one has formatted and written the other reads, and either goes on where
// the other was stopped or killed.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { extras } from '../../../src/cli/extras.ts';
import { memoryIo } from '../../../test/tools/memory-io.ts';
import { same, that } from '../../suite.ts';
import { Cluster, type NodeKind } from '../../targets/cluster.ts';
import { CLI } from '../../targets/ottla.ts';
import { exec, execOk } from '../../toolchain/exec.ts';
import { javaArguments, runTool, TOOL_FLAGS } from '../../toolchain/kafka-jars.ts';
import { later, type MixedTools, type MixedWorld } from './mixed-world.ts';

const ALTERNATIONS = 20;
/** In which clients find the node again and copy some records. */
const SERVES_MS = 5_000;
const DECODER = ['--cluster-metadata-decoder', '--skip-record-metadata', '--deep-iteration'];
/** What Apache Kafka says of logs that it reads again, as they were not closed in order; the metadata's it reads each time. */
const REBUILT = /Attempting recovery for all logs|Recovering unflushed segment|recovering segment and rebuilding index/;
const METADATA = '__cluster_metadata';

/** A cluster of ours formatted by our tool, with topics, configs and snapshots: both dump tools say the same of its metadata. */
export async function dumpedAlike({ context, jars }: MixedTools): Promise<void> {
  const directory = join(context.scratch, 'm1');
  const cluster = await Cluster.start({
    nodes: [{ id: 1, kind: 'ottla' }],
    directory,
    jars,
    properties: { 'metadata.log.max.record.bytes.between.snapshots': '3000' },
  });
  const node = cluster.node(1);
  const bootstrap = ['--bootstrap-server', cluster.bootstrap];
  const create = ['--create', '--topic', 'dumped', '--partitions', '300', '--config', 'retention.ms=1000000'];
  await tool(jars, 'org.apache.kafka.tools.TopicCommand', [...bootstrap, ...create]);
  const quota = ['--alter', '--entity-type', 'users', '--entity-name', 'u', '--add-config', 'producer_byte_rate=1000'];
  await tool(jars, 'kafka.admin.ConfigCommand', [...bootstrap, ...quota]);
  await tool(jars, 'org.apache.kafka.tools.TopicCommand', [...bootstrap, '--delete', '--topic', 'dumped']);
  await cluster.stop();
  const info = await tool(jars, 'kafka.tools.StorageTool', ['info', '-c', node.settings]);
  same(info, (await execOk(process.execPath, [CLI, 'info', '-c', node.settings])).stdout, 'kafka-storage info');
  const metadata = join(node.dataDirectory, `${METADATA}-0`);
  const files = [
    join(node.dataDirectory, 'bootstrap.checkpoint'),
    ...readdirSync(metadata)
      .filter((name) => /\.(log|checkpoint)$/.test(name))
      .map((name) => join(metadata, name)),
  ].filter(existsSync);
  that(
    files.some((file) => /0*[1-9]\d*-\d+\.checkpoint$/.test(file)),
    'no snapshot was written',
  );
  for (const file of files) {
    const args = [...DECODER, '--files', file];
    const theirs = await tool(jars, 'org.apache.kafka.tools.DumpLogSegments', args);
    that(!/Error at|isvalid: false|invalid/i.test(theirs), `${file}: ${theirs.slice(0, 800)}`);
    const io = memoryIo({});
    await (await (extras['kafka-dump-log'] as (typeof extras)[string])())(args, io);
    same(io.out().split('\n'), theirs.split('\n'), `the dump of ${file}`);
  }
}

async function tool(jars: MixedTools['jars'], main: string, args: readonly string[]): Promise<string> {
  const finished = main.startsWith('kafka.')
    ? await exec('java', [...javaArguments(jars, TOOL_FLAGS, main), ...args])
    : await runTool(jars, main, args);
  that(finished.status === 0, `${main}: ${finished.stdout.slice(-400)} ${finished.stderr.slice(-800)}`);
  return finished.stdout;
}

/** By turns Apache Kafka and Ottla, by turns of two stopped and killed; after an orderly stop no log is read again. */
export async function alternating({ cluster }: MixedWorld): Promise<void> {
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('one node is needed');
  for (let turn = 0; turn < ALTERNATIONS; turn++) {
    const kind: NodeKind = turn % 2 === 0 ? 'apache' : 'ottla';
    const isOrderly = [0, 3].includes(turn % 4);
    if (isOrderly) await node.stop();
    else await node.kill();
    const from = node.log.length;
    node.start(kind);
    await cluster.serving();
    await later(SERVES_MS);
    const rebuilt = node.log
      .slice(from)
      .split('\n')
      .filter((line) => REBUILT.test(line) && !line.includes(METADATA));
    if (isOrderly && kind === 'apache') same(rebuilt, [], 'logs read again after an orderly stop');
  }
}
