// kafka-get-offsets: the first, last or other offsets of partitions (org.apache.kafka.tools.GetOffsetShell).
import { type Admin, allOf, ClientError, type OffsetSpec } from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { JavaError, TerseError, thrown, thrownText } from './java-error.ts';
import { type Place, placeText } from './java-order.ts';
import { withAdmin } from './open-admin.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, LONG, valued } from './options/option.ts';
import { OptionError } from './options/option-parser.ts';
import { messageOf, tool } from './run-tool.ts';
import { topicFilter } from './topic-filter.ts';
import { Exit } from './exit.ts';

const RULE = '([^:,]*)(?::(?:([0-9]*)|(?:([0-9]*)-([0-9]*))))?';
const USAGE = 'An interactive shell for getting topic-partition offsets.';
const LARGEST_INT = 2_147_483_647;

const OPTIONS = {
  bootstrapServer: valued(
    'bootstrap-server',
    'REQUIRED. The server(s) to connect to in the form HOST1:PORT1,HOST2:PORT2.',
    { name: 'HOST1:PORT1,...,HOST3:PORT3' },
  ),
  topicPartitions: valued(
    'topic-partitions',
    `Comma separated list of topic-partition patterns to get the offsets for, with the format of '${RULE}'. The first group is an optional regex for the topic name, if omitted, it matches any topic name. The section after ':' describes a 'partition' pattern, which can be: a number, a range in the format of 'NUMBER-NUMBER' (lower inclusive, upper exclusive), an inclusive lower bound in the format of 'NUMBER-', an exclusive upper bound in the format of '-NUMBER' or may be omitted to accept all partitions.`,
    { name: 'topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3' },
  ),
  topic: valued(
    'topic',
    'The topic to get the offsets for. It also accepts a regular expression. If not present, all authorized topics are queried. Cannot be used if --topic-partitions is present.',
    { name: 'topic' },
  ),
  partitions: valued(
    'partitions',
    'Comma separated list of partition ids to get the offsets for. If not present, all partitions of the authorized topics are queried. Cannot be used if --topic-partitions is present.',
    { name: 'partition ids' },
  ),
  time: valued(
    'time',
    'timestamp of the offsets before that. [Note: No offset is returned, if the timestamp greater than recently committed record timestamp is given.]',
    {
      name: '<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload',
      defaults: ['latest'],
    },
  ),
  commandConfig: valued('command-config', 'Property file containing configs to be passed to Admin Client.', {
    name: 'config file',
  }),
  excludeInternalTopics: flag(
    'exclude-internal-topics',
    'By default, internal topics are included. If specified, internal topics are excluded.',
  ),
};

const SPECS: Readonly<Record<string, OffsetSpec>> = {
  latest: 'latest',
  '-1': 'latest',
  earliest: 'earliest',
  '-2': 'earliest',
  'max-timestamp': 'maxTimestamp',
  '-3': 'maxTimestamp',
  'earliest-local': 'earliestLocal',
  '-4': 'earliestLocal',
  'latest-tiered': 'latestTiered',
  '-5': 'latestTiered',
  'earliest-pending-upload': 'earliestPendingUpload',
  '-6': 'earliestPendingUpload',
};

type Filter = (topic: string, partition: number | undefined) => boolean;

export const getOffsets = tool(async (args, io) => {
  try {
    await run(args, io);
  } catch (error) {
    if (error instanceof Exit) throw error;
    complain(io, `Error occurred: ${messageOf(error)}`);
    const isTerse = error instanceof TerseError || error instanceof OptionError;
    if (!isTerse) complain(io, `${thrownText(error)}\n`);
    return 1;
  }
  return 0;
});

async function run(args: readonly string[], io: ToolIo): Promise<void> {
  const options = new CommandOptions(io, args, OPTIONS);
  if (options.isEmpty) options.usage(USAGE);
  options.maybePrintHelpOrVersion(USAGE);
  options.checkRequired(OPTIONS.bootstrapServer);
  const isByRule = options.has(OPTIONS.topicPartitions);
  if (isByRule && (options.has(OPTIONS.topic) || options.has(OPTIONS.partitions))) {
    throw new TerseError('--topic-partitions cannot be used with --topic or --partitions');
  }
  const spec = specOf(options.required(OPTIONS.time));
  const filter = isByRule
    ? ruleFilter(options.required(OPTIONS.topicPartitions))
    : plainFilter(options.valueOf(OPTIONS.topic), options.valueOf(OPTIONS.partitions) ?? '');
  const properties = { ...loadProperties(io, options.valueOf(OPTIONS.commandConfig)), 'client.id': 'GetOffsetShell' };
  const bootstrapServers = options.required(OPTIONS.bootstrapServer);
  await withAdmin(io, { bootstrapServers, properties }, async (admin) => {
    const places = await placesOf(admin, filter, options.has(OPTIONS.excludeInternalTopics));
    await tell(io, admin, places, spec);
  });
}

function specOf(text: string): OffsetSpec {
  const named = SPECS[text];
  if (named !== undefined) return named;
  const timestamp = LONG.convert(text);
  if (timestamp !== undefined) return SPECS[String(timestamp)] ?? { timestamp };
  throw new TerseError(
    `Malformed time argument ${text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp`,
  );
}

function plainFilter(topic: string | undefined, partitionIds: string): Filter {
  const topics = topicFilter(topic ?? '.*');
  const ids = partitionIds === '' ? [] : partitionIds.split(',');
  if (ids.some((id) => !/^[-+]?\d+$/.test(id))) {
    throw new TerseError(
      `--partitions expects a comma separated list of numeric partition ids, but received: ${partitionIds}`,
    );
  }
  const wanted = new Set(ids.map(Number));
  return (name, partition) =>
    topics.allows(name, false) && (partition === undefined || wanted.size === 0 || wanted.has(partition));
}

function ruleFilter(rules: string): Filter {
  const filters = rules.split(',').map(oneRule);
  return (topic, partition) => filters.some((allows) => allows(topic, partition));
}

function oneRule(rule: string): Filter {
  const found = new RegExp(`^(?:${RULE})$`).exec(rule);
  if (found === null) {
    const cause = `Invalid rule specification: ${rule}`;
    throw new JavaError('java.lang.RuntimeException', `org.apache.kafka.tools.TerseException: ${cause}`);
  }
  const [, topic = '', one = '', from = '', to = ''] = found;
  const topics = topicFilter(topic === '' ? '.*' : topic);
  const lowest = Number(one === '' ? from || 0 : one);
  const beyond = one === '' ? Number(to || LARGEST_INT) : lowest + 1;
  return (name, partition) =>
    topics.allows(name, false) && (partition === undefined || (partition >= lowest && partition < beyond));
}

async function placesOf(admin: Admin, filter: Filter, excludesInternal: boolean): Promise<Place[]> {
  const listed = await admin.listTopics({ includeInternal: !excludesInternal });
  const names = listed.map(({ name }) => name).filter((name) => filter(name, undefined));
  const described = allOf(await admin.describeTopics(names));
  const places = [...described.values()].flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => ({ topic: name, partition })),
  );
  const found = places.filter(({ topic, partition }) => filter(topic, partition));
  if (found.length === 0) throw new TerseError('Could not match any topic-partitions with the specified filters');
  return found;
}

async function tell(io: ToolIo, admin: Admin, places: readonly Place[], spec: OffsetSpec): Promise<void> {
  const found = await admin.listOffsets(places.map((place) => ({ ...place, spec })));
  const lines: [string, string][] = [];
  for (const { topic, partition, result } of found) {
    const text = placeText({ topic, partition });
    if (result instanceof ClientError) {
      const { className, message } = thrown(result);
      complain(io, `Skip getting offsets for topic-partition ${text} due to error: ${className}: ${message}`);
    } else if (result.offset >= 0) {
      lines.push([text, `${topic}:${partition}:${result.offset}`]);
    }
  }
  for (const [, line] of lines.sort(([a], [b]) => (a < b ? -1 : 1))) print(io, line);
}
