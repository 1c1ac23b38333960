// kafka-log-dirs: which replicas lie in which directory of which broker (org.apache.kafka.tools.LogDirsCommand).
import { type Admin, allOf, type LogDirDescription } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { JavaError, TerseError, thrown } from './java-error.ts';
import { hashOrder, hashOrderOfNumbers, hashOrderOfPlaces, placeText } from './java-order.ts';
import { withAdmin } from './open-admin.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, valued } from './options/option.ts';
import { toolWithTrace } from './run-tool.ts';
import { javaHash } from '../../protocol/index.ts';

const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: the server(s) to use for bootstrapping', {
    name: 'The server(s) to use for bootstrapping',
  }),
  commandConfig: valued('command-config', 'Property file containing configs to be passed to Admin Client.', {
    name: 'Admin client property file',
  }),
  describe: flag('describe', 'Describe the specified log directories on the specified brokers.'),
  topicList: valued(
    'topic-list',
    'The list of topics to be queried in the form "topic1,topic2,topic3". All topics will be queried if no topic list is specified',
    { name: 'Topic list', defaults: [''] },
  ),
  brokerList: valued(
    'broker-list',
    'The list of brokers to be queried in the form "0,1,2". All brokers in the cluster will be queried if no broker list is specified',
    { name: 'Broker list', defaults: [''] },
  ),
};

const listed = (text: string): string[] => text.split(',').filter((one) => one !== '');

export const logDirs = toolWithTrace(async (args, io) => {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion('This tool helps to query log directory usage on the specified brokers.');
  options.checkRequired(OPTIONS.bootstrapServer, OPTIONS.describe);
  const properties = { 'client.id': 'log-dirs-tool', ...loadProperties(io, options.valueOf(OPTIONS.commandConfig)) };
  const topics = new Set(listed(options.required(OPTIONS.topicList)));
  const asked = listed(options.required(OPTIONS.brokerList)).map(brokerId);
  const target = { bootstrapServers: options.required(OPTIONS.bootstrapServer), properties };
  await withAdmin(io, target, (admin) => tell(io, admin, topics, asked));
});

function brokerId(text: string): number {
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  throw new JavaError('java.lang.NumberFormatException', `For input string: "${text}"`);
}

async function tell(io: ToolIo, admin: Admin, topics: ReadonlySet<string>, asked: readonly number[]): Promise<void> {
  const { nodes } = await admin.describeCluster();
  const there = hashOrderOfNumbers(nodes.map(({ id }) => id));
  const missing = hashOrderOfNumbers(new Set(asked.filter((id) => !there.includes(id))));
  if (missing.length > 0) {
    throw new TerseError(
      `ERROR: The given brokers do not exist from --broker-list: ${missing.join(',')}. Current existent brokers: ${there.join(',')}`,
    );
  }
  const brokers = asked.length === 0 ? there : hashOrderOfNumbers(new Set(asked));
  print(io, 'Querying brokers for log directories information');
  const described = allOf(await admin.describeLogDirs(brokers));
  print(io, `Received log directory information from brokers ${brokers.join(',')}`);
  // The fields of each object as Java's HashMap hands them out.
  const json = {
    brokers: brokers.map((broker) => ({ broker, logDirs: directoriesOf(described.get(broker) ?? new Map(), topics) })),
    version: 1,
  };
  print(io, JSON.stringify(json));
}

function directoriesOf(directories: ReadonlyMap<string, LogDirDescription>, topics: ReadonlySet<string>) {
  const inOrder = hashOrder([...directories], ([path]) => javaHash(path));
  return inOrder.map(([logDir, { error, replicas }]) => {
    const wanted = hashOrderOfPlaces(replicas).filter(({ topic }) => topics.size === 0 || topics.has(topic));
    return {
      partitions: wanted.map((replica) => ({
        partition: placeText(replica),
        size: replica.sizeBytes,
        offsetLag: replica.offsetLag,
        isFuture: replica.isFuture,
      })),
      error: error === undefined ? null : thrown(error).className,
      logDir,
    };
  });
}
